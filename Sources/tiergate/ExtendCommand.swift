import Calls
import Operators

extension Command {
    static let extend = Command(
        name: "extend", summary: "give held calls more time",
        operands: [.holds],
        options: [
            Option(name: "--for", value: "TIME", help: "from now to the new end: 12 h, 2 d"),
            Option(name: "--reason", value: "TEXT", help: "why, for the journal"), .digest, .socket,
        ],
        details: """
            Time is given, never taken: an end before the present one is refused, and so is one more than 30 days from now.
            """,
        examples: [
            Example(
                "tiergate extend h_4v7k2m9qx3rd --for '2 d' --reason 'finance is back on Monday'", "two days from now")
        ],
        run: { invocation in
            guard let text = invocation.value("--for") else {
                return invocation.fail(.usage, "--for is missing", help: "say how long from now: --for '12 h'")
            }
            guard let time = TimeSpan.parse(text), time > 0 else {
                return invocation.fail(.usage, "\(visible(text)) is no time", help: "for example 12 h or 2 d")
            }
            let reason = invocation.value("--reason")
            return DecisionRun(invocation: invocation, action: .extend) {
                gate, id, digest throws(OperatorFailure) in
                try gate.extend(id, digest: digest, for: time, reason: reason)
            }.run()
        })
}
