import Calls
import Glibc
import Holds
import HoldsTesting
import OperatorsTesting
import System
import Testing

@testable import Operators

/// Decisions signed by real keys, verified by the machine's own ssh-keygen.
@Suite(
    .enabled(if: SystemProgram.path(of: "ssh-keygen") != nil, "ssh-keygen is not installed (openssh-client)"))
struct SigningTests {
    /// Keys of people, and the list that names them.
    private final class Keys: Sendable {
        let directory: String
        var list: String { "\(directory)/allowed_signers" }

        init(_ names: [String]) throws {
            directory = try Files.makeTemporaryDirectory("tiergate-keys")
            var lines = ""
            for name in names + ["stranger"] {
                let made = try SystemProgram.answer(
                    of: "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", "\(directory)/\(name)"],
                    input: [], patience: 60_000)
                try #require(made.status == 0)
                let key = String(decoding: try Files.read("\(directory)/\(name).pub"), as: UTF8.self)
                if name != "stranger" { lines += "\(name) \(key)" }
            }
            try Files.replace(list, with: Array(lines.utf8))
        }

        deinit { Files.remove(directory) }

        func sign(_ text: [UInt8], as name: String, namespace: String = ApprovalText.namespace) throws -> String {
            let answer = try SystemProgram.answer(
                of: "ssh-keygen", ["-Y", "sign", "-f", "\(directory)/\(name)", "-n", namespace], input: text,
                patience: 60_000)
            try #require(answer.status == 0, "\(String(decoding: answer.errors, as: UTF8.self))")
            return String(decoding: answer.output, as: UTF8.self)
        }

        func fingerprint(of name: String) throws -> String {
            let answer = try SystemProgram.answer(
                of: "ssh-keygen", ["-l", "-f", "\(directory)/\(name).pub"], input: [], patience: 60_000)
            let words = String(decoding: answer.output, as: UTF8.self).split(separator: " ")
            return try #require(words.dropFirst().first.map(String.init))
        }
    }

    private let me = Accounts.name(of: Accounts.effectiveUser)

    private func bench(_ keys: Keys, _ settings: HoldSettings = HoldSettings()) async throws -> SocketBench {
        try await SocketBench(signatures: SignatureCheck(file: keys.list, patience: 60_000), settings: settings)
    }

    /// Signs as a person would, unless the test wants it otherwise.
    private func signed(
        _ bench: SocketBench, _ hold: Hold, _ keys: Keys, as name: String, signer: String? = nil,
        decision: String = "approve", digest: String? = nil, reason: String? = nil,
        namespace: String = ApprovalText.namespace, nonce: NonceView? = nil
    ) throws -> SignedWords {
        let nonce = try nonce ?? bench.client.nonce(for: hold.id.description)
        let text = ApprovalText.text(
            hold: hold.id.description, digest: digest ?? hold.digest.description, decision: decision, reason: reason,
            nonce: nonce.nonce, expires: nonce.expires)
        return SignedWords(
            nonce: nonce.nonce, signer: signer,
            armoured: try keys.sign(text, as: name, namespace: namespace))
    }

    private func code(_ body: () throws(OperatorFailure) -> HoldReport) throws -> String {
        do throws(OperatorFailure) {
            return try body().hold.state
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            return refusal.code
        }
    }

    @Test("a signature lets go what asks for one; signer and fingerprint are in the hold")
    func approves() async throws {
        let keys = try Keys([me])
        let bench = try await bench(keys)
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), .sample(terms: Terms(needsSignature: true)))
        let (id, digest) = (hold.id.description, hold.digest.description)
        #expect(try bench.client.hold(id).hold.needsSignature)
        #expect(
            try code { () throws(OperatorFailure) in try bench.client.approve(id, digest: digest) }
                == "signature_required")
        let signature = try signed(bench, hold, keys, as: me, reason: "the customer called")
        let report = try bench.client.approve(id, digest: digest, reason: "the customer called", signature: signature)
        #expect(report.hold.state == "approved")
        let key = try keys.fingerprint(of: me)
        #expect(report.hold.decision?.signer == me && report.hold.decision?.key == key)
        #expect(report.hold.votes.map(\.key) == [key])
    }

    @Test("a signature over anything else is none: another decision, digest, reason, namespace, key or signer")
    func refused() async throws {
        let keys = try Keys([me, "ada"])
        let bench = try await bench(keys)
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), .sample(terms: Terms(needsSignature: true)))
        let (id, digest) = (hold.id.description, hold.digest.description)
        let wrong: [(String, SignedWords)] = [
            ("decision", try signed(bench, hold, keys, as: me, decision: "reject")),
            ("now", try signed(bench, hold, keys, as: me, decision: "approve now")),
            ("digest", try signed(bench, hold, keys, as: me, digest: GateBench.hash([7]).description)),
            ("reason", try signed(bench, hold, keys, as: me, reason: "other words")),
            ("namespace", try signed(bench, hold, keys, as: me, namespace: "git")),
            ("unknown key", try signed(bench, hold, keys, as: "stranger")),
            ("another's key", try signed(bench, hold, keys, as: "ada")),
            ("another's name", try signed(bench, hold, keys, as: me, signer: "ada")),
            ("unknown name", try signed(bench, hold, keys, as: me, signer: "nobody.here")),
        ]
        for (what, signature) in wrong {
            let answered = try code { () throws(OperatorFailure) in
                try bench.client.approve(id, digest: digest, signature: signature)
            }
            #expect(answered == "bad_signature", "\(what)")
        }
        let long = SignedWords(
            nonce: "1", signer: nil, armoured: String(repeating: "x", count: OperatorLimits().signatureBytes + 1))
        #expect(
            try code { () throws(OperatorFailure) in try bench.client.approve(id, digest: digest, signature: long) }
                == "wrong_member")
        let nonce = try bench.client.nonce(for: id)
        for armoured in ["", "x", "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"] {
            let drawn = try bench.client.nonce(for: id)
            let answered = try code { () throws(OperatorFailure) in
                try bench.client.approve(
                    id, digest: digest, signature: SignedWords(nonce: drawn.nonce, signer: nil, armoured: armoured))
            }
            #expect(answered == "bad_signature")
        }
        #expect(try await bench.gate.gate.hold(hold.id).version == hold.version)
        let right = try signed(bench, hold, keys, as: me, nonce: nonce)
        #expect(try bench.client.approve(id, digest: digest, signature: right).hold.state == "approved")
    }

    @Test("a nonce that was used, is another hold's, or is too old, counts for nothing")
    func nonces() async throws {
        let keys = try Keys([me])
        let bench = try await bench(keys)
        defer { bench.stop() }
        let terms = Terms(quorum: 2, needsSignature: true)
        let hold = try await bench.hold(.sample(), .sample(terms: terms))
        let other = try await bench.hold(.sample(body: "2"), .sample(terms: terms))
        func approve(_ hold: Hold, _ signature: SignedWords) throws -> String {
            try code { () throws(OperatorFailure) in
                try bench.client.approve(hold.id.description, digest: hold.digest.description, signature: signature)
            }
        }
        let foreign = try signed(
            bench, hold, keys, as: me, nonce: bench.client.nonce(for: other.id.description))
        #expect(try approve(hold, foreign) == "unknown_nonce")
        let used = try signed(bench, hold, keys, as: me)
        #expect(try approve(hold, used) == "pending")
        #expect(try approve(hold, used) == "unknown_nonce")
        let late = try signed(bench, other, keys, as: me)
        bench.gate.clock.advance(.minutes(5))
        #expect(try approve(other, late) == "expired_nonce")
        #expect(try approve(other, signed(bench, other, keys, as: me)) == "pending")
    }

    @Test("behind one account two signers are two people, and one is one")
    func sharedAccount() async throws {
        let keys = try Keys(["ada", "bob"])
        var settings = HoldSettings()
        settings.sharedAccounts = [Accounts.effectiveUser]
        let bench = try await bench(keys, settings)
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), .sample(terms: Terms(quorum: 2)))
        let (id, digest) = (hold.id.description, hold.digest.description)
        func approve(_ name: String?) throws -> String {
            let signature = try name.map { try signed(bench, hold, keys, as: $0, signer: $0) }
            return try code { () throws(OperatorFailure) in
                try bench.client.approve(id, digest: digest, signature: signature)
            }
        }
        #expect(try approve(nil) == "signature_required")
        #expect(try approve("ada") == "pending")
        #expect(try approve("ada") == "voted_already")
        #expect(try approve("bob") == "approved")
        #expect(try bench.client.hold(id).hold.votes.map(\.by) == ["ada", "bob"])
    }

    @Test("rejections and resolutions may be signed, and a signed one that is not the words is refused")
    func others() async throws {
        let keys = try Keys([me])
        let bench = try await bench(keys)
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        let wrong = try signed(bench, hold, keys, as: me, reason: "no")
        #expect(
            try code { () throws(OperatorFailure) in
                try bench.client.reject(id, digest: digest, reason: "no", signature: wrong)
            } == "bad_signature")
        let right = try signed(bench, hold, keys, as: me, decision: "reject", reason: "no")
        let report = try bench.client.reject(id, digest: digest, reason: "no", signature: right)
        #expect(report.hold.state == "rejected" && report.hold.decision?.signer == me)
    }

    @Test("a list that others may write, or that is not there, verifies nothing and lets nothing go")
    func list() async throws {
        let keys = try Keys([me])
        let bench = try await bench(keys)
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        let signature = try signed(bench, hold, keys, as: me)
        chmod(keys.list, 0o666)
        #expect(
            try code { () throws(OperatorFailure) in
                try bench.client.approve(id, digest: digest, signature: signature)
            } == "cannot_verify")
        #expect(try bench.request("GET", "/v1/holds/\(id)/nonce").status == 503)
        unlink(keys.list)
        #expect(try bench.request("GET", "/v1/holds/\(id)/nonce").code() == "cannot_verify")
        #expect(try await bench.gate.gate.hold(hold.id).state == .pending)
    }
}
