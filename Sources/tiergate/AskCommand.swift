import Operators

extension Command {
    static let ask = Command(
        name: "ask", summary: "ask the agent something before deciding",
        operands: [.holds],
        options: [
            Option(name: "--question", value: "TEXT", help: "what the agent is asked, in one line"), .digest, .socket,
        ],
        details: """
            The agent is told with the next answer that it gets about the call; what it answers is shown with the hold, as \
            its own claim. The first question adds four hours to the hold's time, once.
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
                try gate.ask(id, digest: digest, question)
            }.run()
        })
}
