import Calls
import Holds
import System

/// Verifies signatures of decisions with the distribution's own ssh-keygen, against the site's list of signers.
package struct SignatureCheck: Sendable {
    /// `allowed_signers` (ssh-keygen(1)): names and keys; read anew each time.
    package let file: String
    /// Milliseconds for one verification.
    private let patience: Int64

    package init(file: String, patience: Int64 = 10_000) {
        self.file = file
        self.patience = patience
    }

    /// Why the list cannot be used; nil where it can.
    package var weakness: String? {
        guard Files.exist(file) else { return "\(file) (operators.allowed_signers) is not there" }
        guard Files.isOwnFile(file) else {
            return
                "\(file) (operators.allowed_signers) must be a file of root or of the gate's account that nobody else "
                + "may write"
        }
        return SystemProgram.path(of: "ssh-keygen") == nil ? "ssh-keygen is not installed (openssh-client)" : nil
    }

    enum Failure: Error, Hashable {
        /// The signature is none of this signer's for this text; what ssh-keygen says of it.
        case refused(String)
        /// Nothing can be verified here.
        case impossible(String)
    }

    /// Whose key signed this text; another thread waits for it.
    func verify(
        _ text: [UInt8], _ signature: [UInt8], by signer: String
    ) async throws(Failure) -> Decision.Signature {
        let result = await withCheckedContinuation { (waiter: CheckedContinuation<Result, Never>) in
            do throws(IOError) {
                try WorkerThread.spawn("signatures") { waiter.resume(returning: check(text, signature, signer)) }
            } catch {
                waiter.resume(returning: .failure(.impossible(error.description)))
            }
        }
        return try result.get()
    }

    private typealias Result = Swift.Result<Decision.Signature, Failure>

    private func check(_ text: [UInt8], _ signature: [UInt8], _ signer: String) -> Result {
        if let weakness { return .failure(.impossible(weakness)) }
        let arguments = [
            "-Y", "verify", "-f", file, "-I", signer, "-n", ApprovalText.namespace, "-s", SystemProgram.attachment,
        ]
        do throws(IOError) {
            let answer = try SystemProgram.answer(
                of: "ssh-keygen", arguments, input: text, attached: signature, patience: patience)
            guard answer.status == 0, let key = Self.fingerprint(answer.output) else {
                return .failure(.refused(Self.words(answer)))
            }
            return .success(Decision.Signature(signer: signer, key: key))
        } catch {
            return .failure(.impossible(error.description))
        }
    }

    /// `Good "tiergate-approval" signature for ada with ED25519 key SHA256:…`
    private static func fingerprint(_ output: [UInt8]) -> String? {
        let words = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.first == "Good", let last = words.last, last.hasPrefix("SHA256:") else { return nil }
        return String(last)
    }

    private static func words(_ answer: SystemProgram.Answer) -> String {
        let lines = [answer.errors, answer.output].flatMap { $0.split(separator: 0x0A) }
        return lines.first.map { VisibleText.show(String(decoding: $0, as: UTF8.self), limit: 200) } ?? "no reason"
    }
}
