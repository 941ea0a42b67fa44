import Operators

extension Command {
    static let resolve = Command(
        name: "resolve", summary: "say what had become of a call that was sent and never answered",
        operands: [.holds],
        options: [
            Option(name: "--executed", help: "it was carried out"),
            Option(name: "--not-executed", help: "it was not, and never will be"),
            Option(name: "--reason", value: "TEXT", help: "how you know"), .sign, .key, .signer, .digest, .socket,
        ],
        details: """
            A call that was being sent when the gate or the connection ended is uncertain: it is never sent again by \
            itself. Look at the other side first. Executed: the agent is told once that it was, and that the answer is \
            lost. Not executed: its next identical call is a new action, judged and held anew.
            """,
        examples: [
            Example("tiergate held --state uncertain", "those that need it"),
            Example(
                "tiergate resolve h_4v7k2m9qx3rd --executed --reason 're_3P is in the ledger'", "the refund was made"),
        ],
        run: { invocation in
            let wasExecuted = invocation.has("--executed")
            guard wasExecuted != invocation.has("--not-executed") else {
                return invocation.fail(.usage, "say --executed or --not-executed", help: "look at the other side first")
            }
            guard let reason = invocation.value("--reason") else {
                return invocation.fail(.usage, "--reason is missing", help: "say how you know; the journal keeps it")
            }
            return DecisionRun(invocation: invocation, action: .resolve) {
                gate, id, digest throws(OperatorFailure) in
                let signature = try Signing(invocation)?.sign(
                    gate, id, digest, ApprovalText.Words.resolve(wasExecuted: wasExecuted), reason: reason)
                return try gate.resolve(
                    id, digest: digest, wasExecuted: wasExecuted, reason: reason, signature: signature)
            }.run()
        })
}
