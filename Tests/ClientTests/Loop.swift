import Glibc
import Synchronization
import System
import Testing

/// Runs `body` on a loop of its own until it returns.
func onLoop<T: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> T) throws -> T {
    let loop = try EventLoop()
    let outcome = Mutex<Result<T, any Error>?>(nil)
    loop.spawn {
        let result: Result<T, any Error>
        do { result = .success(try await body(loop)) } catch { result = .failure(error) }
        outcome.withLock { $0 = result }
    }
    loop.run { outcome.withLock { $0 != nil } }
    return try #require(outcome.withLock { $0 }).get()
}

/// A listener that the kernel connects for, and nobody accepts from.
func listening(_ address: String = "127.0.0.1", port: UInt16 = 0) throws -> Listener {
    try Listener(.ip(try #require(IPAddress(address)), port: port))
}

/// An address where connecting takes for ever: its queue of connections is full, and the kernel drops what more comes.
final class BlackHole {
    let address: SocketAddress
    private var sockets: [CInt] = []

    init() throws {
        let fd = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        sockets.append(fd)
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, size) != 0 || listen(fd, 0) != 0 || getsockname(fd, $0, &size) != 0
            }
        }
        try #require(!failed)
        address = .ip(.v4(0x7F00_0001), port: UInt16(bigEndian: form.sin_port))
        for _ in 0..<4 {
            let filler = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
            sockets.append(filler)
            _ = withUnsafePointer(to: &form) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(filler, $0, size) }
            }
        }
    }

    deinit { for fd in sockets { close(fd) } }
}
