import Calls
import Glibc
import JSON
import Testing

@testable import Crypto

/// Two connected sockets with a readiness byte each, and what an event loop would do for them.
final class TLSPair {
    let client: Int32
    let server: Int32
    let clientReadiness = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
    let serverReadiness = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        (client, server) = (ends[0], ends[1])
        clientReadiness.initialize(to: 0)
        serverReadiness.initialize(to: 0)
    }

    deinit {
        close(client)
        close(server)
        clientReadiness.deallocate()
        serverReadiness.deallocate()
    }

    /// As if epoll had reported both ends: a bit that is not true costs one EAGAIN.
    func edge() {
        clientReadiness.pointee |= TLSReadiness.readable | TLSReadiness.writable
        serverReadiness.pointee |= TLSReadiness.readable | TLSReadiness.writable
    }

    /// Both handshakes, to their end.
    func handshake(_ a: borrowing TLSSession, _ b: borrowing TLSSession) -> (TLSFailure?, TLSFailure?) {
        var (first, second): (TLSFailure??, TLSFailure??) = (nil, nil)
        for _ in 0..<20 where first == nil || second == nil {
            edge()
            if first == nil { first = a.handshake().end }
            if second == nil { second = b.handshake().end }
        }
        return (first ?? .violated(reason: "never ended"), second ?? .violated(reason: "never ended"))
    }

    /// Moves `bytes` from one session to the other.
    func carry(_ bytes: [UInt8], from a: borrowing TLSSession, to b: borrowing TLSSession) -> [UInt8] {
        var sent = 0
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 20_000)
        var idle = 0
        while received.count < bytes.count, idle < 3 {
            edge()
            idle += 1
            if sent < bytes.count, case .bytes(let count) = bytes[sent...].withUnsafeBytes({ a.write($0) }) {
                sent += count
                idle = 0
            }
            while case .bytes(let count) = buffer.withUnsafeMutableBytes({ b.read(into: $0) }) {
                received += buffer[..<count]
                idle = 0
            }
        }
        return received
    }
}

extension TLSSession.Progress {
    /// Nil while it goes on, `.some(nil)` when done.
    var end: TLSFailure?? {
        switch self {
        case .done: .some(nil)
        case .wantsRead, .wantsWrite: nil
        case .failed(let failure): failure
        }
    }
}

extension TLSSession.Transfer {
    var failure: TLSFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
    var isClosed: Bool {
        if case .closed = self { true } else { false }
    }
    var wantsRead: Bool {
        if case .wantsRead = self { true } else { false }
    }
    var count: Int? {
        if case .bytes(let count) = self { count } else { nil }
    }
}

/// A directory of its own for a test's files, removed with it.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/tiergate-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    private var names: [String] = []

    func file(_ name: String, _ content: String) throws -> String {
        let file = try #require(fopen(path + "/" + name, "w"))
        defer { fclose(file) }
        try #require(fputs(content, file) >= 0)
        names.append(name)
        return path + "/" + name
    }
}

func authority(_ host: String, isLiteral: Bool = false) -> Authority {
    Authority(host: .init(host), port: 443, isLiteral: isLiteral)
}
