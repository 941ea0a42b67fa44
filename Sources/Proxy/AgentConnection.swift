import Calls
import Client
import Crypto
import JSON
import System
import Wire

/// One agent's connection: requests one after the other, or a tunnel to one name with requests inside.
///
/// Confined to its loop. Between two requests it soon has no task.
final class AgentConnection: @unchecked Sendable {
    let services: Services
    let dispatcher: Dispatcher
    let stream: Stream
    let connection: LiveConnection
    private let credentials: Credentials
    /// Whom a CONNECT was for, or an intercepted connection; nil before that is known.
    var tunnel: Exchange.Tunnel?
    /// Of an intercepted connection; nil where the agent speaks to a proxy.
    let way: InterceptedWay?
    /// The least that calls count for here.
    var floor: VerdictFloor?
    var loop: EventLoop { dispatcher.loop }
    /// When the last request was over, and how many came soon after the one before.
    private var pausedAt: Int64 = 0
    private var brisk = 0

    /// Between two requests.
    static let idleTime: Int64 = 300_000
    /// How much of that is waited in the task, where the next request begins without the making of another; only for an
    /// agent whose last requests came that soon, `briskPauses` times in a row.
    private static let attentiveTime: Int64 = 1_000
    private static let briskPauses = 2
    /// From a head's first byte to its last.
    static let headTime: Int64 = 30_000
    static let handshakeTime: Int64 = 10_000
    /// For an agent that is still sending what nobody reads, to take in its answer.
    static let lingerTime: Int64 = 3_000

    init(
        _ stream: Stream, _ connection: LiveConnection, services: Services, dispatcher: Dispatcher,
        way: InterceptedWay? = nil
    ) {
        self.way = way
        self.stream = stream
        self.connection = connection
        self.services = services
        self.dispatcher = dispatcher
        credentials = Credentials(services)
    }

    private enum Pause {
        /// Nothing has come for a while.
        case rests
        /// Nothing more will come, or be read.
        case ends
    }

    /// Serves what comes, until nothing does for a while; then again when something comes.
    func serve() async {
        switch await converse() {
        case .ends: end()
        case .rests:
            // Not from the last request on: an intercepted connection rests before its first one too, after its handshake.
            stream.socket.rest(by: loop.now + patience) { [self] isReady in
                loop.spawn { [self] in if isReady { await serve() } else { end() } }
            }
        }
    }

    /// Waits for the first bytes, then serves.
    ///
    /// - Parameter isLoop: whether the connection is the gate's own, led back to it. The gate writes nothing on one before
    ///   it knows it for its own, so it is known by the time bytes come.
    func begin(unless isLoop: () -> Bool) async {
        if let way { return await begin(way, unless: isLoop) }
        guard await stream.idle(by: loop.now + patience) == .ready else { return end() }
        guard isLoop() else { return await serve() }
        await refuse(.ownConnection)
        end()
    }

    func end() {
        stream.finish()
        connection.end()
    }

    private func converse() async -> Pause {
        while true {
            if brisk < AgentConnection.briskPauses, !stream.mayHaveMessage { return .rests }
            switch await stream.idle(by: loop.now + AgentConnection.attentiveTime) {
            case .ready: break
            case .timedOut: return .rests
            case .over: return .ends
            }
            brisk = loop.now - pausedAt < AgentConnection.attentiveTime ? brisk + 1 : 0
            guard await attend() else { return .ends }
            pausedAt = loop.now
        }
    }

    /// One request; false after the last.
    private func attend() async -> Bool {
        guard let head = await readHead(), !connection.isClosed else { return false }
        var bar = await bar(to: head)
        guard !connection.isClosed else { return false }
        if let way {
            if case .success(let request) = head, tunnel == nil {
                do throws(CallFailure) { try mean(way.authority(of: request), .http) } catch { bar = bar ?? error }
            }
        } else if case .success(let connect) = head, connect.method == "CONNECT", tunnel == nil, bar == nil {
            return await open(connect)
        }
        let exchange = exchange(consume head)
        exchange.bar = bar
        await CallPath(services: services, dispatcher: dispatcher).carry(exchange)
        guard exchange.isReusable, !connection.isClosed else {
            await stream.linger(by: loop.now + AgentConnection.lingerTime)
            return false
        }
        return true
    }

    /// A peer that has proved nothing has as long as a head may take.
    private var patience: Int64 {
        connection.session === services.sessions.unproven ? AgentConnection.headTime : AgentConnection.idleTime
    }

    /// What stands against a request before it is looked at: nobody knows whose it is, or it is one too many. One that
    /// comes a little too soon is kept until it is due, and nothing more is read meanwhile.
    private func bar(to head: Result<RequestHead, WireError>) async -> CallFailure? {
        var failure: CallFailure?
        if case .success(let request) = head {
            // Inside a tunnel there is no proxy to speak to: whose it is was settled when it was opened.
            if tunnel == nil, way == nil {
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
    private func readHead() async -> Result<RequestHead, WireError>? {
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

    /// False where there is no tunnel, and the agent knows it.
    private func open(_ connect: RequestHead) async -> Bool {
        let authority: Authority
        do throws(WireError) {
            authority = try TargetReader.tunnel(connect)
            // Bytes sent before the answer were meant for somebody, and nobody can tell for whom.
            guard stream.input.isEmpty else { throw .unexpectedBody }
        } catch {
            await refuse(error)
            return false
        }
        let established = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        guard (try? await stream.write(established, by: loop.now + Exchange.writeTime)) != nil,
            let first = try? await stream.socket.peek(by: loop.now + AgentConnection.headTime)
        else { return false }
        // A TLS record of type handshake; everything else must be HTTP as it is.
        guard first == 0x16 else {
            tunnel = Exchange.Tunnel(authority: authority, scheme: .http)
            return true
        }
        guard await secure(authority) else { return false }
        tunnel = Exchange.Tunnel(authority: authority, scheme: .https)
        if let name = stream.serverName, !authority.isNamed(name) {
            await refuse(.misdirected)
            return false
        }
        return true
    }

    /// - Parameter naming: finds the leaf where the client's hello says more of whom it means.
    func secure(_ authority: Authority, naming: LeafNaming? = nil) async -> Bool {
        do {
            let leaf = try services.authority.leaf(for: authority.host.string)
            let session = try services.serverTLS.accept(
                stream.socket.fd, readiness: stream.socket.readiness, as: leaf, naming: naming)
            try await stream.start(session, by: loop.now + AgentConnection.handshakeTime)
            return true
        } catch {
            services.log("the agent's TLS handshake for \(authority) failed: \(error)")
            return false
        }
    }

    private func refuse(_ error: WireError) async {
        await refuse(exchange(.failure(error)))
    }

    /// Ends the connection over what is no call, in a way that is recorded.
    func refuse(_ exchange: Exchange) async {
        await CallPath(services: services, dispatcher: dispatcher).carry(exchange)
        await stream.linger(by: loop.now + AgentConnection.lingerTime)
    }

    func exchange(_ head: consuming Result<RequestHead, WireError>) -> Exchange {
        let exchange = Exchange(
            head, on: stream, tunnel: tunnel, session: connection.session, credentials: credentials)
        exchange.floor = floor
        return exchange
    }
}

extension Authority {
    /// Whether a client hello's name is this host's.
    fileprivate func isNamed(_ name: String) -> Bool {
        let name = Text(name).asciiLowercased
        return name == host || name.string.hasSuffix(".") && Text(String(name.string.dropLast())) == host
    }
}
