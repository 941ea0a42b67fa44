import Rules
import System

extension Command {
    static let rulesFormat = Command(
        name: "rules fmt", summary: "tidy the blanks of rule files, and nothing that means something",
        operands: [ruleDirectories],
        options: [
            Option(name: "--check", help: "change nothing; end with status 1 where something would be"), .config,
        ],
        details: """
            Line ends become LF, blanks at the ends of lines go, as do second empty lines in a row and empty lines at \
            the end. Remarks, order and style stay. A file that would not mean the same afterwards is left alone.
            """,
        examples: [
            Example("tiergate rules fmt rules/", "before a commit"),
            Example("tiergate rules fmt --check rules/", "in a pull request"),
        ],
        run: { invocation in
            var changed = 0
            do throws(IOError) {
                for directory in try directories(invocation) {
                    for path in try Files.list(directory, endings: [".yaml", ".yml"]) {
                        let bytes = try Files.read(path)
                        guard let tidy = RuleFormat.tidy(RuleSource(path: path, bytes: bytes)), tidy != bytes else {
                            continue
                        }
                        changed += 1
                        invocation.terminal.print(path)
                        if !invocation.has("--check") { try Files.replace(path, with: tidy) }
                    }
                }
            } catch {
                return invocation.fail(.failed, "\(error)")
            }
            return invocation.has("--check") && changed > 0 ? .failed : .ok
        })

    private static func directories(_ invocation: Invocation) throws(IOError) -> [String] {
        guard invocation.operands.isEmpty else { return invocation.operands }
        return (try? Settings.load(invocation).rules) ?? []
    }
}
