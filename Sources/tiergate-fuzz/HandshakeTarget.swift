import Calls
import Crypto
import Glibc
import JSON
import System

extension FuzzTarget {
    static let handshake = FuzzTarget(
        name: "handshake",
        summary: "TLS: a client's first bytes, and whole handshakes with bytes changed on the way",
        seeds: [
            // A hello of nobody in particular: the record's head, and the reader's way to the extensions.
            [0x48, 22, 3, 1, 0, 49, 1, 0, 0, 45, 3, 3] + [UInt8](repeating: 7, count: 32)
                + [0, 0, 2, 0x13, 1, 1, 0, 0, 0],
            [0x43], [0x43, 0, 0, 60, 1], [0x43, 1, 0, 90, 0x80], [0x43, 1, 2, 10, 1], "HGET / HTTP/1.1\r\n\r\n".bytes,
        ],
        dictionary: ["\u{16}\u{3}\u{1}", "\u{15}\u{3}\u{3}", "http/1.1", "h2", "api.test"],
        run: { bytes throws(Finding) in
            guard let mode = bytes.first, let pair = SocketPair(), let sides = sides else { return }
            guard let leaf = try? sides.authority.leaf(for: "api.test"),
                let server = try? sides.server.accept(pair.ends[1], readiness: pair.readiness + 1, as: leaf)
            else { throw Finding("no session for the agent's side") }
            if mode == 0x48 {
                pair.send(Array(bytes.dropFirst()), from: 0)
                pair.wake()
                if case .done = server.handshake() { throw Finding("a handshake without a client") }
                return
            }
            guard
                let client = try? sides.client.connect(
                    pair.ends[0], readiness: pair.readiness, to: Authority(host: "api.test", port: 443))
            else { throw Finding("no session for the upstream's side") }
            // Both ends write to themselves through here, so that each flight can be changed.
            let changes = bytes.dropFirst()
            pair.wake()
            _ = client.handshake()
            var flight = pair.take(to: 1)
            for (index, start) in stride(from: changes.startIndex, to: changes.endIndex - 3, by: 4).enumerated() {
                let place = Int(changes[start + 1]) << 8 | Int(changes[start + 2])
                if changes[start] & 1 == 0, place < flight.count { flight[place] ^= changes[start + 3] }
                if index == 64 { break }
            }
            pair.send(flight, from: 0)
            pair.wake()
            _ = server.handshake()
            var answer = pair.take(to: 0)
            for start in stride(from: changes.startIndex, to: changes.endIndex - 3, by: 4) {
                let place = Int(changes[start + 1]) << 8 | Int(changes[start + 2])
                if changes[start] & 1 == 1, place < answer.count { answer[place] ^= changes[start + 3] }
            }
            let isChanged = !changes.isEmpty && changes.count >= 4
            pair.send(answer, from: 1)
            pair.wake()
            if case .failed(let failure) = client.handshake(), !isChanged {
                throw Finding("an unchanged handshake failed: \(failure)")
            }
            pair.wake()
            _ = server.handshake()
        })

    /// Made once: keys are slow to make.
    private static let sides: Sides? = try? Sides()
}

private final class Sides: Sendable {
    let authority: CertificateAuthority
    let server: TLSServerContext
    let client: TLSClientContext

    init() throws {
        authority = try CertificateAuthority(creatingFor: "fuzz")
        server = try TLSServerContext()
        let directory = try Files.makeTemporaryDirectory("tiergate-fuzz")
        defer { Files.remove(directory) }
        let roots = "\(directory)/roots.pem"
        try Files.replace(roots, with: Array(authority.certificatePEM().utf8))
        client = try TLSClientContext(roots: [roots], system: false)
    }
}

/// Two sockets with a readiness byte each, as the event loop has them.
private final class SocketPair {
    private(set) var ends: [Int32] = [-1, -1]
    let readiness = UnsafeMutablePointer<UInt8>.allocate(capacity: 2)

    init?() {
        readiness.initialize(repeating: 0, count: 2)
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0 else {
            return nil
        }
    }

    deinit {
        for end in ends where end >= 0 { close(end) }
        readiness.deallocate()
    }

    func wake() {
        for index in 0..<2 { readiness[index] |= TLSReadiness.readable | TLSReadiness.writable }
    }

    func send(_ bytes: [UInt8], from end: Int) {
        _ = Glibc.send(ends[end], bytes, bytes.count, Int32(bitPattern: UInt32(MSG_NOSIGNAL)))
    }

    /// What waits to be read at this end.
    func take(to end: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(ends[end], &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
    }
}
