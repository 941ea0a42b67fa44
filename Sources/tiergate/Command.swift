/// One command as the table has it: what help says, the parser accepts and the shells complete.
struct Command: Sendable {
    /// What stands after `tiergate`: one word, or a group and a word.
    let name: String
    /// One line, verb first.
    let summary: String
    var operands: [Operand] = []
    var options: [Option] = []
    /// Paragraphs below the summary.
    var details = ""
    let examples: [Example]
    /// Its operands are another program's words: they all come after `--`, and its own options before it.
    var runsProgram = false
    /// Left out of help and completion.
    var isHidden = false
    let run: @Sendable (Invocation) -> ExitStatus

    struct Operand: Sendable {
        /// In capitals: `ID`.
        let name: String
        let help: String
        var isRequired = true
        var repeats = false
        var completion = Completion.none
    }

    struct Option: Sendable {
        /// With its dashes: `--config`.
        let name: String
        /// What the value is, in capitals; nil for a switch.
        var value: String?
        let help: String
        var repeats = false
        var completion = Completion.none
    }

    struct Example: Sendable {
        let line: String
        let explanation: String

        init(_ line: String, _ explanation: String) {
            self.line = line
            self.explanation = explanation
        }
    }

    /// What a shell offers for a value.
    enum Completion: Sendable {
        case none
        case file
        case directory
        case words([String])
        /// Holds that wait, asked from the gate.
        case holds
    }

    /// The first word where there are two.
    var group: String? {
        let words = name.split(separator: " ")
        return words.count > 1 ? String(words[0]) : nil
    }

    /// Its own options and those that every command has.
    var allOptions: [Option] { options + [.json, .help] }

    /// `tiergate journal verify [DIR] [options]`, `tiergate run [options] -- COMMAND…`
    var usage: String {
        let operands = operands.map { operand in
            let name = operand.name + (operand.repeats ? "…" : "")
            return operand.isRequired ? name : "[\(name)]"
        }
        let words = runsProgram ? ["[options]", "--"] + operands : operands + ["[options]"]
        return (["tiergate", name] + words).joined(separator: " ")
    }
}

extension Command.Option {
    static let json = Command.Option(name: "--json", help: "print one JSON document instead of text")
    static let help = Command.Option(name: "--help", help: "show this help")
}
