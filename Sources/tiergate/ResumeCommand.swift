import Operators

extension Command {
    static let resume = Command(
        name: "resume", summary: "lift what was stopped by kill or freeze, with a reason",
        operands: [.scope(isRequired: true)],
        options: [Option(name: "--reason", value: "TEXT", help: "why it may go on, for the journal"), .socket],
        details: """
            Lifts the stop of this very scope; others stay, wider and narrower ones. What a kill had ended does not come \
            back: the agent has to ask again.
            """,
        examples: [
            Example("tiergate resume everything --reason 'the key was changed'", "after a kill of everything"),
            Example("tiergate resume agent:local --reason 'false alarm'", "one agent"),
        ],
        run: { invocation in
            guard invocation.value("--reason") != nil else {
                return invocation.fail(
                    .usage, "--reason is missing", help: "say why it may go on; the journal keeps it")
            }
            return invocation.change(.resume)
        })
}
