import Glibc

/// Ctrl-C and SIGTERM end a measurement in order: programs that it started are ended, and its directory goes.
enum Interruption {
    private nonisolated(unsafe) static var signalled: sig_atomic_t = 0

    static var isAsked: Bool { signalled != 0 }

    static func watch() {
        for number in [SIGINT, SIGTERM] { signal(number) { _ in Interruption.signalled = 1 } }
        signal(SIGPIPE, SIG_IGN)
    }

    /// Sleeps, and throws where somebody wants the end.
    static func pause(milliseconds: UInt32) throws(BenchFailure) {
        usleep(milliseconds * 1000)
        if isAsked { throw .interrupted }
    }
}
