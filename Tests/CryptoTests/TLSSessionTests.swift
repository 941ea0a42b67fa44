import COpenSSL
import Calls
import Glibc
import JSON
import Testing

@testable import Crypto

struct TLSSessionTests {
    let scratch: Scratch
    let issuer: CertificateAuthority
    let server: TLSServerContext
    let client: TLSClientContext

    init() throws {
        scratch = try Scratch()
        issuer = try CertificateAuthority(creatingFor: "test")
        server = try TLSServerContext()
        client = try TLSClientContext(roots: [scratch.file("ca.pem", issuer.certificatePEM())], system: false)
    }

    @Test("a trusted pair shakes hands; both see http/1.1, the server sees the name asked for")
    func handshake() throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
        #expect(pair.handshake(a, b) == (nil, nil))
        let name = b.serverName
        #expect(name == "api.test")
        let aProtocol = a.negotiatedProtocol
        #expect(aProtocol == "http/1.1")
        let bProtocol = b.negotiatedProtocol
        #expect(bProtocol == "http/1.1")
        let isResumed = a.isResumed
        #expect(!isResumed)
    }

    @Test("an address is verified as one, and not sent as a name", arguments: ["127.0.0.1", "::1"])
    func address(host: String) throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority(host, isLiteral: true))
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: host))
        #expect(pair.handshake(a, b) == (nil, nil))
        let name = b.serverName
        #expect(name == nil)
    }

    @Test("megabytes go both ways")
    func transfer() throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
        #expect(pair.handshake(a, b) == (nil, nil))
        let content = SecureRandom.bytes(3_000_001)
        #expect(pair.carry(content, from: a, to: b) == content)
        #expect(pair.carry(content, from: b, to: a) == content)
    }

    @Test("nothing is asked of the kernel before the event loop has seen the socket ready")
    func readiness() throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        guard case .wantsWrite = a.handshake() else { return #expect(Bool(false), "wrote without being writable") }
        pair.clientReadiness.pointee = TLSReadiness.writable
        guard case .wantsRead = a.handshake() else { return #expect(Bool(false), "read without being readable") }
        #expect(pair.clientReadiness.pointee & TLSReadiness.writable != 0)
        pair.clientReadiness.pointee = TLSReadiness.readable
        guard case .wantsRead = a.handshake() else { return #expect(Bool(false)) }
        #expect(pair.clientReadiness.pointee & TLSReadiness.readable == 0, "nothing there: the bit goes")
    }

    @Test("looking says whether input waits, without taking it")
    func peek() throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
        #expect(pair.handshake(a, b) == (nil, nil))
        // The ticket that the server sent is not input.
        pair.edge()
        #expect(a.peek().wantsRead)
        #expect([1, 2, 3].withUnsafeBytes { b.write($0) }.count != nil)
        #expect(a.peek().wantsRead, "the loop has not seen it yet")
        pair.edge()
        #expect(a.peek().count == 1)
        #expect(a.peek().count == 1)
    }

    @Test("two records in one segment: the second is found though the socket is drained")
    func readAhead() throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
        #expect(pair.handshake(a, b) == (nil, nil))
        for byte in [UInt8(7), 8] { #expect([byte].withUnsafeBytes { b.write($0) }.count == 1) }
        pair.edge()
        var buffer = [UInt8](repeating: 0, count: 100)
        #expect(buffer.withUnsafeMutableBytes { a.read(into: $0) }.count == 1)
        #expect(pair.clientReadiness.pointee & TLSReadiness.readable == 0)
        #expect(a.peek().count == 1)
        #expect(buffer.withUnsafeMutableBytes { a.read(into: $0) }.count == 1)
        #expect(buffer[0] == 8)
        #expect(a.peek().wantsRead)
    }

    @Test("a close is told from an end without one")
    func ends() throws {
        var buffer = [UInt8](repeating: 0, count: 100)
        for closes in [true, false] {
            let pair = try TLSPair()
            let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
            let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
            #expect(pair.handshake(a, b) == (nil, nil))
            if closes { #expect(b.shutdown().end == .some(nil)) }
            Glibc.shutdown(pair.server, Int32(SHUT_WR))
            pair.clientReadiness.pointee |= TLSReadiness.hangup
            let transfer = buffer.withUnsafeMutableBytes { a.read(into: $0) }
            #expect(transfer.isClosed == closes)
            #expect(transfer.failure == (closes ? nil : .truncated))
        }
    }

    @Test("a peer that goes away is reported, and does not end the process by SIGPIPE")
    func gone() throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
        #expect(pair.handshake(a, b) == (nil, nil))
        Glibc.shutdown(pair.server, Int32(SHUT_RDWR))
        pair.clientReadiness.pointee |= TLSReadiness.hangup | TLSReadiness.writable
        #expect([1].withUnsafeBytes { a.write($0) }.failure == .broken(errno: EPIPE))
        #expect(a.shutdown().end == .some(nil))
    }

    @Test("a peer that does not speak TLS is named as such")
    func plain() throws {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        let answer = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
        #expect(write(pair.server, answer, answer.count) == answer.count)
        pair.edge()
        #expect(a.handshake().end == .some(.notTLS))

        let other = try TLSPair()
        let b = try server.accept(other.server, readiness: other.serverReadiness, as: issuer.leaf(for: "api.test"))
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        #expect(write(other.client, request, request.count) == request.count)
        other.edge()
        #expect(b.handshake().end == .some(.notTLS))
    }

    @Test(
        "http/1.1 is taken where it is offered; an offer without it is refused, no offer is fine",
        arguments: [
            ([2, 0x68, 0x32] + TLSSettings.alpn, "http/1.1"), ([2, 0x68, 0x32], "refused"), ([], ""),
        ] as [([UInt8], String)])
    func protocols(offer: [UInt8], taken: String) throws {
        try #require(SSL_CTX_set_alpn_protos(client.context, offer, UInt32(offer.count)) == 0)
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
        let (first, second) = pair.handshake(a, b)
        #expect((first == nil) == (taken != "refused"))
        #expect((second == nil) == (taken != "refused"))
        let chosen = b.negotiatedProtocol
        #expect(chosen ?? "" == (taken == "refused" ? "" : taken))
    }

    @Test("TLS 1.2 is spoken, 1.1 is not")
    func versions() throws {
        for (version, isSpoken) in [(TLS1_2_VERSION, true), (TLS1_1_VERSION, false)] {
            let other = try TLSClientContext(roots: [scratch.path + "/ca.pem"], system: false)
            SSL_CTX_ctrl(other.context, SSL_CTRL_SET_MIN_PROTO_VERSION, 0, nil)
            SSL_CTX_ctrl(other.context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
            SSL_CTX_set_security_level(other.context, 0)
            let pair = try TLSPair()
            let a = try other.connect(pair.client, readiness: pair.clientReadiness, to: authority("api.test"))
            let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
            let (first, second) = pair.handshake(a, b)
            #expect((first == nil) == isSpoken)
            #expect((second == nil) == isSpoken)
        }
    }

    @Test("a handshake or a record in which a byte was changed on the way fails, and nothing more")
    func corruption() throws {
        for _ in 0..<100 {
            let (near, far) = (try TLSPair(), try TLSPair())
            let a = try client.connect(near.client, readiness: near.clientReadiness, to: authority("api.test"))
            let b = try server.accept(far.server, readiness: far.serverReadiness, as: issuer.leaf(for: "api.test"))
            var countdown = Int.random(in: 0..<1500)
            var buffer = [UInt8](repeating: 0, count: 4096)
            /// Carries bytes from one socket to another, and changes one of them in the end.
            func relay(_ from: Int32, _ to: Int32) {
                let count = read(from, &buffer, buffer.count)
                guard count > 0 else { return }
                if (0..<count).contains(countdown) { buffer[countdown] ^= 0x20 }
                countdown -= count
                _ = write(to, buffer, count)
            }
            var received = 0
            for _ in 0..<12 {
                near.edge()
                far.edge()
                if case .done = a.handshake() { _ = [1, 2, 3].withUnsafeBytes { a.write($0) } }
                if case .done = b.handshake() {
                    received += buffer.withUnsafeMutableBytes { b.read(into: $0) }.count ?? 0
                }
                relay(near.server, far.client)
                relay(far.client, near.server)
            }
            // Once the change was on the way to the server, not one byte after it was taken for good.
            #expect(received.isMultiple(of: 3))
        }
    }

    @Test("random bytes instead of a handshake fail and nothing more")
    func noise() throws {
        for _ in 0..<200 {
            let pair = try TLSPair()
            let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: "api.test"))
            let noise = [0x16, 0x03, 0x01] + SecureRandom.bytes(400)
            #expect(write(pair.client, noise, noise.count) == noise.count)
            Glibc.shutdown(pair.client, Int32(SHUT_WR))
            pair.serverReadiness.pointee = TLSReadiness.writable | TLSReadiness.hangup
            #expect(b.handshake().end ?? nil != nil)
        }
    }
}

/// Tuples do not conform to Equatable.
private func == (a: (TLSFailure?, TLSFailure?), b: (TLSFailure?, TLSFailure?)) -> Bool { a.0 == b.0 && a.1 == b.1 }
