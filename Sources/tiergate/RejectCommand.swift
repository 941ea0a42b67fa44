import Operators

extension Command {
    static let reject = Command(
        name: "reject", summary: "refuse held calls, with a reason that the agent is told",
        operands: [.holds],
        options: [
            Option(name: "--reason", value: "TEXT", help: "why; the agent reads it, and acts on it"), .sign, .key,
            .signer, .digest, .socket,
        ],
        details: """
            A rejection sticks: the identical call gets the same answer, with the reason, until `tiergate reopen`. Say \
            what would be accepted, or the agent looks for another way.
            """,
        examples: [
            Example(
                "tiergate reject h_4v7k2m9qx3rd --reason 'refund 20 USD at most'", "the agent is told so, and goes on")
        ],
        run: { invocation in
            guard let reason = invocation.value("--reason") else {
                return invocation.fail(
                    .usage, "--reason is missing", help: "the agent is told it: say what would be accepted")
            }
            return DecisionRun(invocation: invocation, action: .reject) {
                gate, id, digest throws(OperatorFailure) in
                let signature = try Signing(invocation)?.sign(
                    gate, id, digest, ApprovalText.Words.reject, reason: reason)
                return try gate.reject(id, digest: digest, reason: reason, signature: signature)
            }.run()
        })
}
