import Glibc

/// The listening socket that a service manager opened for this process (sd_listen_fds(3)).
package enum ServiceSocket {
    /// Where sockets that are handed over begin.
    private static let first: CInt = 3

    /// The one that was handed over, which is the caller's from now on; nil where there is none. Before any thread is
    /// made: the variables go, so that no child takes the socket for its own.
    ///
    /// - Parameter path: where its file has to be: another one is a mistake in a unit, and not served.
    package static func take(at path: String) throws(IOError) -> Listener? {
        defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) } }
        guard number("LISTEN_PID") == getpid(), let count = number("LISTEN_FDS"), count > 0 else { return nil }
        guard count == 1 else { throw .system("take over \(count) sockets where one is served", EINVAL) }
        return try Listener(takingOver: first, at: path)
    }

    private static func number(_ name: String) -> Int32? {
        getenv(name).flatMap { Int32(String(cString: $0)) }
    }
}
