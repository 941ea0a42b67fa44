import Foundation
import Glibc
import Synchronization

/// An upstream that keeps the very bytes of each connection, and answers one request on it.
final class HostileRecorder: Sendable {
    let port: Int
    private let listener: CInt
    private let seen = Mutex((connections: [Int: [UInt8]](), active: 0, accepted: 0))

    init() throws {
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 512) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw Failed(description: "no port to record on") }
        port = Int(in_port_t(bigEndian: address.sin_port))
        Thread { [weak self] in
            while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
                guard let self else {
                    close(descriptor)
                    return
                }
                let number = self.seen.withLock { seen in
                    seen.active += 1
                    seen.accepted += 1
                    return seen.accepted
                }
                Thread { self.serve(HostileSocket(owning: descriptor), number) }.start()
            }
        }.start()
    }

    deinit {
        shutdown(listener, CInt(SHUT_RDWR))
        close(listener)
    }

    /// The bytes of every connection since the last time, in the order in which they were accepted.
    func take() -> [[UInt8]] {
        while true {
            let taken: [[UInt8]]? = seen.withLock { seen in
                guard seen.active == 0 else { return nil }
                defer { seen.connections = [:] }
                return seen.connections.sorted { $0.key < $1.key }.map(\.value)
            }
            if let taken { return taken }
            usleep(500)
        }
    }

    private func serve(_ socket: HostileSocket, _ number: Int) {
        var bytes: [UInt8] = []
        // A request that its sender does not finish is answered too, so that nobody waits for ever.
        socket.limit(milliseconds: 500)
        while !isWhole(bytes), let piece = socket.next() { bytes += piece }
        if !bytes.isEmpty {
            socket.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
        }
        socket.finishSending()
        bytes += socket.rest()
        seen.withLock { seen in
            if !bytes.isEmpty { seen.connections[number] = bytes }
            seen.active -= 1
        }
    }

    /// As the plainest reader sees it; what comes later is recorded too.
    private func isWhole(_ bytes: [UInt8]) -> Bool {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
        if head.contains("transfer-encoding:") { return bytes.suffix(5).elementsEqual("0\r\n\r\n".utf8) }
        guard let field = head.firstRange(of: "\r\ncontent-length:") else { return true }
        let length = Int(head[field.upperBound...].drop { $0 == " " }.prefix { $0.isNumber }) ?? 0
        return bytes.count - end.upperBound >= length
    }
}
