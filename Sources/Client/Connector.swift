package import Calls
package import Crypto
import Glibc
import JSON
package import System

/// One loop's way to upstreams: names, addresses, TLS, and the connections that are kept for the next call.
package final class Connector {
    private let loop: EventLoop
    package let settings: UpstreamSettings
    private let resolver: Resolver
    private let tls: TLSClientContext
    package let buffers: BufferPool
    private var idle: [Key: [Connection]] = [:]
    private var idleCount = 0

    fileprivate struct Key: Hashable {
        let scheme: Scheme
        let authority: Authority
    }

    /// One connection to one upstream, used by one call at a time.
    package final class Connection {
        package let stream: Stream
        fileprivate let key: Key
        fileprivate var idleSince: Int64 = 0

        fileprivate init(_ stream: Stream, _ key: Key) {
            self.stream = stream
            self.key = key
        }
    }

    package init(
        loop: EventLoop, settings: UpstreamSettings, resolver: Resolver, tls: TLSClientContext, buffers: BufferPool
    ) {
        self.loop = loop
        self.settings = settings
        self.resolver = resolver
        self.tls = tls
        self.buffers = buffers
    }

    /// A connection on which the next byte written is a request's first.
    ///
    /// - Parameter isFresh: makes a new one. A kept connection may be closed by the upstream at the very moment it is used,
    ///   and nobody can tell then whether the call was carried out.
    package func connection(to target: Target, isFresh: Bool = false) async throws(UpstreamFailure) -> Connection {
        let key = Key(scheme: target.scheme, authority: target.authority)
        while !isFresh, let kept = take(key) {
            if kept.stream.isQuiet { return kept }
        }
        return try await connect(key)
    }

    private func take(_ key: Key) -> Connection? {
        guard var list = idle[key], let last = list.popLast() else { return nil }
        idle[key] = list.isEmpty ? nil : list
        idleCount -= 1
        return last
    }

    /// Keeps a connection whose last answer was read whole.
    package func keep(_ connection: Connection) {
        let list = idle[connection.key] ?? []
        guard list.count < settings.idlePerAuthority, idleCount < settings.idleTotal, !loop.isStopping,
            connection.stream.input.isEmpty
        else { return }
        connection.stream.input.release(to: buffers)
        connection.idleSince = loop.now
        idle[connection.key] = list + CollectionOfOne(connection)
        idleCount += 1
        if idleCount == 1 { scheduleSweep() }
    }

    private func scheduleSweep() {
        loop.timer(at: loop.now + 5_000) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        let oldest = loop.now - settings.idleTime
        for (key, list) in idle {
            let good = list.filter { $0.idleSince >= oldest && !$0.stream.socket.hasHungUp }
            guard good.count < list.count else { continue }
            idle[key] = good.isEmpty ? nil : good
            idleCount -= list.count - good.count
        }
        if idleCount > 0 { scheduleSweep() }
    }

    /// Closes what is kept, for a gate that stops.
    package func closeIdle() {
        idle.removeAll()
        idleCount = 0
    }

    // MARK: Connecting

    private func connect(_ key: Key) async throws(UpstreamFailure) -> Connection {
        let name = key.authority.description
        var last: (any Error)?
        let addresses = try await addresses(of: key.authority)
        // Whoever answers for the name decides how many there are.
        let deadline = loop.now + settings.connectTime
        // One address that is silent leaves time for the next.
        let each = addresses.count > 1 ? settings.connectTime / 4 : settings.connectTime
        for address in addresses where last == nil || loop.now < deadline {
            guard !isOwn(address) else { throw .loop(name) }
            do throws(IOError) {
                let socket = try await Socket.connect(to: address, on: loop, by: min(deadline, loop.now + each))
                let stream = Stream(socket, pool: buffers)
                if key.scheme == .https { try await secure(stream, key.authority) }
                return Connection(stream, key)
            } catch {
                switch error {
                case .tls(let reason): throw .untrusted(name, reason: reason)
                case .system, .timedOut, .interrupted, .truncated: last = error
                }
            }
        }
        throw .unreachable(name, reason: last as? IOError ?? .timedOut)
    }

    private func secure(_ stream: Stream, _ authority: Authority) async throws(IOError) {
        let session: TLSSession
        do throws(CryptoFailure) {
            session = try tls.connect(stream.socket.fd, readiness: stream.socket.readiness, to: authority)
        } catch {
            throw .tls(error.description)
        }
        try await stream.start(session, by: loop.now + settings.handshakeTime)
    }

    private func addresses(of authority: Authority) async throws(UpstreamFailure) -> [SocketAddress] {
        let host = authority.host.string
        if let override = settings.resolve.first(where: { $0.covers(host) }) {
            return [.ip(override.address, port: override.port ?? authority.port)]
        }
        let found: [IPAddress]
        if let literal = IPAddress(host) {
            found = [literal]
        } else {
            do throws(IOError) {
                found = try await resolver.addresses(of: host)
            } catch {
                throw .unresolved(host: host, reason: error.description)
            }
        }
        // One forbidden address among public ones is how a name is rebound: the whole answer is refused.
        for address in found {
            guard let kind = address.restriction, !settings.allow.contains(where: { $0.contains(address) }) else {
                continue
            }
            throw .forbidden(host: host, address: address.description, kind: kind)
        }
        return found.map { .ip($0, port: authority.port) }
    }

    /// A listener on all addresses is behind each of this machine's, which are among those that are not public.
    private func isOwn(_ address: SocketAddress) -> Bool {
        settings.own.contains { own in
            guard case .ip(let listening, let port) = own, case .ip(let asked, port) = address else { return false }
            return listening == asked || listening.isUnspecified && asked.restriction != nil
        }
    }
}

@available(*, unavailable)
extension Connector: Sendable {}
