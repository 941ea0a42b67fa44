import Glibc
import System

/// Answers each connection with one byte, and closes it.
final class JailServer: Sendable {
    private let stop: (read: CInt, write: CInt)

    /// - Parameters:
    ///   - listeners: closed in the end.
    ///   - met: told where each connection came from.
    init(_ listeners: [CInt], _ met: @escaping @Sendable (SocketAddress) -> Void = { _ in }) throws {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw BenchFailure("no pipe: \(IOError.explanation(of: errno))") }
        stop = (ends[0], ends[1])
        let end = ends[0]
        try WorkerThread.spawn("server") {
            var watched = (listeners + [end]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            while poll(&watched, nfds_t(watched.count), -1) >= 0, watched.last?.revents == 0 {
                for entry in watched.dropLast() where entry.revents != 0 {
                    var peer = sockaddr_storage()
                    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                    let connection = withUnsafeMutablePointer(to: &peer) {
                        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(entry.fd, $0, &length) }
                    }
                    guard connection >= 0 else { continue }
                    if let peer = SocketAddress(peer) { met(peer) }
                    var byte: UInt8 = 1
                    _ = send(connection, &byte, 1, CInt(MSG_NOSIGNAL))
                    close(connection)
                }
            }
            for listener in listeners { close(listener) }
            close(end)
        }
    }

    /// A listener on 127.0.0.1, as those of a jail are.
    static func onLoopback() throws(BenchFailure) -> (descriptor: CInt, port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 4096) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isListening else { throw BenchFailure("cannot listen: \(IOError.explanation(of: errno))") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    func end() { close(stop.write) }
}
