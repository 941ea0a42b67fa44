import Glibc
import Synchronization

/// Tells when something appears in a directory: made there, or moved to it (inotify).
package final class DirectoryWatch: Sendable {
    /// Taken by the one loop that is told.
    private let fd: Mutex<CInt?>

    /// Watches from now on: what appears before `serve` is not missed.
    package init(_ path: String) throws(IOError) {
        let descriptor = FileDescriptor(owning: inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC)))
        guard descriptor.raw >= 0 else { throw .system("inotify_init1 (fs.inotify.max_user_instances)", errno) }
        let mask = UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_ONLYDIR)
        guard inotify_add_watch(descriptor.raw, path, mask) >= 0 else { throw .system("watch \(path)", errno) }
        fd = Mutex(descriptor.release())
    }

    deinit {
        if let raw = fd.withLock({ $0 }) { close(raw) }
    }

    /// Calls `appeared` whenever something came, until the loop drains. What it was has to be looked for: the kernel drops
    /// names when there are too many.
    package func serve(on loop: EventLoop, _ appeared: () -> Void) async throws(IOError) {
        let taken = fd.withLock { fd in
            defer { fd = nil }
            return fd
        }
        guard let taken else { throw .system("watch", EBADF) }
        let socket = try Socket(owning: taken, on: loop)
        var events = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            if read(socket.fd, &events, events.count) > 0 {
                appeared()
                continue
            }
            guard errno == EAGAIN else { throw .system("read", errno) }
            socket.readiness.pointee &= ~Slot.readable
            do throws(IOError) {
                try await socket.idle(by: .max)
            } catch {
                switch error {
                case .interrupted: return
                case .system, .timedOut, .tls, .truncated: throw error
                }
            }
        }
    }
}
