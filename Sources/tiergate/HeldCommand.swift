import Calls
import JSON
import Operators

extension Command {
    static let held = Command(
        name: "held", summary: "list the calls that wait for a person",
        options: [
            Option(
                name: "--state", value: "STATE",
                help: "holds in this state instead of those that need a person; may be repeated", repeats: true,
                completion: .words(HoldList.states)),
            Option(name: "--all", help: "holds in every state"),
            Option(name: "--session", value: "SESSION", help: "only those of one session"),
            Option(name: "--limit", value: "NUMBER", help: "at most this many (100; up to 1000)"),
            .socket, .config,
        ],
        details: """
            Without options: what needs a person now. Calls that wait for a decision, calls that were approved and \
            have changed since, and calls of which nobody knows whether they were carried out. A star says that the \
            agent is waiting on its connection: approved now, the call is sent now.
            """,
        examples: [
            Example("tiergate held", "what waits, the newest first"),
            Example("tiergate held --all --limit 20", "the last twenty, decided or not"),
            Example("tiergate held --json | jq -r '.holds[].id'", "their ids, for another program"),
            Example("tiergate held --state approved", "approved, and not yet sent: the agent has to ask again"),
        ],
        run: { invocation in
            var limit: Int?
            if let text = invocation.value("--limit") {
                guard let number = Int(text), (1...1000).contains(number) else {
                    return invocation.fail(.usage, "--limit must be a number from 1 to 1000")
                }
                limit = number
            }
            let states = invocation.values("--state")
            let isDefault = states.isEmpty && !invocation.has("--all")
            return invocation.asking { gate throws(OperatorFailure) in
                let list = try gate.holds(
                    states: isDefault ? HoldList.needingPerson : states, session: invocation.value("--session"),
                    limit: limit)
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object(list.write))
                } else {
                    invocation.terminal.print(HoldTable(Screen(invocation.terminal)).text(of: list, isDefault))
                }
                return .ok
            }
        })
}
