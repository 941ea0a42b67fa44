import Calls
import JSON
import Rules
import System

extension Command {
    static let rulesImport = Command(
        name: "rules import", summary: "propose a pack from what a service says of itself",
        operands: [
            Operand(
                name: "KIND", help: "openapi, mcp (an answer to tools/list) or escalate-md",
                completion: .words(RuleImport.allCases.map(\.rawValue))),
            Operand(name: "FILE", help: "the document, or - for standard input", completion: .file),
        ],
        options: [
            Option(name: "--pack", value: "NAME", help: "the pack's name; without it, as the document is called"),
            Option(
                name: "--host", value: "HOST", help: "openapi: the host, where `servers` names none or another",
                repeats: true),
            Option(
                name: "--server", value: "NAME", help: "mcp: the name that the site has for the server; else the pack's"
            ),
            Option(name: "--trust", help: "mcp: let annotations lower a tier, not only raise it"),
        ],
        details: """
            The pack goes to standard output; it loads as it is and has a test for each rule. Tiers are guessed from \
            methods, the words of names, and annotations, and each is marked `# review`. What nothing explains is tier \
            3, as a call that no rule knows. Nothing is in force before you put the file among your rules.

            openapi reads OpenAPI 3 as JSON or YAML. A rule stands for a method of a path; plain reads of one resource \
            are one rule. escalate-md reads the convention of https://escalate.md: triggers become rules, the first \
            channel approvers and the others notify, the timeout decide_within, the cost threshold.
            """,
        examples: [
            Example(
                "tiergate rules import openapi petstore.yaml --pack petstore > rules/petstore.yaml", "a first pack"),
            Example("tiergate rules import mcp tools.json --pack files", "a rule for each tool of a server"),
            Example("tiergate rules import escalate-md ESCALATE.md > rules/escalate.yaml", "a convention, enforced"),
        ],
        run: { invocation in
            let word = invocation.operands[0]
            guard let kind = RuleImport(rawValue: word) else {
                let kinds = RuleImport.allCases.map(\.rawValue)
                let meant = suggestion(for: word, among: kinds).map { "did you mean \($0)?" }
                return invocation.fail(
                    .usage, "nothing is imported from \(visible(word))",
                    help: meant ?? "it is one of \(kinds.joined(separator: ", "))")
            }
            if let name = [invocation.value("--pack")].compactMap({ $0 }).first(where: { !isPackName($0) }) {
                return invocation.fail(
                    .usage, "a pack cannot be called \(visible(name))",
                    help: "small letters, digits, dots, dashes and underscores, 64 at most")
            }
            let path = invocation.operands[1]
            let bytes: [UInt8]
            do throws(IOError) {
                bytes = try Files.read(path == "-" ? "/dev/stdin" : path)
            } catch {
                return invocation.fail(
                    .usage, "cannot read the document: \(error)", help: "name a file, or - for standard input")
            }
            let options = RuleImport.Options(
                pack: invocation.value("--pack"), hosts: invocation.values("--host"),
                server: invocation.value("--server"), trustsAnnotations: invocation.has("--trust"))
            do throws(RuleImport.Refusal) {
                let source = RuleSource(path: path == "-" ? "standard input" : path, bytes: bytes)
                let text = try kind.pack(from: source, options)
                if invocation.isJSON {
                    invocation.terminal.print(json: JSONWriter.object { $0.field("pack", text) })
                } else {
                    invocation.terminal.print(String(text.dropLast()))
                }
                return .ok
            } catch {
                if invocation.isJSON {
                    invocation.terminal.print(
                        json: JSONWriter.object { document in
                            document.array("diagnostics") { array in
                                for found in error.diagnostics { array.object { found.write(into: &$0) } }
                            }
                        })
                } else {
                    for found in error.diagnostics { invocation.terminal.note(found.rendered + "\n") }
                }
                return .failed
            }
        })

    private static func isPackName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || ".-_".utf8.contains($0) }
    }
}
