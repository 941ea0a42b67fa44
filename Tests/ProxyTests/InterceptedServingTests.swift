import Calls
import Client
import Crypto
import JSON
import System
import Testing

@testable import Proxy

@Suite("Intercepted connections at a live gate")
struct InterceptedServingTests {
    /// A gate with one jail, whose connections were all going to the same address.
    private final class Jail {
        let live: LiveGate
        private let interception: Interception
        private let address: SocketAddress

        init() throws {
            live = try LiveGate(try Upstream([.hangup]))
            let listener = try Listener(.ip(.v4(0x7F00_0001), port: 0))
            address = listener.address
            interception = live.server.intercept(
                InterceptedListeners(
                    .supervised, of: .session(SessionID("jail/1")), streams: [listener], datagrams: [], nameStreams: []
                ) { _ in .ip(.v4(0xC000_0207), port: 443) })
        }

        deinit { interception.end() }

        /// The first bytes of the answer to a request that comes so long after the handshake; empty where the gate ends
        /// the connection without one.
        func ask(_ name: String, after pause: Int64) throws -> String {
            let tls = try TLSClientContext(roots: [live.root], system: false)
            return try wait { [address] in
                let loop = try #require(EventLoop.current)
                let socket = try await Socket.connect(to: address, on: loop, by: loop.now + 30_000)
                let stream = Client.Stream(socket, pool: BufferPool())
                let session = try tls.connect(
                    socket.fd, readiness: socket.readiness, to: Authority(host: Text(name), port: 443))
                try await stream.start(session, by: loop.now + 30_000)
                await loop.sleep(milliseconds: pause)
                let request = Array("GET / HTTP/1.1\r\nHost: \(name)\r\n\r\n".utf8)
                try await stream.write(request, by: loop.now + 30_000)
                let count = try await stream.fill(by: loop.now + 30_000)
                return stream.input.read { bytes in
                    String(decoding: (0..<min(count, 12)).map { bytes[$0] }, as: UTF8.self)
                }
            }
        }
    }

    /// Time-outs of connections are looked at once a second: one that is over at once shows after more than that.
    @Test("a client may take its time between the handshake and its first request", arguments: [0, 2_500])
    func pause(milliseconds: Int64) throws {
        let jail = try Jail()
        #expect(try jail.ask("blocked.test", after: milliseconds) == "HTTP/1.1 403")
        #expect(try jail.live.line("call.open").contains("jail/1"))
    }
}
