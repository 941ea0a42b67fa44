import Calls
import JSON
import Operators

extension Command {
    static let edit = Command(
        name: "edit", summary: "change what a held call would send, before somebody lets it go",
        operands: [.hold],
        options: [
            Option(
                name: "--set", value: "PATH=VALUE",
                help: "a value of the body that is there, by its path as `show` spells it", repeats: true),
            Option(name: "--field", value: "NAME=VALUE", help: "a field of a form, set or added", repeats: true),
            Option(
                name: "--header", value: "NAME=VALUE",
                help: "a header field; only those about the answer, or a condition",
                repeats: true),
            Option(name: "--patch", value: "FILE", help: "a JSON Patch (RFC 6902) over a JSON body", completion: .file),
            .digest, .socket,
        ],
        details: """
            Without options the body is opened in $VISUAL or $EDITOR: JSON with a value a line, a form with a field a line. \
            Arguments of MCP tools and variables of GraphQL are values inside the JSON body.

            What it becomes is read, judged and digested again under the rules in force; what a rule forbids is refused. \
            Approvals given before are void, and whoever edits does not approve. The agent is told that its call was \
            changed, and how. A call whose signature covers its body cannot be edited.
            """,
        examples: [
            Example("tiergate edit h_4v7k2m9qx3rd", "opens the body in an editor"),
            Example("tiergate edit h_4v7k2m9qx3rd --set amount=1500", "a smaller refund"),
            Example("tiergate edit h_4v7k2m9qx3rd --patch smaller.json", "as a JSON Patch says"),
        ],
        run: { invocation in EditRun(invocation: invocation).run() })
}
