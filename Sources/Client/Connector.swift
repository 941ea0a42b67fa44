package import Calls
package import Crypto
import Glibc
import JSON
package import System

/// One loop's way to upstreams: the connections that are kept for the next call, and new ones.
package final class Connector {
    let loop: EventLoop
    package let settings: UpstreamSettings
    let resolver: Resolver
    private let tls: TLSClientContext
    package let buffers: BufferPool
    /// Shared by all loops.
    package let own: OwnConnections
    private var shelves: [Key: Shelf] = [:]
    private var idleCount = 0
    var troubled = TroubledAddresses()

    /// What two calls must have in common to share a connection. The way there (straight or by the proxy) and the
    /// certificate that the gate shows follow from these two, and never change while a connector lives.
    struct Key: Hashable {
        let scheme: Scheme
        let authority: Authority

        /// The host tells nearly all apart: hashing the scheme's name for each call is of no use.
        func hash(into hasher: inout Hasher) { authority.host.hash(into: &hasher) }
    }

    /// The kept connections of one upstream. Each of them knows its own, so that it is put back without a search.
    fileprivate final class Shelf {
        var idle: [Connection] = []
        /// No call can find it any more once the sweep has taken it away.
        var isListed = true
    }

    /// One connection to one upstream, used by one call at a time.
    package final class Connection {
        package let stream: Stream
        /// The proxy that reads the requests on it; nil where the upstream does, straight or through a tunnel.
        package let reader: UpstreamProxy?
        fileprivate let key: Key
        fileprivate var idleSince: Int64 = 0
        fileprivate var shelf: Shelf?
        private let own: OwnConnections
        private let localAddress: SocketAddress?

        init(_ stream: Stream, _ key: Key, readBy proxy: UpstreamProxy?, _ own: OwnConnections) {
            self.stream = stream
            self.key = key
            self.own = own
            reader = proxy
            localAddress = stream.socket.localAddress
            if let localAddress { own.add(localAddress) }
        }

        deinit {
            if let localAddress { own.remove(localAddress) }
        }
    }

    package init(
        loop: EventLoop, settings: UpstreamSettings, resolver: Resolver, tls: TLSClientContext, buffers: BufferPool,
        own: OwnConnections
    ) {
        self.loop = loop
        self.settings = settings
        self.resolver = resolver
        self.tls = tls
        self.buffers = buffers
        self.own = own
    }

    /// A connection on which the next byte written is a request's first.
    ///
    /// - Parameter isFresh: makes a new one. A kept connection may be closed by the upstream at the very moment it is used,
    ///   and nobody can tell then whether the call was carried out.
    package func connection(to target: Target, isFresh: Bool = false) async throws(UpstreamFailure) -> Connection {
        let key = Key(scheme: target.scheme, authority: target.authority)
        while !isFresh, let kept = take(key) {
            let age = loop.now - kept.idleSince
            guard age < settings.idleTime else { continue }
            // One that has rested may have been closed since the loop last looked.
            if age >= Connector.rest { kept.stream.socket.look() }
            if kept.stream.isQuiet { return kept }
        }
        return try await connect(key)
    }

    /// After this long the kernel is asked once more whether a kept connection is still there.
    static let rest: Int64 = 1_000

    private func take(_ key: Key) -> Connection? {
        guard let last = shelves[key]?.idle.popLast() else { return nil }
        idleCount -= 1
        return last
    }

    /// Keeps a connection whose last answer was read whole.
    package func keep(_ connection: Connection) {
        guard idleCount < settings.idleTotal, !loop.isStopping, connection.stream.input.isEmpty else { return }
        let shelf = shelf(of: connection)
        guard shelf.idle.count < settings.idlePerAuthority else { return }
        connection.stream.input.release(to: buffers)
        connection.idleSince = loop.now
        shelf.idle.append(connection)
        idleCount += 1
        if !isSweeping { scheduleSweep() }
    }

    private func shelf(of connection: Connection) -> Shelf {
        if let shelf = connection.shelf, shelf.isListed { return shelf }
        let shelf = shelves[connection.key] ?? Shelf()
        shelves[connection.key] = shelf
        connection.shelf = shelf
        return shelf
    }

    /// Whether the next sweep has its timer; there is never a second one.
    private var isSweeping = false

    private func scheduleSweep() {
        isSweeping = true
        loop.timer(at: loop.now + 5_000) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        let oldest = loop.now - settings.idleTime
        for (key, shelf) in shelves {
            let count = shelf.idle.count
            shelf.idle.removeAll { $0.idleSince < oldest || $0.stream.socket.hasHungUp }
            idleCount -= count - shelf.idle.count
            if shelf.idle.isEmpty {
                shelf.isListed = false
                shelves[key] = nil
            }
        }
        isSweeping = false
        if idleCount > 0 { scheduleSweep() }
    }

    /// Closes what is kept, for a gate that stops.
    package func closeIdle() {
        for shelf in shelves.values {
            shelf.idle.removeAll()
            shelf.isListed = false
        }
        shelves.removeAll()
        idleCount = 0
    }

    // MARK: Connecting

    private func connect(_ key: Key) async throws(UpstreamFailure) -> Connection {
        let name = key.authority.description
        let way = try await way(to: key)
        let deadline = loop.now + settings.connectTime
        let race = ConnectRace(troubled.last(way.addresses, at: loop.now), on: loop)
        defer { troubled.note(race.losers, at: loop.now) }
        while true {
            let (address, socket): (SocketAddress, Socket)
            do throws(IOError) {
                (address, socket) = try await race.next(by: deadline)
            } catch {
                let asked = way.proxy.map { "the proxy \($0.description)" } ?? name
                throw error == .timedOut ? .timedOut(asked, .connect) : .unreachable(asked, reason: error)
            }
            let proxy = way.proxy
            let isTunnel = proxy != nil && key.scheme == .https
            let connection = Connection(Stream(socket, pool: buffers), key, readBy: isTunnel ? nil : proxy, own)
            if isTunnel, let proxy {
                try await openTunnel(on: connection.stream, to: key.authority, by: proxy, deadline)
            }
            do throws(IOError) {
                if key.scheme == .https { try await secure(connection.stream, key.authority) }
                return connection
            } catch {
                switch error {
                case .tls(let reason): throw .untrusted(name, reason: reason)
                case .timedOut where race.isOver: throw .timedOut(name, .handshake)
                case .system, .timedOut, .interrupted, .truncated:
                    troubled.note([address], at: loop.now)
                    if race.isOver { throw .unreachable(name, reason: error) }
                }
            }
        }
    }

    private func secure(_ stream: Stream, _ authority: Authority) async throws(IOError) {
        let session: TLSSession
        let host = authority.host.string
        let context = settings.identities.first { $0.hosts.covers(host) }?.context ?? tls
        do throws(CryptoFailure) {
            session = try context.connect(stream.socket.fd, readiness: stream.socket.readiness, to: authority)
        } catch {
            throw .tls(error.description)
        }
        try await stream.start(session, by: loop.now + settings.handshakeTime)
    }
}

@available(*, unavailable)
extension Connector: Sendable {}
