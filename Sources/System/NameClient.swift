import Glibc

/// Asks the name servers of `resolv.conf(5)` one question that is bytes already, and hands back the answer's bytes.
///
/// For types of records other than addresses, which are `Resolver`'s.
package struct NameClient: Sendable {
    /// What an answer is worth to the one who asked.
    package enum Reading: Sendable { case answer, truncated, other }

    let file: String
    let port: UInt16

    package init(configuration file: String = "/etc/resolv.conf", port: UInt16 = 53) {
        self.file = file
        self.port = port
    }

    /// Bytes of an answer over UDP and over TCP.
    private static let longest = 65_535

    /// Asks each server in turn, until one has answered.
    ///
    /// - Parameter read: says what bytes are; what is `other` is passed over, as anybody may have sent it.
    package func answer(
        to question: [UInt8], on loop: EventLoop, by deadline: Int64, _ read: ([UInt8]) -> Reading
    ) async throws(IOError) -> [UInt8] {
        let configuration = ResolverConfiguration(file: file)
        var failure = IOError.timedOut
        for _ in 0..<configuration.attempts {
            for server in configuration.servers where loop.now < deadline {
                let end = min(deadline, loop.now + Int64(configuration.timeout))
                do throws(IOError) {
                    return try await ask(.ip(server, port: port), question, on: loop, by: end, read)
                } catch {
                    failure = error
                }
            }
        }
        throw failure
    }

    private func ask(
        _ server: SocketAddress, _ question: [UInt8], on loop: EventLoop, by deadline: Int64,
        _ read: ([UInt8]) -> Reading
    ) async throws(IOError) -> [UInt8] {
        let socket = try Socket.datagrams(to: server, on: loop)
        try await socket.write(question, by: deadline)
        var buffer = [UInt8](repeating: 0, count: DatagramSocket.longest)
        while true {
            let count = try await socket.read(&buffer, by: deadline)
            let bytes = Array(buffer.prefix(count))
            switch read(bytes) {
            case .answer: return bytes
            case .truncated: return try await askAtLength(server, question, on: loop, by: deadline, read)
            case .other: continue
            }
        }
    }

    private func askAtLength(
        _ server: SocketAddress, _ question: [UInt8], on loop: EventLoop, by deadline: Int64,
        _ read: ([UInt8]) -> Reading
    ) async throws(IOError) -> [UInt8] {
        let socket = try await Socket.connect(to: server, on: loop, by: deadline)
        let length = [UInt8(truncatingIfNeeded: question.count >> 8), UInt8(truncatingIfNeeded: question.count)]
        try await socket.write(length + question, by: deadline)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var expected = NameClient.longest
        while answer.count < expected + 2 {
            let count = try await socket.read(&buffer, by: deadline)
            guard count > 0 else { throw .truncated }
            answer += buffer.prefix(count)
            if answer.count >= 2 { expected = Int(answer[0]) << 8 | Int(answer[1]) }
        }
        let bytes = Array(answer[2..<expected + 2])
        guard case .answer = read(bytes) else { throw .truncated }
        return bytes
    }
}

extension Socket {
    /// A socket that takes datagrams from one address only.
    fileprivate static func datagrams(to address: SocketAddress, on loop: EventLoop) throws(IOError) -> Socket {
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = FileDescriptor(owning: socket(address.family, type, 0))
        guard descriptor.raw >= 0 else { throw .system("socket", errno) }
        let failed = address.withKernelForm { Glibc.connect(descriptor.raw, $0, $1) == 0 ? 0 : errno } ?? ENAMETOOLONG
        guard failed == 0 else { throw .system("connect", failed) }
        return try Socket(owning: descriptor.release(), on: loop)
    }
}
