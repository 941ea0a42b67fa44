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

    /// A connection that was going elsewhere.
    func admit(
        _ descriptor: CInt, from peer: SocketAddress?, _ place: ConnectionLimit.Place, by interception: Interception
    ) async {
        guard let socket = try? Socket(owning: descriptor, on: dispatcher.loop) else { return }
        socket.sendAtOnce()
        let stream = Stream(socket, pool: dispatcher.connector.buffers)
        let destination = interception.destination(of: socket)
        let maker = interception.isShared ? owners?.owner(of: descriptor, connectedTo: destination) : nil
        let connection = LiveConnection(socket, of: maker?.account, in: services.sessions.unproven, place)
        do throws(CallFailure) {
            guard let owner = interception.owner(maker, from: peer) else { throw .unproven(.noToken) }
            try services.sessions.move(connection, to: owner.session, account: owner.account)
            guard case .ip(let address, let port)? = destination else {
                throw .unspoken(.own(socket.localAddress?.description ?? "one of its listeners"))
            }
            let way = InterceptedWay(
                to: address, port: port, meaning: interception.name(of: address), search: interception.search)
            let agent = AgentConnection(stream, connection, services: services, dispatcher: dispatcher, way: way)
            let own = dispatcher.connector.own
            dispatcher.loop.spawn {
                await agent.begin {
                    interception.isShared && own.hasRedirectedLoop(from: peer, madeBy: maker?.account)
                }
            }
        } catch {
            await close(stream, connection, error)
            connection.end()
        }
    }

    /// Ends a connection that carries no call, and records why, as often as its session may make calls.
    private func close(_ stream: Stream, _ connection: LiveConnection, _ failure: CallFailure) async {
        guard case .now = connection.session.turn(at: dispatcher.loop.now) else { return }
        let exchange = Exchange(
            .failure(.malformedStartLine), on: stream, tunnel: nil, session: connection.session,
            credentials: Credentials(services))
        exchange.bar = failure
        exchange.isMute = true
        await CallPath(services: services, dispatcher: dispatcher).carry(exchange)
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
