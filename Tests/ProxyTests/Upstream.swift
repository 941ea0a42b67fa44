import Crypto
import Glibc
import Synchronization
import System
import Testing

@testable import Client

/// An upstream on a loopback port that does what its script says, and counts what it was asked.
final class Upstream: Sendable {
    enum Step: Sendable {
        /// Reads a request's head, and counts it.
        case head
        /// Reads this many bytes.
        case body(Int)
        case send(String)
        /// Sends this many bytes, as far as they are taken.
        case fill(Int)
        /// Sends for ever.
        case flood(String)
        case echo(Int)
        case wait(Int64)
        /// Until the test says `go`.
        case gate
        /// Speaks TLS from here on, as the host of this name.
        case secure(CertificateAuthority, String)
        /// Until the gate has closed its side.
        case hangup
        /// Ends without telling TLS.
        case cut
        case reset
    }

    let address: SocketAddress
    private let loop: EventLoop
    private let script: [[Step]]
    private let authority: CertificateAuthority?
    private let seen = Mutex((connections: 0, requests: 0, open: 0, bytes: [UInt8]()))
    private let going = Mutex(false)

    /// - Parameter script: for each connection; the last one for all that follow.
    init(_ script: [Step]..., tls authority: CertificateAuthority? = nil) throws {
        let loop = try EventLoop()
        let listener = try Listener(.ip(.v4(0x7F00_0001), port: 0))
        self.loop = loop
        self.script = script
        self.authority = authority
        address = listener.address
        try WorkerThread.spawn("upstream") { loop.run { loop.isStopping && loop.taskCount == 0 } }
        loop.spawn { [weak self] in
            try? await listener.accept(on: loop) { fd, _ in await self?.serve(fd) }
        }
    }

    deinit {
        let loop = loop
        loop.spawn { loop.drain() }
    }

    var requests: Int { seen.withLock { $0.requests } }
    var connections: Int { seen.withLock { $0.connections } }
    /// Connections that the gate has not closed.
    var open: Int { seen.withLock { $0.open } }
    /// All heads and bodies so far.
    var received: String { String(decoding: seen.withLock { $0.bytes }, as: UTF8.self) }

    func go() { going.withLock { $0 = true } }

    private func serve(_ fd: CInt) async {
        let number = seen.withLock { seen in
            seen.connections += 1
            seen.open += 1
            return seen.connections
        }
        defer { seen.withLock { $0.open -= 1 } }
        guard let socket = try? Socket(owning: fd, on: loop) else { return }
        let stream = Stream(socket, pool: BufferPool())
        do {
            if let authority {
                try await secure(stream, as: "pass.test", of: authority)
            }
            for step in script[min(number, script.count) - 1] {
                if try await !perform(step, stream) { return }
            }
        } catch { return }
        stream.finish()
    }

    private func secure(_ stream: Stream, as host: String, of authority: CertificateAuthority) async throws {
        let session = try TLSServerContext().accept(
            stream.socket.fd, readiness: stream.socket.readiness, as: try authority.leaf(for: host))
        try await stream.start(session, by: loop.now + 5000)
    }

    /// False where the connection ends here.
    private func perform(_ step: Step, _ stream: Stream) async throws -> Bool {
        switch step {
        case .head: try await readHead(stream)
        case .body(let count): _ = try await take(count, stream)
        case .send(let text): try await stream.write(Array(text.utf8), by: loop.now + 10_000)
        case .fill(let count):
            try await stream.write([UInt8](repeating: 0x61, count: count), by: loop.now + 10_000)
        case .flood(let text):
            let piece = Array(text.utf8)
            while !loop.isStopping { try await stream.write(piece, by: loop.now + 10_000) }
        case .echo(let count):
            var left = count
            while left > 0 {
                let piece = try await take(min(left, 16_384), stream)
                left -= piece.count
                try await stream.write(piece, by: loop.now + 10_000)
            }
        case .wait(let milliseconds): await loop.sleep(milliseconds: milliseconds)
        case .gate: while !going.withLock({ $0 }) { await loop.sleep(milliseconds: 5) }
        case .secure(let authority, let host): try await secure(stream, as: host, of: authority)
        case .hangup:
            while try await stream.fill(by: loop.now + 20_000) > 0 { stream.input.consume(stream.input.count) }
        case .cut: return false
        case .reset:
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(stream.socket.fd, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            return false
        }
        return true
    }

    private func readHead(_ stream: Stream) async throws {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            if stream.input.isEmpty, try await stream.fill(by: loop.now + 10_000) == 0 { throw IOError.truncated }
            stream.input.read { head.append($0[0]) }
            stream.input.consume(1)
        }
        seen.withLock { seen in
            seen.requests += 1
            seen.bytes += head
        }
    }

    private func take(_ count: Int, _ stream: Stream) async throws -> [UInt8] {
        var taken: [UInt8] = []
        while taken.count < count {
            if stream.input.isEmpty, try await stream.fill(by: loop.now + 10_000) == 0 { throw IOError.truncated }
            let piece = stream.input.read { span in (0..<min(span.count, count - taken.count)).map { span[$0] } }
            stream.input.consume(piece.count)
            taken += piece
        }
        if taken.count <= 4096 { seen.withLock { $0.bytes += taken } }
        return taken
    }
}
