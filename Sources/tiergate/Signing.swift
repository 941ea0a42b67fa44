import Operators
import System

/// Signs a decision with a key of the person's, by the ssh-keygen of the machine: keys of an agent and of a token work too.
struct Signing {
    /// A private key, or a public one whose private half an agent or a token has; nil: the person's usual one.
    private let key: String?
    /// Nil: the account's own name.
    private let signer: String?
    private let environment: Environment

    /// Milliseconds for a passphrase to be typed, or a token to be touched.
    private static let patience: Int64 = 120_000

    /// As ssh looks for them, public halves first: their private ones may be in an agent.
    private static let usual = ["id_ed25519", "id_ed25519_sk", "id_ecdsa_sk", "id_ecdsa", "id_rsa"]

    /// Nil where nothing is to be signed.
    init?(_ invocation: Invocation) {
        guard invocation.has("--sign") else { return nil }
        key = invocation.value("--key")
        signer = invocation.value("--signer")
        environment = invocation.terminal.environment
    }

    /// - Parameter decision: in the words of `ApprovalText`.
    func sign(
        _ gate: OperatorClient, _ id: String, _ digest: String, _ decision: String, reason: String?
    ) throws(OperatorFailure) -> SignedWords {
        let file = try keyFile()
        let nonce = try gate.nonce(for: id)
        let text = ApprovalText.text(
            hold: id, digest: digest, decision: decision, reason: reason, nonce: nonce.nonce, expires: nonce.expires)
        let answer: SystemProgram.Answer
        do throws(IOError) {
            answer = try SystemProgram.answer(
                of: "ssh-keygen", ["-q", "-Y", "sign", "-f", file, "-n", ApprovalText.namespace], input: text,
                isTalking: true, patience: Self.patience)
        } catch {
            throw .unsigned(reason: error.description)
        }
        guard answer.status == 0, !answer.output.isEmpty else {
            throw .unsigned(reason: "ssh-keygen did not sign with \(file)")
        }
        return SignedWords(
            nonce: nonce.nonce, signer: signer, armoured: String(decoding: answer.output, as: UTF8.self))
    }

    private func keyFile() throws(OperatorFailure) -> String {
        if let key { return key }
        let directory = "\(environment.home)/.ssh"
        let candidates = Self.usual.flatMap { ["\(directory)/\($0).pub", "\(directory)/\($0)"] }
        guard let found = candidates.first(where: Files.exist) else {
            throw .unsigned(reason: "there is no key in \(directory)")
        }
        return found
    }
}

extension Command.Option {
    static let sign = Command.Option(name: "--sign", help: "sign the decision with your SSH key, by ssh-keygen")
    static let key = Command.Option(
        name: "--key", value: "FILE",
        help: "the key to sign with, or its public half where an agent or a token has it; usually your ~/.ssh/id_*",
        completion: .file)
    static let signer = Command.Option(
        name: "--signer", value: "NAME", help: "whose key it is, where several people share your account")
}

extension Invocation {
    /// Why the words about signing make no sense; nil where they do.
    var signingMistake: String? {
        guard !has("--sign") else { return nil }
        return ["--key", "--signer"].first { value($0) != nil }.map { "\($0) goes with --sign" }
    }
}
