import JSON
import Rules

extension Command {
    static let ruleDirectories = Operand(
        name: "DIR", help: "directories or files of rules; without any, those of the settings", isRequired: false,
        repeats: true, completion: .directory)

    static let rulesCheck = Command(
        name: "rules check", summary: "read rule files and say everything that is wrong in them",
        operands: [ruleDirectories],
        options: [Option(name: "--sarif", help: "print SARIF 2.1.0, as code review reads it"), .config],
        details: """
            A set with an error is refused whole; warnings are worth a look and change nothing. Rules that are together \
            in force are checked together, because they may name one another.
            """,
        examples: [
            Example("tiergate rules check", "the rules that `tiergate serve` would use"),
            Example("tiergate rules check rules/ ~/acme-rules", "these, as one set"),
            Example("tiergate rules check --sarif rules/ > rules.sarif", "for a forge that annotates pull requests"),
            Example("tiergate rules check --json rules/ | jq '.diagnostics[]'", "for an editor or a pull request"),
        ],
        run: { invocation in
            invocation.withRules(invocation.operands) { rules in
                if invocation.has("--sarif") {
                    invocation.terminal.print(json: SARIF.document(rules.diagnostics))
                } else {
                    invocation.isJSON ? printJSON(rules, invocation) : print(rules, invocation)
                }
                return rules.set == nil ? .failed : .ok
            }
        })
}

extension Command {
    private static func print(_ rules: RulesAtHand, _ invocation: Invocation) {
        let terminal = invocation.terminal
        for diagnostic in rules.diagnostics { terminal.print(diagnostic.rendered + "\n") }
        if rules.directories.isEmpty || rules.set?.ruleCount == 0 {
            terminal.warn("there is not a single rule in \(rules.directories.joined(separator: ", "))")
        }
        let found = "\(counted(rules.errors, "error")), \(counted(rules.warnings, "warning"))"
        let judgement = rules.errors > 0 ? terminal.styled(found, .red) : terminal.styled(found, .green)
        terminal.print("\(rules.size): \(judgement)")
    }

    private static func printJSON(_ rules: RulesAtHand, _ invocation: Invocation) {
        invocation.terminal.print(
            json: JSONWriter.object { document in
                document.field("ok", rules.set != nil)
                document.array("directories", rules.directories)
                document.array("packs", rules.set?.packNames ?? [])
                document.field("rules", rules.set?.ruleCount ?? 0)
                document.field("digest", rules.set?.digest)
                document.field("errors", rules.errors)
                document.field("warnings", rules.warnings)
                document.array("diagnostics") { array in
                    for diagnostic in rules.diagnostics { array.object { diagnostic.write(into: &$0) } }
                }
            })
    }
}
