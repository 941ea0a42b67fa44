import Calls
import JSON
import Rules

extension Command {
    static let help = Command(
        name: "help", summary: "explain a command, with examples",
        operands: [
            Operand(
                name: "COMMAND", help: "one or two words; `exit-codes`; or nothing for the list", isRequired: false,
                repeats: true)
        ],
        examples: [
            Example("tiergate help journal verify", "what `tiergate journal verify` does, and how it is used"),
            Example("tiergate help --json", "the whole table of commands for other programs"),
        ],
        run: { invocation in
            let help = Help(invocation.terminal)
            let name = invocation.operands.joined(separator: " ")
            if invocation.isJSON {
                invocation.terminal.print(
                    json: document(of: all.filter { !$0.isHidden && (name.isEmpty || $0.name == name) }))
                return .ok
            }
            if name.isEmpty { return help.show(group: nil) }
            if name == "exit-codes" { return help.showExitCodes() }
            if let command = all.first(where: { $0.name == name }) { return help.show(command) }
            if all.contains(where: { $0.group == name }) { return help.show(group: name) }
            let meant = suggestion(for: name, among: all.filter { !$0.isHidden }.map(\.name))
            return invocation.fail(
                .usage, "there is no command \(visible(name))",
                help: meant.map { "did you mean \($0)?" } ?? "`tiergate help` lists the commands")
        })

    private static func document(of commands: [Command]) -> [UInt8] {
        JSONWriter.object { document in
            document.array("commands") { array in
                for command in commands { array.object { $0.describe(command) } }
            }
            document.array("exit_codes") { array in
                for status in ExitStatus.allCases {
                    array.object {
                        $0.field("code", status.rawValue)
                        $0.field("meaning", status.meaning)
                    }
                }
            }
        }
    }
}

extension JSONWriter.Object {
    fileprivate mutating func describe(_ command: Command) {
        field("name", command.name)
        field("summary", command.summary)
        field("usage", command.usage)
        array("options") { array in
            for option in command.allOptions {
                array.object {
                    $0.field("name", option.name)
                    $0.field("value", option.value)
                    $0.field("repeats", option.repeats)
                    $0.field("help", option.help)
                }
            }
        }
        array("examples", command.examples.map(\.line))
    }
}
