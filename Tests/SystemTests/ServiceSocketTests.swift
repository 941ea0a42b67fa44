import Glibc
import Testing

@testable import System

@Suite struct ServiceSocketTests {
    private let path = "/tmp/tiergate-handed-\(UInt64.random(in: .min ... .max))"

    /// A Unix socket as a service manager opens it: it listens, or does not yet.
    private func socket(at path: String, listens: Bool = true) throws -> CInt {
        let raw = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        let failed = SocketAddress.unix(path: path).withKernelForm { bind(raw, $0, $1) } ?? -1
        try #require(failed == 0)
        if listens { try #require(listen(raw, 1) == 0) }
        return raw
    }

    @Test("a socket that listens where the settings say is taken over, close-on-exec and without waiting")
    func taken() throws {
        let raw = try socket(at: path)
        defer { unlink(path) }
        let listener = try Listener(takingOver: raw, at: path)
        #expect(listener.address == .unix(path: path))
        #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
    }

    @Test("one that listens elsewhere, or does not listen, is refused")
    func refused() throws {
        let elsewhere = try socket(at: path)
        unlink(path)
        #expect(throws: IOError.self) { try Listener(takingOver: elsewhere, at: path + "x") }
        let deaf = try socket(at: path, listens: false)
        unlink(path)
        #expect(throws: IOError.self) { try Listener(takingOver: deaf, at: path) }
        #expect(throws: IOError.self) { try Listener(takingOver: open("/dev/null", O_RDONLY), at: path) }
    }
}
