import JSON
import Operators

extension Command {
    static let show = Command(
        name: "show", summary: "show one held call: what, why, what follows from it, and how to decide",
        operands: [.hold],
        options: [
            Option(name: "--full", help: "with the header fields, and every row that the gate tells"), .socket,
        ],
        details: """
            What is shown is what is sent. Characters that a screen would hide or act on are written out \
            (⟨U+202E⟩), ↵ is a line feed; what is left out is counted. Values of credentials are not shown.
            """,
        examples: [
            Example("tiergate show h_4v7k2m9qx3rd", "everything on one screen"),
            Example("tiergate show 4v7", "the only one whose id begins like this"),
            Example("tiergate show h_4v7k2m9qx3rd --json | jq .hold.request.body", "the decoded body"),
        ],
        run: { invocation in
            invocation.asking { gate throws(OperatorFailure) in
                let report = try gate.hold(invocation.operands.first ?? "")
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object(report.write))
                } else {
                    let screen = HoldScreen(Screen(invocation.terminal), isFull: invocation.has("--full"))
                    invocation.terminal.print(screen.text(of: report))
                }
                return .ok
            }
        })
}
