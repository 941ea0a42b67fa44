import Calls
import JSON
import Operators
import Rules

extension Command {
    static let held = Command(
        name: "held", summary: "list the calls that wait",
        options: [
            Option(
                name: "--state", value: "STATE", help: "only holds in this state; may be repeated", repeats: true,
                completion: .words(HoldList.states)),
            Option(name: "--all", help: "decided and finished ones as well"),
            Option(name: "--session", value: "SESSION", help: "only holds of this session"),
            Option(name: "--limit", value: "NUMBER", help: "how many at most: 100 without it, 1000 at most"),
            .socket,
        ],
        details: """
            Without --state or --all the holds that are not over: pending and stale ones wait for a decision, approved \
            ones for the agent or for sending, uncertain ones for somebody to find out what happened. A star says that \
            the agent is waiting on its connection: approved now, the call is sent now.
            """,
        examples: [
            Example("tiergate held", "what waits, undecided ones first"),
            Example("tiergate held --state uncertain", "what was sent and nobody knows the end of"),
            Example("tiergate held --json | jq -r '.holds[] | select(.tier == 4).id'", "ids for a script"),
        ],
        run: { invocation in
            let chosen = invocation.values("--state")
            if let unknown = chosen.first(where: { !HoldList.states.contains($0) }) {
                let meant = suggestion(for: unknown, among: HoldList.states).map { "did you mean \($0)?" }
                return invocation.fail(
                    .usage, "there is no state \(visible(unknown))",
                    help: meant ?? "states are \(HoldList.states.joined(separator: ", "))")
            }
            let limit = invocation.value("--limit").map { Int($0) ?? 0 }
            if let limit, !(1...1000).contains(limit) {
                return invocation.fail(.usage, "--limit must be a number from 1 to 1000")
            }
            let isDefault = chosen.isEmpty && !invocation.has("--all")
            return invocation.asking { gate throws(OperatorFailure) in
                let list = try gate.holds(
                    states: isDefault ? unfinished : chosen, session: invocation.value("--session"), limit: limit)
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object(list.write))
                } else {
                    invocation.terminal.print(HoldTable(Screen(invocation.terminal)).text(of: list))
                }
                return .ok
            }
        })

    static let unfinished = ["pending", "stale", "approved", "sending", "uncertain"]
}
