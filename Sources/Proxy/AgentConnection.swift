import Calls
import Client
import Crypto
import JSON
import System
import Wire

/// One agent's connection: requests one after the other, or a tunnel to one name with requests inside.
struct AgentConnection {
    let services: Services
    let dispatcher: Dispatcher
    let loop: EventLoop
    /// Nil where the kernel does not say.
    let owners: SocketOwners?

    /// Between two requests.
    static let idleTime: Int64 = 300_000
    /// From a head's first byte to its last.
    static let headTime: Int64 = 30_000
    static let handshakeTime: Int64 = 10_000
    /// For an agent that is still sending what nobody reads, to take in its answer.
    static let lingerTime: Int64 = 3_000

    func serve(_ descriptor: CInt, from peer: SocketAddress?) async {
        guard let socket = try? Socket(owning: descriptor, on: loop) else { return }
        socket.sendAtOnce()
        let stream = Stream(socket, pool: dispatcher.connector.buffers)
        let owner = owners?.account(of: descriptor)
        let account = owner.flatMap { services.agents.admits(account: $0) ? $0 : nil }
        let connection = LiveConnection(socket, of: account, in: services.sessions.unproven)
        defer { connection.end() }
        do throws(CallFailure) {
            try services.admission.begin(connection)
        } catch {
            return await turnAway(stream, connection, error)
        }
        // The gate writes nothing on a connection before it knows it for its own, so it is known by the time bytes come.
        if await stream.idle(by: loop.now + patience(with: connection)) {
            if dispatcher.connector.own.hasLoop(from: peer, madeBy: owner) {
                return await refuse(.ownConnection, on: stream, in: nil, connection)
            }
            await converse(on: stream, in: nil, connection)
        }
        stream.finish()
    }

    /// Tells a connection that is one too many, before it has said anything: a call that is not read is none to record.
    private func turnAway(_ stream: Stream, _ connection: LiveConnection, _ failure: CallFailure) async {
        guard services.sessions.beginFarewell() else { return }
        defer { services.sessions.endFarewell() }
        let exchange = Exchange(.failure(.malformedStartLine), on: stream, tunnel: nil, session: connection.session)
        await exchange.refuse(Refusal(failure))
        await stream.linger(by: loop.now + AgentConnection.lingerTime)
    }

    private func converse(on stream: Stream, in tunnel: Exchange.Tunnel?, _ connection: LiveConnection) async {
        while await stream.idle(by: loop.now + patience(with: connection)) {
            guard let head = await readHead(from: stream), !connection.isClosed else { return }
            let bar = await bar(to: head, tunnel, connection)
            guard !connection.isClosed else { return }
            if case .success(let connect) = head, connect.method == "CONNECT", tunnel == nil, bar == nil {
                return await open(connect, on: stream, connection)
            }
            let exchange = Exchange(head, on: stream, tunnel: tunnel, session: connection.session)
            exchange.bar = bar
            await CallPath(services: services, dispatcher: dispatcher).carry(exchange)
            guard exchange.isReusable, !connection.isClosed else {
                return await stream.linger(by: loop.now + AgentConnection.lingerTime)
            }
        }
    }

    /// A peer that has proved nothing has as long as a head may take.
    private func patience(with connection: LiveConnection) -> Int64 {
        connection.session === services.sessions.unproven ? AgentConnection.headTime : AgentConnection.idleTime
    }

    /// What stands against a request before it is looked at: nobody knows whose it is, or it is one too many. One that
    /// comes a little too soon is kept until it is due, and nothing more is read meanwhile.
    private func bar(
        to head: Result<RequestHead, WireError>, _ tunnel: Exchange.Tunnel?, _ connection: LiveConnection
    ) async -> CallFailure? {
        var failure: CallFailure?
        if case .success(let request) = head {
            // Inside a tunnel there is no proxy to speak to: whose it is was settled when it was opened.
            if tunnel == nil {
                do throws(CallFailure) { try services.admission.prove(request, connection) } catch { failure = error }
            }
            connection.note(request)
            if request.method == "CONNECT", failure == nil { return nil }
        }
        switch connection.session.turn(at: loop.now) {
        case .now: return failure
        case .after(let delay):
            await loop.sleep(milliseconds: delay)
            return failure
        case .refused(let delay):
            guard let rate = services.settings.session.rate, connection.session !== services.sessions.unproven else {
                // Whoever has proved nothing does not fill the journal.
                connection.giveUp()
                return failure
            }
            return failure ?? .overLimit(.rate(rate), retryAfter: Int((delay + 999) / 1000))
        }
    }

    /// The next head, or why it has no reading; nil where the connection ended before there was one.
    private func readHead(from stream: Stream) async -> Result<RequestHead, WireError>? {
        let deadline = loop.now + services.settings.headTime
        while true {
            do throws(WireError) {
                let parsed = try stream.input.read { span throws(WireError) in try RequestHead.parse(span) }
                if let (head, consumed) = parsed {
                    stream.input.consume(consumed)
                    return .success(head)
                }
            } catch {
                return .failure(error)
            }
            guard let count = try? await stream.fill(by: deadline), count > 0 else { return nil }
        }
    }

    // MARK: Tunnels

    private func open(_ connect: RequestHead, on stream: Stream, _ connection: LiveConnection) async {
        let authority: Authority
        do throws(WireError) {
            authority = try TargetReader.tunnel(connect)
            // Bytes sent before the answer were meant for somebody, and nobody can tell for whom.
            guard stream.input.isEmpty else { throw .unexpectedBody }
        } catch {
            return await refuse(error, on: stream, in: nil, connection)
        }
        let established = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        guard (try? await stream.write(established, by: loop.now + Exchange.writeTime)) != nil,
            let first = try? await stream.socket.peek(by: loop.now + AgentConnection.headTime)
        else { return }
        // A TLS record of type handshake; everything else must be HTTP as it is.
        guard first == 0x16 else {
            return await converse(on: stream, in: Exchange.Tunnel(authority: authority, scheme: .http), connection)
        }
        guard await secure(stream, authority) else { return }
        let tunnel = Exchange.Tunnel(authority: authority, scheme: .https)
        if let name = stream.serverName, !authority.isNamed(name) {
            return await refuse(.misdirected, on: stream, in: tunnel, connection)
        }
        await converse(on: stream, in: tunnel, connection)
    }

    private func secure(_ stream: Stream, _ authority: Authority) async -> Bool {
        do {
            let leaf = try services.authority.leaf(for: authority.host.string)
            let session = try services.serverTLS.accept(
                stream.socket.fd, readiness: stream.socket.readiness, as: leaf)
            try await stream.start(session, by: loop.now + AgentConnection.handshakeTime)
            return true
        } catch {
            services.log("the agent's TLS handshake for \(authority) failed: \(error)")
            return false
        }
    }

    private func refuse(
        _ error: WireError, on stream: Stream, in tunnel: Exchange.Tunnel?, _ connection: LiveConnection
    ) async {
        let exchange = Exchange(.failure(error), on: stream, tunnel: tunnel, session: connection.session)
        await CallPath(services: services, dispatcher: dispatcher).carry(exchange)
        await stream.linger(by: loop.now + AgentConnection.lingerTime)
    }
}

extension Authority {
    /// Whether a client hello's name is this host's.
    fileprivate func isNamed(_ name: String) -> Bool {
        let name = Text(name).asciiLowercased
        return name == host || name.string.hasSuffix(".") && Text(String(name.string.dropLast())) == host
    }
}
