import Calls
import Glibc
import Testing

@testable import Crypto

struct CertificateAuthorityTests {
    let scratch: Scratch
    let issuer: CertificateAuthority

    init() throws {
        scratch = try Scratch()
        issuer = try CertificateAuthority(creatingFor: "test", cachedLeaves: 100)
    }

    @Test("what was written out is the same authority when read")
    func roundTrip() throws {
        let certificate = try scratch.file("ca.pem", issuer.certificatePEM())
        let key = try scratch.file("ca.key", issuer.keyPEM())
        let read = try CertificateAuthority(certificateFile: certificate, keyFile: key)
        #expect(read.fingerprint == issuer.fingerprint)
        #expect(try read.certificatePEM() == issuer.certificatePEM())
    }

    @Test("certificate and key may be in one file")
    func oneFile() throws {
        let both = try scratch.file("both.pem", issuer.keyPEM() + issuer.certificatePEM())
        #expect(try CertificateAuthority(certificateFile: both, keyFile: both).fingerprint == issuer.fingerprint)
    }

    @Test("another authority's key is refused")
    func foreignKey() throws {
        let certificate = try scratch.file("ca.pem", issuer.certificatePEM())
        let key = try scratch.file("other.key", CertificateAuthority(creatingFor: "other").keyPEM())
        #expect(throws: CryptoFailure.unfitAuthority(reason: "the key is another certificate's")) {
            try CertificateAuthority(certificateFile: certificate, keyFile: key)
        }
    }

    @Test("a file that is missing, empty or something else is named")
    func unreadable() throws {
        let certificate = try scratch.file("ca.pem", issuer.certificatePEM())
        let empty = try scratch.file("empty.pem", "")
        for (first, second, named) in [
            ("/nowhere/ca.pem", certificate, "/nowhere/ca.pem"), (empty, certificate, empty),
            (certificate, certificate, certificate),
        ] {
            let failure = #expect(throws: CryptoFailure.self) {
                try CertificateAuthority(certificateFile: first, keyFile: second)
            }
            #expect(failure?.description.contains("cannot read \(named)") == true)
        }
    }

    @Test("a leaf is no authority")
    func leafAsAuthority() throws {
        let leaf = try issuer.leaf(for: "api.test")
        let certificate = try scratch.file("leaf.pem", leaf.pem())
        let key = try scratch.file("leaf.key", leaf.key.pem())
        let failure = #expect(throws: CryptoFailure.self) {
            try CertificateAuthority(certificateFile: certificate, keyFile: key)
        }
        #expect(failure?.description.contains("not an authority's") == true)
    }

    @Test("one name has one leaf, however often it is asked for")
    func cached() throws {
        #expect(try issuer.leaf(for: "api.test") === issuer.leaf(for: "api.test"))
        #expect(try issuer.leaf(for: "api.test") !== issuer.leaf(for: "www.test"))
    }

    @Test("an agent that asks for many names fills no more than the limit")
    func bounded() throws {
        for index in 0..<300 { _ = try issuer.leaf(for: "n\(index).test") }
        #expect(issuer.cachedLeafCount <= 100)
    }

    @Test(
        "a name that is neither host nor address is refused, its twin is not",
        arguments: [
            ("", "a"), ("a..b", "a.b"), (".a", "a"), ("a,DNS:b", "a-b"), ("*.a", "w.a"), ("a b", "a_b"),
            ("é.test", "e.test"),
            (String(repeating: "a", count: 64), String(repeating: "a", count: 63)), ("1:2", "::1"),
            (String(repeating: "a.", count: 127), String(repeating: "a.", count: 126) + "b"), ("a.test.", "a.test"),
        ])
    func names(refused: String, admitted: String) throws {
        #expect(throws: CryptoFailure.unusableName) { try issuer.leaf(for: refused) }
        #expect(try issuer.leaf(for: admitted).name == admitted)
    }

    @Test(
        "openssl verifies a minted leaf, for its name or address and for no other", .enabled(if: OpenSSLCommand.exists))
    func verified() throws {
        let root = try scratch.file("ca.pem", issuer.certificatePEM())
        for (name, option, other) in [
            ("api.test", "-verify_hostname", "www.test"), ("192.0.2.7", "-verify_ip", "192.0.2.8"),
            ("2001:db8::1", "-verify_ip", "2001:db8::2"),
        ] {
            let leaf = try scratch.file("leaf.pem", issuer.leaf(for: name).pem())
            let verify = "verify -x509_strict -purpose sslserver -CAfile \(root) \(option)"
            #expect(try OpenSSLCommand.run("\(verify) \(name) \(leaf)") == 0)
            #expect(try OpenSSLCommand.run("\(verify) \(other) \(leaf)") != 0)
        }
    }
}

/// The `openssl` program.
enum OpenSSLCommand {
    static let exists = access("/usr/bin/openssl", X_OK) == 0

    /// Its exit status; arguments are separated by blanks.
    static func run(_ arguments: String) throws -> Int32 {
        let words = ["/usr/bin/openssl"] + arguments.split(separator: " ").map(String.init)
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in [Int32(1), 2] { posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0) }
        var child: pid_t = 0
        try #require(posix_spawn(&child, words[0], &actions, nil, &pointers, environ) == 0)
        var status: Int32 = 0
        try #require(waitpid(child, &status, 0) == child)
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
    }
}
