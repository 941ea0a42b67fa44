import COpenSSL
import Calls
import Testing

@testable import Crypto

struct TLSResumptionTests {
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

    /// One connection with a byte each way, so that tickets arrive; whether it was resumed, as both sides see it.
    func visit(_ host: String, on server: TLSServerContext? = nil, as name: String? = nil, closing: Bool = true) throws
        -> Bool
    {
        let pair = try TLSPair()
        let a = try client.connect(pair.client, readiness: pair.clientReadiness, to: authority(host))
        let b = try (server ?? self.server).accept(
            pair.server, readiness: pair.serverReadiness, as: issuer.leaf(for: name ?? host))
        let (first, second) = pair.handshake(a, b)
        if let failure = first ?? second { throw failure }
        try #require(pair.carry([1], from: a, to: b) == [1])
        try #require(pair.carry([2], from: b, to: a) == [2])
        if closing { #expect(a.shutdown().end == .some(nil)) }
        let (seenByClient, seenByServer) = (a.isResumed, b.isResumed)
        #expect(seenByClient == seenByServer)
        return seenByClient
    }

    @Test("the second connection to an upstream resumes, and the third", arguments: [true, false])
    func resumes(closing: Bool) throws {
        #expect(try !visit("api.test", closing: closing))
        #expect(try visit("api.test", closing: closing))
        #expect(try visit("api.test", closing: closing))
    }

    @Test("so it does under TLS 1.2")
    func resumesOlder() throws {
        try #require(SSL_CTX_ctrl(server.context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil) == 1)
        #expect(try !visit("api.test"))
        #expect(try visit("api.test"))
    }

    @Test("resuming does not make a certificate newer: after an hour it is verified again")
    func outdated() throws {
        let host = authority("api.test")
        #expect(try !visit("api.test"))
        let verified = try #require(client.resumption.ticket(for: host)).verified
        #expect(try visit("api.test"))
        let ticket = try #require(client.resumption.ticket(for: host))
        #expect(ticket.verified == verified)
        for (age, isUsable) in [
            (TLSClientContext.longestResumption - .seconds(10), true),
            (TLSClientContext.longestResumption + .seconds(10), false),
        ] {
            try #require(SSL_SESSION_up_ref(ticket.session) == 1)
            client.resumption.keep(.init(adopting: ticket.session, verified: .now - age), for: host)
            #expect((client.resumption.ticket(for: host) != nil) == isUsable)
        }
        #expect(try !visit("api.test"))
    }

    @Test("another upstream does not")
    func others() throws {
        #expect(try !visit("api.test"))
        #expect(try !visit("www.test"))
        #expect(try visit("api.test"))
    }

    @Test("a server with other ticket keys shakes hands anew")
    func otherKeys() throws {
        #expect(try !visit("api.test"))
        #expect(try !visit("api.test", on: TLSServerContext()))
    }

    @Test("a ticket of one name is nothing to the leaf of another")
    func otherName() throws {
        #expect(try !visit("api.test"))
        // The same upstream for the client; the server has become somebody else, and must show its certificate again.
        #expect(throws: TLSFailure.wrongName(expected: "api.test", presented: ["www.test"])) {
            try visit("api.test", as: "www.test")
        }
    }
}
