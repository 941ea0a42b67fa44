/// What a key signs: everything that makes this decision what it is, a line each, so that a person can read it and nothing
/// in it can be exchanged.
package enum ApprovalText {
    /// A signature that was made for anything else is none here (ssh-keygen(1), -n).
    package static let namespace = "tiergate-approval"

    /// What is decided, as the text has it.
    package enum Words {
        package static func approve(now: Bool) -> String { now ? "approve now" : "approve" }
        package static let reject = "reject"
        package static let reopen = "reopen"
        package static func resolve(wasExecuted: Bool) -> String {
            wasExecuted ? "resolve executed" : "resolve not-executed"
        }
    }

    /// - Parameters:
    ///   - decision: one of `Words`.
    ///   - reason: one line, as every reason is.
    ///   - expires: of the nonce, as the gate gave it.
    package static func text(
        hold: String, digest: String, decision: String, reason: String?, nonce: String, expires: String
    ) -> [UInt8] {
        let lines = [
            "tiergate-approval 1", "hold: \(hold)", "digest: \(digest)", "decision: \(decision)",
            "reason: \(reason ?? "")", "nonce: \(nonce)", "expires: \(expires)",
        ]
        return Array(lines.map { "\($0)\n" }.joined().utf8)
    }
}
