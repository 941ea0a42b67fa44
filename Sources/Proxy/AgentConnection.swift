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
        let session = services.session(of: peer)
        // The gate writes nothing on a connection before it knows it for its own, so it is known by the time bytes come.
        if await stream.idle(by: loop.now + AgentConnection.idleTime) {
            if let peer, dispatcher.connector.own.contains(peer) {
                return await refuse(.ownConnection, on: stream, in: nil, session)
            }
            await converse(on: stream, in: nil, session)
        }
        stream.finish()
    }

    private func converse(on stream: Stream, in tunnel: Exchange.Tunnel?, _ session: SessionID) async {
        while await stream.idle(by: loop.now + AgentConnection.idleTime) {
            guard let head = await readHead(from: stream) else { return }
            if case .success(let connect) = head, connect.method == "CONNECT", tunnel == nil {
                return await open(connect, on: stream, session)
            }
            let exchange = Exchange(head, on: stream, tunnel: tunnel, session: session)
            await CallPath(services: services, dispatcher: dispatcher).carry(exchange)
            guard exchange.isReusable else { return await stream.linger(by: loop.now + AgentConnection.lingerTime) }
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

    private func open(_ connect: RequestHead, on stream: Stream, _ session: SessionID) async {
        let authority: Authority
        do throws(WireError) {
            authority = try TargetReader.tunnel(connect)
            // Bytes sent before the answer were meant for somebody, and nobody can tell for whom.
            guard stream.input.isEmpty else { throw .unexpectedBody }
        } catch {
            return await refuse(error, on: stream, in: nil, session)
        }
        let established = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        guard (try? await stream.write(established, by: loop.now + Exchange.writeTime)) != nil,
            let first = try? await stream.socket.peek(by: loop.now + AgentConnection.headTime)
        else { return }
        // A TLS record of type handshake; everything else must be HTTP as it is.
        guard first == 0x16 else {
            return await converse(on: stream, in: Exchange.Tunnel(authority: authority, scheme: .http), session)
        }
        guard await secure(stream, authority) else { return }
        let tunnel = Exchange.Tunnel(authority: authority, scheme: .https)
        if let name = stream.serverName, !authority.isNamed(name) {
            return await refuse(.misdirected, on: stream, in: tunnel, session)
        }
        await converse(on: stream, in: tunnel, session)
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
        _ error: WireError, on stream: Stream, in tunnel: Exchange.Tunnel?, _ session: SessionID
    ) async {
        let exchange = Exchange(.failure(error), on: stream, tunnel: tunnel, session: session)
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
