import JSON
import Operators
import Rules

extension Command {
    static let held = Command(
        name: "held", summary: "list the calls that wait",
        options: [
            Option(
                name: "--state", value: "STATE", help: "only holds in this state; may be repeated", repeats: true,
                completion: .words(states)),
            Option(name: "--all", help: "decided and finished ones as well"),
            Option(name: "--session", value: "SESSION", help: "only holds of this session"),
            Option(name: "--limit", value: "NUMBER", help: "how many at most, 100 without it"),
            .socket,
        ],
        details: """
            Without --state or --all the holds that are not over: pending and stale ones wait for a decision, approved \
            ones for the agent or for sending, uncertain ones for somebody to find out what happened.
            """,
        examples: [
            Example("tiergate held", "what waits, undecided ones first"),
            Example("tiergate held --state uncertain", "what was sent and nobody knows the end of"),
            Example("tiergate held --json | jq -r '.holds[] | select(.tier == 4).id'", "ids for a script"),
        ],
        run: { invocation in
            let chosen = invocation.values("--state")
            if let unknown = chosen.first(where: { !states.contains($0) }) {
                let meant = suggestion(for: unknown, among: states).map { "did you mean \($0)?" }
                return invocation.fail(
                    .usage, "there is no state \(visible(unknown))",
                    help: meant ?? "states are \(states.joined(separator: ", "))")
            }
            let limit = invocation.value("--limit")
            if let limit, Int(limit).map({ $0 < 1 }) ?? true {
                return invocation.fail(.usage, "--limit must be a number from 1")
            }
            do throws(OperatorFailure) {
                let list = try invocation.gate.holds(
                    states: chosen.isEmpty && !invocation.has("--all") ? unfinished : chosen,
                    session: invocation.value("--session"), limit: limit.flatMap { Int($0) })
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object(list.write))
                } else {
                    invocation.terminal.print(HoldScreen(terminal: invocation.terminal).list(list))
                }
                return .ok
            } catch {
                return invocation.fail(error)
            }
        })

    static let unfinished = ["pending", "stale", "approved", "sending", "uncertain"]
    private static let states = unfinished + ["rejected", "done", "resolved", "expired"]
}
