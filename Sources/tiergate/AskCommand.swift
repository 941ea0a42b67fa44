import Operators

extension Command {
    static let ask = Command(
        name: "ask", summary: "ask the agent something before deciding",
        operands: [.holds],
        options: [
            Option(name: "--question", value: "TEXT", help: "what the agent is to say, in one line"), .digest, .socket,
        ],
        details: """
            The agent is told at once where it waits, and otherwise when it comes again, with the way to answer. What it \
            answers is shown with the hold, as its own claim, and in the journal. The first question adds four hours to the \
            hold's time, once.
            """,
        examples: [
            Example("tiergate ask h_4v7k2m9qx3rd --question 'Which invoice is this for?'", "the agent is told"),
            Example("tiergate show h_4v7k2m9qx3rd", "the question, and the answer when there is one"),
        ],
        run: { invocation in
            guard let question = invocation.value("--question") else {
                return invocation.fail(.usage, "--question is missing", help: "say what you need to know, in one line")
            }
            return DecisionRun(invocation: invocation, action: .ask) { gate, id, digest throws(OperatorFailure) in
                try gate.ask(id, digest: digest, question: question)
            }.run()
        })
}
