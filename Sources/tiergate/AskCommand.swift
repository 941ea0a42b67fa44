import Operators

extension Command {
    static let ask = Command(
        name: "ask", summary: "ask the agent something before deciding",
        operands: [.holds],
        options: [
            Option(name: "--question", value: "TEXT", help: "what the agent is to say"), .digest, .socket,
        ],
        details: """
            The agent is told at once where it waits, and otherwise when it comes again, with the way to answer. Its answer \
            is its own words, shown by `tiergate show`, and in the journal. The first question gives the hold more time.
            """,
        examples: [
            Example("tiergate ask h_4v7k2m9qx3rd --question 'Which customer asked for it?'", "the agent is told so")
        ],
        run: { invocation in
            guard let question = invocation.value("--question") else {
                return invocation.fail(.usage, "--question is missing", help: "the agent is told it, and answers")
            }
            return DecisionRun(invocation: invocation, action: .ask) {
                gate, id, digest throws(OperatorFailure) in
                try gate.ask(id, digest: digest, question: question)
            }.run()
        })
}
