import COpenSSL
import Calls
import Glibc
import Testing

@testable import Crypto

/// What the upstream side accepts, what it refuses, and with which sentence.
struct TLSVerificationTests {
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

    /// How a client that wants `host` ends with a server that shows `leaf`: its failure, and the server's.
    func meet(_ host: Authority, _ leaf: Leaf, client: TLSClientContext? = nil) throws -> (TLSFailure?, TLSFailure?) {
        let pair = try TLSPair()
        let a = try (client ?? self.client).connect(pair.client, readiness: pair.clientReadiness, to: host)
        let b = try server.accept(pair.server, readiness: pair.serverReadiness, as: leaf)
        return pair.handshake(a, b)
    }

    @Test("a certificate for another name is refused, and both names are told")
    func wrongName() throws {
        let (failure, other) = try meet(authority("api.test"), issuer.leaf(for: "www.test"))
        #expect(failure == .wrongName(expected: "api.test", presented: ["www.test"]))
        #expect(failure?.description == "the certificate is not for api.test but for www.test")
        guard case .distrusted = other else {
            return #expect(Bool(false), "the server was told: \(String(describing: other))")
        }
    }

    @Test(
        "a certificate for another address is refused",
        arguments: [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2")])
    func wrongAddress(asked: String, shown: String) throws {
        let failure = try meet(authority(asked, isLiteral: true), issuer.leaf(for: shown)).0
        guard case .wrongName(asked, let presented) = failure else {
            return #expect(Bool(false), "\(String(describing: failure))")
        }
        #expect(presented.count == 1)
    }

    @Test("an address is not a name: a name certificate is refused for it")
    func addressAgainstName() throws {
        let failure = try meet(authority("192.0.2.1", isLiteral: true), issuer.leaf(for: "api.test")).0
        #expect(failure == .wrongName(expected: "192.0.2.1", presented: ["api.test"]))
    }

    @Test("an issuer that nobody named is refused, and its name told")
    func unknownIssuer() throws {
        let stranger = try CertificateAuthority(creatingFor: "stranger")
        let failure = try meet(authority("api.test"), stranger.leaf(for: "api.test")).0
        #expect(failure == .unknownIssuer("CN=Tiergate authority stranger"))
        #expect(failure?.description.contains("upstream.roots") == true)
    }

    @Test("an issuer of the same name with another key is unknown all the same")
    func impostor() throws {
        let failure = try meet(authority("api.test"), CertificateAuthority(creatingFor: "test").leaf(for: "api.test")).0
        #expect(failure != nil)
    }

    @Test("the system's store alone does not know the local authority")
    func system() throws {
        let failure = try meet(authority("api.test"), issuer.leaf(for: "api.test"), client: TLSClientContext(roots: []))
            .0
        guard case .unknownIssuer = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
    }

    @Test("a certificate that is over or has not begun is refused with the date")
    func dates() throws {
        #expect(try meet(authority("api.test"), leaf("api.test", lifetime: 7200)).0 == nil)
        let expired = try meet(authority("api.test"), leaf("api.test", lifetime: 1800)).0
        guard case .expired(_, let date) = expired else {
            return #expect(Bool(false), "\(String(describing: expired))")
        }
        #expect(date.hasSuffix("GMT"))
        let early = try meet(authority("api.test"), leaf("api.test", lifetime: 90_000, begins: 3600)).0
        guard case .notYetValid = early else { return #expect(Bool(false), "\(String(describing: early))") }
    }

    @Test("a wildcard stands for one whole label, and for nothing less or more")
    func wildcards() throws {
        let whole = try leaf("api.test", names: ["*.a.test"])
        #expect(try meet(authority("x.a.test"), whole).0 == nil)
        #expect(try meet(authority("x.y.a.test"), whole).0 != nil)
        #expect(try meet(authority("a.test"), whole).0 != nil)
        #expect(try meet(authority("xyz.a.test"), leaf("api.test", names: ["x*.a.test"])).0 != nil)
    }

    @Test("a certificate without names is for nobody, whatever its common name says")
    func commonName() throws {
        #expect(
            try meet(authority("tiergate"), leaf("api.test", names: [])).0
                == .wrongName(expected: "tiergate", presented: []))
    }

    @Test("names that a stranger chose are cut and escaped in a message")
    func hostileNames() throws {
        let long = String(repeating: "a.", count: 2000) + "test"
        let shown = try leaf("api.test", names: ["\u{1B}[31m\r\nok", long] + (0..<50).map { "n\($0)" })
        let failure = try meet(authority("api.test"), shown).0
        let sentence = try #require(failure?.description)
        #expect(sentence.utf8.count < 1500)
        #expect(sentence.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test("roots that cannot be read are named", arguments: ["/nowhere/roots.pem", "/dev/null", "/"])
    func roots(file: String) {
        let failure = #expect(throws: CryptoFailure.self) { try TLSClientContext(roots: [file]) }
        #expect(failure?.description.hasPrefix("cannot read \(file)") == true)
    }

    @Test("an agent that does not trust the authority is reported as such on its side")
    func distrusting() throws {
        let other = try meet(authority("api.test"), issuer.leaf(for: "api.test"), client: TLSClientContext(roots: [])).1
        #expect(other?.description.contains("does it trust the authority?") == true)
    }

    /// A leaf of the authority that is not as it makes them.
    private func leaf(_ name: String, lifetime: Int = 90_000, begins: Int = -3600, names: [String]? = nil) throws
        -> Leaf
    {
        let good = try issuer.leaf(for: name)
        let root = try Certificate(pem: PEMInput(file: scratch.path + "/ca.pem"), name: "ca.pem")
        let keyFile = try scratch.file("ca.key", issuer.keyPEM())
        let draft = try CertificateDraft()
        try draft.begin(key: good.key, lifetime: lifetime)
        X509_gmtime_adj(X509_getm_notBefore(draft.pointer), begins)
        try draft.setSubject(
            X509_get_subject_name(good.certificate.pointer), issuer: X509_get_subject_name(root.pointer))
        let list = GENERAL_NAMES_new()
        for name in names ?? [name] {
            let text = ASN1_IA5STRING_new()
            ASN1_STRING_set(text, name, Int32(name.utf8.count))
            let entry = GENERAL_NAME_new()
            GENERAL_NAME_set0_value(entry, GEN_DNS, text.map { UnsafeMutableRawPointer($0) })
            try #require(tg_general_names_push(list, entry) > 0)
        }
        if names != [] {
            X509_add1_ext_i2d(draft.pointer, NID_subject_alt_name, list.map { UnsafeMutableRawPointer($0) }, 0, 0)
        }
        GENERAL_NAMES_free(list)
        let key = try PrivateKey(pem: PEMInput(file: keyFile), name: keyFile)
        return Leaf(name: name, certificate: try draft.signed(by: key), key: good.key, renewal: .now)
    }
}
