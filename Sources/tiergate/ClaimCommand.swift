import Operators

extension Command {
    static let claim = Command(
        name: "claim", summary: "take held calls on, so that others see that you look at them",
        operands: [.holds],
        options: [.digest, .socket],
        details: """
            A claim decides nothing and keeps nobody from deciding. The time for a first act of a person is over with it. \
            What another has taken on is refused with his name; `tiergate handover` passes it on.
            """,
        examples: [
            Example("tiergate claim h_4v7k2m9qx3rd", "lists and screens name you"),
            Example("tiergate claim", "lists what waits, and asks which"),
        ],
        run: { invocation in
            DecisionRun(invocation: invocation, action: .claim) { gate, id, digest throws(OperatorFailure) in
                try gate.claim(id, digest: digest)
            }.run()
        })
}
