import Operators

extension Command {
    static let handover = Command(
        name: "handover", summary: "pass a claim on, or give it back",
        operands: [.holds],
        options: [
            Option(name: "--to", value: "ACCOUNT", help: "who has it now; without it nobody has"), .digest, .socket,
        ],
        details: """
            Anybody who may decide the hold may pass it on, also when another has taken it on: people are ill, and calls \
            wait. It can be handed to whoever may decide it.
            """,
        examples: [
            Example("tiergate handover h_4v7k2m9qx3rd --to bob", "bob has taken it on now"),
            Example("tiergate handover h_4v7k2m9qx3rd", "nobody has"),
        ],
        run: { invocation in
            let receiver = invocation.value("--to")
            return DecisionRun(invocation: invocation, action: .handover) {
                gate, id, digest throws(OperatorFailure) in
                try gate.handOver(id, digest: digest, to: receiver)
            }.run()
        })
}
