import Client
import System
import Wire

/// Where agents' connections come in: each is counted, told whose it is, and served or turned away.
struct AgentDoor {
    let services: Services
    let dispatcher: Dispatcher
    /// Nil where the kernel does not say.
    let owners: SocketOwners?

    func admit(_ descriptor: CInt, from peer: SocketAddress?, _ place: ConnectionLimit.Place) async {
        guard let socket = try? Socket(owning: descriptor, on: dispatcher.loop) else { return }
        socket.sendAtOnce()
        let stream = Stream(socket, pool: dispatcher.connector.buffers)
        let owner = owners?.account(of: descriptor)
        let account = owner.flatMap { services.agents.admits(account: $0) ? $0 : nil }
        let connection = LiveConnection(socket, of: account, in: services.sessions.unproven, place)
        do throws(CallFailure) {
            try services.admission.begin(connection)
        } catch {
            await turnAway(stream, connection, error)
            return connection.end()
        }
        let agent = AgentConnection(stream, connection, services: services, dispatcher: dispatcher)
        let own = dispatcher.connector.own
        // A task of its own, which does not carry the memory of this one along.
        dispatcher.loop.spawn { await agent.begin { own.hasLoop(from: peer, madeBy: owner) } }
    }

    /// Tells a connection that is one too many, before it has said anything: a call that is not read is none to record.
    private func turnAway(_ stream: Stream, _ connection: LiveConnection, _ failure: CallFailure) async {
        guard services.sessions.beginFarewell() else { return }
        defer { services.sessions.endFarewell() }
        let exchange = Exchange(
            .failure(.malformedStartLine), on: stream, tunnel: nil, session: connection.session,
            credentials: Credentials(services))
        await exchange.refuse(Refusal(failure))
        await stream.linger(by: dispatcher.loop.now + AgentConnection.lingerTime)
    }
}
