import Glibc
import Synchronization
import System

/// A name server on a loopback port, over UDP and TCP, that does what a test says and counts what it was asked.
final class NameServer: Sendable {
    struct Question: Hashable, Sendable {
        let name: String
        /// 1 is A, 28 is AAAA.
        let type: UInt16
        let isTCP: Bool
    }

    enum Reply: Sendable {
        case records([Record])
        /// NXDOMAIN (3), SERVFAIL (2), or nothing in an answer that is fine (0).
        case code(UInt8)
        /// The answer would be too long for a datagram.
        case truncated
        case silence
        /// The right answer after one with another id, and one to another question.
        case forgedFirst([Record], forged: [Record])
        /// Bytes after the header and the question.
        case raw(answers: UInt16, [UInt8])
    }

    enum Record: Sendable {
        case address(String, ttl: UInt32)
        case alias(String, ttl: UInt32)
    }

    let port: UInt16
    private let udp: CInt
    private let tcp: CInt
    private let reply: @Sendable (Question) -> Reply
    private let seen = Mutex<[Question]>([])
    private let isClosed = Mutex(false)

    var questions: [Question] { seen.withLock { $0 } }

    init(address: String = "127.0.0.1", port: UInt16 = 0, _ reply: @escaping @Sendable (Question) -> Reply) throws {
        self.reply = reply
        tcp = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        udp = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        self.port = try NameServer.bind(tcp, address, port)
        _ = try NameServer.bind(udp, address, self.port)
        listen(tcp, 16)
        try WorkerThread.spawn("dns-udp") { [self] in serveDatagrams() }
        try WorkerThread.spawn("dns-tcp") { [self] in serveStreams() }
    }

    /// Both threads end, and with them the last references.
    func close() {
        isClosed.withLock { $0 = true }
        shutdown(tcp, CInt(SHUT_RDWR))
        shutdown(udp, CInt(SHUT_RDWR))
    }

    private static func bind(_ fd: CInt, _ address: String, _ port: UInt16) throws -> UInt16 {
        var one: CInt = 1
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &form.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                Glibc.bind(fd, raw, size) != 0 || getsockname(fd, raw, &size) != 0
            }
        }
        if failed { throw IOError.system("bind", errno) }
        return UInt16(bigEndian: form.sin_port)
    }

    private func serveDatagrams() {
        var buffer = [UInt8](repeating: 0, count: 2048)
        while !isClosed.withLock({ $0 }) {
            var peer = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(udp, &buffer, buffer.count, 0, $0, &size)
                }
            }
            guard count > 12 else { continue }
            for answer in answers(to: Array(buffer[..<count]), isTCP: false) {
                _ = withUnsafePointer(to: &peer) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        sendto(udp, answer, answer.count, 0, $0, size)
                    }
                }
            }
        }
        Glibc.close(udp)
    }

    private func serveStreams() {
        while !isClosed.withLock({ $0 }) {
            let fd = accept(tcp, nil, nil)
            guard fd >= 0 else { continue }
            var length: [UInt8] = [0, 0]
            while recv(fd, &length, 2, CInt(MSG_WAITALL)) == 2 {
                var query = [UInt8](repeating: 0, count: Int(length[0]) << 8 | Int(length[1]))
                guard recv(fd, &query, query.count, CInt(MSG_WAITALL)) == query.count else { break }
                for answer in answers(to: query, isTCP: true) {
                    let framed = NameServer.word(UInt16(answer.count)) + answer
                    send(fd, framed, framed.count, CInt(MSG_NOSIGNAL))
                }
            }
            Glibc.close(fd)
        }
        Glibc.close(tcp)
    }

    // MARK: Messages

    private func answers(to query: [UInt8], isTCP: Bool) -> [[UInt8]] {
        var name: [String] = []
        var cursor = 12
        while cursor < query.count, query[cursor] > 0 {
            let end = cursor + 1 + Int(query[cursor])
            name.append(String(decoding: query[cursor + 1..<end], as: UTF8.self))
            cursor = end
        }
        let type = UInt16(query[cursor + 1]) << 8 | UInt16(query[cursor + 2])
        let asked = Question(name: name.joined(separator: "."), type: type, isTCP: isTCP)
        seen.withLock { $0.append(asked) }
        let question = Array(query[12..<cursor + 5])
        let id = Array(query[..<2])
        func message(
            _ id: [UInt8], _ question: [UInt8], code: UInt8 = 0, isCut: Bool = false, answers: UInt16, _ rest: [UInt8]
        ) -> [UInt8] {
            id + [isCut ? 0x87 : 0x85, 0x80 | code, 0, 1] + NameServer.word(answers) + [0, 0, 0, 0] + question + rest
        }
        func whole(_ id: [UInt8], _ question: [UInt8], _ records: [Record]) -> [UInt8] {
            let (count, bytes) = NameServer.encode(records, for: type)
            return message(id, question, answers: count, bytes)
        }
        switch reply(asked) {
        case .silence: return []
        case .records(let records): return [whole(id, question, records)]
        case .code(let code): return [message(id, question, code: code, answers: 0, [])]
        case .truncated: return [message(id, question, isCut: true, answers: 0, [])]
        case .raw(let answers, let bytes): return [message(id, question, answers: answers, bytes)]
        case .forgedFirst(let records, let forged):
            let other = [5] + Array("other".utf8) + [4] + Array("test".utf8) + [0] + question.suffix(4)
            return [
                whole([id[0], id[1] ^ 1], question, forged), whole(id, other, forged), whole(id, question, records),
            ]
        }
    }

    /// The records that are an answer to this type, each alias about the name before it.
    private static func encode(_ records: [Record], for type: UInt16) -> (UInt16, [UInt8]) {
        var owner: [UInt8] = [0xC0, 0x0C]
        var bytes: [UInt8] = []
        var count: UInt16 = 0
        for record in records {
            switch record {
            case .alias(let name, let ttl):
                let target = wire(name)
                bytes += owner + word(5) + word(1) + long(ttl) + word(UInt16(target.count)) + target
                owner = target
                count += 1
            case .address(let text, let ttl):
                let isSix = text.contains(":")
                guard isSix == (type == 28) else { continue }
                var raw = [UInt8](repeating: 0, count: isSix ? 16 : 4)
                inet_pton(isSix ? AF_INET6 : AF_INET, text, &raw)
                bytes += owner + word(type) + word(1) + long(ttl) + word(UInt16(raw.count)) + raw
                count += 1
            }
        }
        return (count, bytes)
    }

    private static func wire(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    private static func word(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
    private static func long(_ value: UInt32) -> [UInt8] {
        word(UInt16(value >> 16)) + word(UInt16(truncatingIfNeeded: value))
    }
}
