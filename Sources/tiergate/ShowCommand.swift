import JSON
import Operators

extension Command {
    static let show = Command(
        name: "show", summary: "show one held call with everything to decide by",
        operands: [.hold], options: [.socket],
        details: """
            What would happen, why it is held, what it means, who asks, until when, and the call itself, decoded. What is \
            shown is what would be sent; secrets are left out, and invisible characters are made visible.
            """,
        examples: [
            Example("tiergate show h_0123456789ab", "one call"),
            Example("tiergate show 01", "the beginning of an id is enough to look"),
        ],
        run: { invocation in
            do throws(OperatorFailure) {
                let report = try invocation.gate.hold(invocation.operands.first ?? "")
                invocation.print(report) { HoldScreen(terminal: invocation.terminal).show($0) }
                return .ok
            } catch {
                return invocation.fail(error)
            }
        })
}

extension Invocation {
    func print(_ report: HoldReport, _ text: (HoldReport) -> String) {
        if isJSON {
            terminal.print(json: JSONWriter.object(report.write))
        } else {
            terminal.print(text(report))
        }
    }
}
