import Glibc

/// An agent that sends the very bytes it is told to.
final class RawAgent {
    private let descriptor: CInt

    /// Connects to a port of this machine; nil where nobody listens there.
    init?(port: Int) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
    }

    /// Connects to a Unix socket; nil where nobody listens there.
    init?(socket path: String) {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isConnected else { return nil }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Reads up to the end of the first head, byte by byte.
    func head() -> String { read(until: "\r\n\r\n").text }

    /// Reads on until the gate closes, and closes too; `isClosed` is false where it did not.
    func rest() -> (text: String, isClosed: Bool) {
        defer { finishSending() }
        return read(until: nil)
    }

    private func read(until end: String?) -> (text: String, isClosed: Bool) {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: end == nil ? 1 << 16 : 1)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count > 0 { bytes += piece[..<count] }
            // A reset is an end too; only silence is none.
            let isOver = count == 0 || count < 0 && errno != EAGAIN
            let isThere = end.map { bytes.suffix($0.utf8.count).elementsEqual($0.utf8) } ?? false
            if count <= 0 || isThere { return (String(decoding: bytes, as: UTF8.self), isOver) }
        }
    }
}
