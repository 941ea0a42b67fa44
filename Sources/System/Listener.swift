import CSystem
import Glibc
import Synchronization

/// A listening socket. Each loop has its own on the same port (SO_REUSEPORT): the kernel spreads connections.
package final class Listener: Sendable {
    package let address: SocketAddress
    /// Taken by the one loop that accepts.
    private let fd: Mutex<CInt?>
    /// What that loop accepts from, as long as it does.
    private let accepting = Mutex<CInt?>(nil)

    /// How many connections the kernel keeps for us to accept.
    package static let backlog: CInt = 4096

    /// Until it is tried again to accept where there was no room.
    private static let pause: Int64 = 50

    /// - Parameters:
    ///   - mode: permissions of a Unix socket's file; until they are set nobody but its owner can connect.
    ///   - group: the file's group; nil leaves the process's.
    ///   - isTransparent: takes connections to any address that the kernel leads here (TPROXY).
    package init(
        _ address: SocketAddress, mode: UInt32 = 0o600, group: UInt32? = nil, isTransparent: Bool = false
    ) throws(IOError) {
        let raw = try Listener.bound(to: address, mode: mode, group: group, isTransparent)
        fd = Mutex(raw)
        self.address = Listener.actual(address, raw)
    }

    /// Takes over a socket that listens already, made elsewhere (another network namespace).
    package init(adopting descriptor: CInt) throws(IOError) {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            let address = SocketAddress(ofSocket: descriptor)
        else {
            let code = errno
            close(descriptor)
            throw .system("adopt", code)
        }
        fd = Mutex(descriptor)
        self.address = address
    }

    /// Takes no more connections, from any thread; those that there are go on.
    package func end() {
        if let raw = fd.withLock({ fd in
            defer { fd = nil }
            return fd
        }) {
            close(raw)
        }
        // Its loop sees a socket that has been shut, and closes it.
        accepting.withLock { raw in if let raw { shutdown(raw, CInt(SHUT_RDWR)) } }
    }

    /// A Unix socket that somebody else opened, and whose file is theirs: it is used as it is.
    init(takingOver descriptor: CInt, at path: String) throws(IOError) {
        let owned = FileDescriptor(owning: descriptor)
        var isListening: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(owned.raw, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size)
        guard isListening == 1, Self.unixPath(owned.raw) == path else {
            throw .system("take over a socket that does not listen at \(path)", EINVAL)
        }
        guard fcntl(owned.raw, F_SETFL, fcntl(owned.raw, F_GETFL) | O_NONBLOCK) == 0,
            fcntl(owned.raw, F_SETFD, FD_CLOEXEC) == 0
        else { throw .system("take over a socket", errno) }
        address = .unix(path: path)
        fd = Mutex(owned.release())
    }

    private static func unixPath(_ descriptor: CInt) -> String? {
        var name = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let failed = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard failed == 0, CInt(name.ss_family) == AF_UNIX else { return nil }
        return withUnsafeBytes(of: &name) {
            String(decoding: $0.prefix(Int(length)).dropFirst(2).prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    deinit {
        if let raw = fd.withLock({ $0 }) { close(raw) }
    }

    private static func bound(
        to address: SocketAddress, mode: UInt32, group: UInt32?, _ isTransparent: Bool
    ) throws(IOError) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = FileDescriptor(owning: socket(address.family, type, 0))
        guard descriptor.raw >= 0 else { throw .system("socket", errno) }
        var one: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        switch address {
        case .ip:
            setsockopt(descriptor.raw, SOL_SOCKET, SO_REUSEADDR, &one, size)
            setsockopt(descriptor.raw, SOL_SOCKET, SO_REUSEPORT, &one, size)
        case .unix(let path):
            unlink(path)
        }
        if isTransparent {
            let failed = tg_transparent(descriptor.raw, address.family)
            guard failed == 0 else { throw .system("IP_TRANSPARENT", -failed) }
        }
        // The file that bind makes of a Unix socket has the socket's own mode (unix(7)): nobody else can connect before
        // the group and the mode below are set. A narrowed umask would do it too, for every other thread as well.
        if case .unix = address { fchmod(descriptor.raw, 0o600) }
        let failed = address.withKernelForm { bind(descriptor.raw, $0, $1) == 0 ? 0 : errno } ?? ENAMETOOLONG
        guard failed == 0 else { throw .system("bind \(address)", failed) }
        if case .unix(let path) = address {
            if let group, chown(path, geteuid(), group) != 0 { throw .system("chown \(path)", errno) }
            guard chmod(path, mode) == 0 else { throw .system("chmod \(path)", errno) }
        }
        guard listen(descriptor.raw, Listener.backlog) == 0 else { throw .system("listen \(address)", errno) }
        return descriptor.release()
    }

    /// The address with the port that the kernel chose, where it was asked to choose one.
    private static func actual(_ address: SocketAddress, _ raw: CInt) -> SocketAddress {
        guard case .ip(_, port: 0) = address else { return address }
        return SocketAddress(ofSocket: raw) ?? address
    }

    /// Accepts until the loop drains; each connection is a task of its own.
    ///
    /// - Parameters:
    ///   - limit: connections at a time, over all listeners that share it; further ones stay in the kernel's queue, so
    ///     that descriptors are left for others.
    ///   - connection: called on the loop with the accepted descriptor, which it owns, the peer, and its place among
    ///     those that may be open, which it has as long as it keeps it.
    package func accept(
        on loop: EventLoop, limit: ConnectionLimit = ConnectionLimit(.max),
        _ connection: @escaping @Sendable (CInt, SocketAddress?, ConnectionLimit.Place) async -> Void
    ) async throws(IOError) {
        let taken = fd.withLock { fd in
            defer { fd = nil }
            return fd
        }
        guard let taken else { throw .system("accept", EBADF) }
        let listening = try Socket(owning: taken, on: loop)
        accepting.withLock { $0 = taken }
        defer { accepting.withLock { $0 = nil } }
        while true {
            do throws(IOError) {
                try await listening.idle(by: .max)
            } catch {
                switch error {
                case .interrupted: return
                case .system, .timedOut, .tls, .truncated: throw error
                }
            }
            while true {
                guard !limit.isReached else {
                    await loop.sleep(milliseconds: Listener.pause)
                    if loop.isStopping { return }
                    continue
                }
                var peer = sockaddr_storage()
                var length = UInt32(MemoryLayout<sockaddr_storage>.size)
                let fd = tg_accept(listening.fd, &peer, &length)
                if fd >= 0 {
                    let address = SocketAddress(peer)
                    let place = limit.enter()
                    loop.spawn { await connection(fd, address, place) }
                    continue
                }
                switch -fd {
                case EAGAIN: listening.clearReadable()
                case ECONNABORTED, EINTR, EPROTO: continue
                case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                    // Out of descriptors: those that wait stay in the backlog until others have closed.
                    await loop.sleep(milliseconds: Listener.pause)
                    if loop.isStopping { return }
                    continue
                // Shut by `end`.
                case EINVAL: return
                default: throw .system("accept", -fd)
                }
                break
            }
        }
    }
}

extension Socket {
    fileprivate func clearReadable() { readiness.pointee &= ~Slot.readable }
}
