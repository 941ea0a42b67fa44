import Operators

extension Command {
    static let approve = Command(
        name: "approve", summary: "let held calls go",
        operands: [.holds],
        options: [
            Option(name: "--now", help: "send it without waiting for the agent; the answer is kept for it"),
            Option(name: "--reason", value: "TEXT", help: "why, for the journal"),
            Option(name: "--yes", help: "ask nothing, for scripts"),
            .sign, .key, .signer, .digest, .socket,
        ],
        details: """
            Reads the hold again, shows what will be sent, and approves that and nothing else: where it has changed in \
            between, nothing is approved. Tier 4 and flagged calls ask for the end of the id, or the amount, to be typed.

            Where the agent is waiting on its connection the call is sent at once. Where it has left, the approval is \
            spent by its next identical call; --now sends the call without it.

            Rules may ask for several people, and for signatures. --sign has ssh-keygen sign this hold, digest, decision, \
            reason and a number that counts once, in the namespace tiergate-approval.
            """,
        examples: [
            Example("tiergate approve h_4v7k2m9qx3rd", "shows it and lets it go"),
            Example("tiergate approve", "lists what waits, and asks which"),
            Example("tiergate approve h_4v7k2m9qx3rd --now --reason 'the customer called'", "sends it at once"),
            Example(
                "tiergate approve h_4v7k2m9qx3rd --yes --digest 9c1f… --json",
                "from a script that has looked at the hold before"),
            Example("tiergate approve h_4v7k2m9qx3rd --sign", "signed with your usual SSH key"),
            Example(
                "tiergate approve h_4v7k2m9qx3rd --sign --key ~/.ssh/id_ed25519_sk.pub",
                "signed with the key on a token, which asks to be touched"),
        ],
        run: { invocation in
            let (reason, now) = (invocation.value("--reason"), invocation.has("--now"))
            return DecisionRun(invocation: invocation, action: .approve) {
                gate, id, digest throws(OperatorFailure) in
                let signature = try Signing(invocation)?.sign(
                    gate, id, digest, ApprovalText.Words.approve(now: now), reason: reason)
                return try gate.approve(id, digest: digest, reason: reason, now: now, signature: signature)
            }.run()
        })
}
