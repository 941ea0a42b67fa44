import Operators

extension Command {
    static let reopen = Command(
        name: "reopen", summary: "take a rejection back: the call waits for a decision again",
        operands: [.holds],
        options: [
            Option(name: "--reason", value: "TEXT", help: "why, for the journal"), .sign, .key, .signer, .digest,
            .socket,
        ],
        examples: [
            Example("tiergate reopen h_4v7k2m9qx3rd", "it has its whole time again"),
            Example("tiergate held --state rejected", "those that can be reopened"),
        ],
        run: { invocation in
            let reason = invocation.value("--reason")
            return DecisionRun(invocation: invocation, action: .reopen) {
                gate, id, digest throws(OperatorFailure) in
                let signature = try Signing(invocation)?.sign(
                    gate, id, digest, ApprovalText.Words.reopen, reason: reason)
                return try gate.reopen(id, digest: digest, reason: reason, signature: signature)
            }.run()
        })
}
