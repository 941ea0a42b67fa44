import CSystem
import Glibc

/// Signals as values read on a loop, instead of handlers that interrupt it.
package enum Signal: Sendable {
    /// Drain and stop: SIGTERM, SIGINT.
    case stop
    /// Read the settings again: SIGHUP.
    case reload
    /// Let nothing pass any more: SIGUSR2, from whom.
    case kill(by: UInt32)

    /// Blocks these signals in the calling thread and every thread started later; call before any thread is made.
    package static func descriptor() throws(IOError) -> CInt {
        // A peer that is gone, and a file that may not grow (ulimit -f), are errors of a call and no end of the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let watched = [SIGTERM, SIGINT, SIGHUP, SIGUSR2]
        let fd = tg_signalfd(watched, CInt(watched.count))
        guard fd >= 0 else { throw .system("signalfd", -fd) }
        return fd
    }

    /// Waits for the next one.
    package static func next(from socket: Socket) async throws(IOError) -> Signal {
        while true {
            var info = [UInt8](repeating: 0, count: 128)
            let count = read(socket.fd, &info, info.count)
            if count == info.count {
                switch CInt(info[0]) {
                case SIGHUP: return .reload
                // ssi_uid, the fifth word of a signalfd_siginfo.
                case SIGUSR2: return .kill(by: info.withUnsafeBytes { $0.load(fromByteOffset: 16, as: UInt32.self) })
                default: return .stop
                }
            }
            guard errno == EAGAIN else { throw .system("read", errno) }
            socket.readiness.pointee &= ~Slot.readable
            try await socket.idle(by: .max)
        }
    }
}
