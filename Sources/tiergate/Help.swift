import JSON

/// What `help` and `--help` print: the table, in words, with examples first to last.
struct Help {
    private let terminal: Terminal
    private let width: Int

    init(_ terminal: Terminal) {
        self.terminal = terminal
        width = min(96, terminal.width)
    }

    func show(_ command: Command) -> ExitStatus {
        var lines = ["\(heading("tiergate \(command.name)")): \(command.summary)", ""]
        lines += ["\(heading("Usage")): \(command.usage)", ""]
        if !command.details.isEmpty {
            lines += command.details.split(separator: "\n\n").flatMap { wrap(String($0)) + [""] }
        }
        if !command.operands.isEmpty {
            lines += table("Operands", command.operands.map { ($0.name, $0.help) })
        }
        lines += table(
            "Options",
            command.allOptions.map { ([$0.name, $0.value].compactMap { $0 }.joined(separator: " "), $0.help) })
        lines.append(heading("Examples") + ":")
        for example in command.examples { lines += ["  \(example.line)"] + wrap(example.explanation, indent: 6) }
        terminal.print(lines.joined(separator: "\n"))
        return .ok
    }

    /// The commands of a group, or all of them.
    func show(group: String?) -> ExitStatus {
        let commands = Command.all.filter { !$0.isHidden && (group == nil || $0.group == group) }
        var lines: [String] = []
        if group == nil {
            lines += ["\(heading("tiergate")): holds an agent's dangerous calls until a person lets them go", ""]
        }
        lines += table("Commands", commands.map { ($0.name, $0.summary) })
        lines.append(
            "`tiergate help COMMAND` explains one, with examples; `tiergate help exit-codes` what is returned.")
        terminal.print(lines.joined(separator: "\n"))
        return .ok
    }

    func showExitCodes() -> ExitStatus {
        let codes = ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning) }
        terminal.print(table("Exit codes", codes).dropLast().joined(separator: "\n"))
        return .ok
    }

    private func heading(_ text: String) -> String { terminal.styled(text, .bold) }

    private func table(_ title: String, _ rows: [(String, String)]) -> [String] {
        let column = min(34, rows.map { $0.0.count }.max() ?? 0) + 4
        var lines = [heading(title) + ":"]
        for (name, text) in rows {
            let wrapped = wrap(text, indent: column)
            let name = "  " + name
            if name.count + 2 <= column, let first = wrapped.first {
                lines.append(name + first.dropFirst(name.count))
                lines += wrapped.dropFirst()
            } else {
                lines += [name] + wrapped
            }
        }
        return lines + [""]
    }

    private func wrap(_ text: String, indent: Int = 0) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        for word in text.split(whereSeparator: \.isWhitespace) {
            if line.count > indent, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent)
            }
            line += (line.count > indent ? " " : "") + word
        }
        return lines + [line]
    }
}
