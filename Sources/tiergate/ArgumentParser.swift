import Calls
import Rules

/// Words to a command of the table with its options, or what is wrong with them.
struct ArgumentParser {
    /// What the words ask for.
    enum Request {
        case run(Invocation)
        case help(for: Command)
        /// The commands of a group, or all where it is nil.
        case overview(group: String?)
    }

    let commands: [Command]
    let terminal: Terminal

    func parse(_ words: [String]) throws(UsageError) -> Request {
        guard let first = words.first, !Self.asksForHelp(first) else { return .overview(group: nil) }
        if first == "--version" { return try parse(["version"] + words.dropFirst()) }
        let (command, rest) = try find(words)
        guard let command else { return .overview(group: first) }
        let options = rest.prefix { $0 != "--" }
        if options.contains(where: Self.asksForHelp) { return .help(for: command) }
        return .run(try parse(Array(rest), of: command))
    }

    /// The command that the first one or two words name; nil for a group alone.
    private func find(_ words: [String]) throws(UsageError) -> (Command?, ArraySlice<String>) {
        let two = words.prefix(2).joined(separator: " ")
        if let command = commands.first(where: { $0.name == two && $0.group != nil }) {
            return (command, words.dropFirst(2))
        }
        if let command = commands.first(where: { $0.name == words[0] }) { return (command, words.dropFirst()) }
        let members = commands.filter { $0.group == words[0] }
        if members.isEmpty {
            let known = Set(commands.filter { !$0.isHidden }.map { $0.group ?? $0.name })
            throw UsageError(
                message: "there is no command \(visible(words[0]))",
                help: Self.didYouMean(words[0], known) ?? "`tiergate help` lists the commands")
        }
        guard words.count > 1, !Self.asksForHelp(words[1]) else { return (nil, []) }
        let known = members.map { String($0.name.dropFirst(words[0].count + 1)) }
        throw UsageError(
            message: "`tiergate \(words[0])` has no command \(visible(words[1]))",
            help: Self.didYouMean(words[1], known) ?? "it has \(known.joined(separator: ", "))")
    }

    private func parse(_ words: [String], of command: Command) throws(UsageError) -> Invocation {
        var options: [(name: String, value: String)] = []
        var operands: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                guard !command.runsProgram else {
                    throw usage(
                        "\(visible(word)) stands before --: the program and its arguments come after it", command)
                }
                operands.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let option = try option(parts[0], of: command)
            guard let valueName = option.value else {
                if parts.count > 1 { throw usage("\(option.name) takes no value", command) }
                options.append((option.name, ""))
                continue
            }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                throw usage("\(option.name) needs a value: \(option.name) \(valueName)", command)
            }
            if !option.repeats, options.contains(where: { $0.name == option.name }) {
                throw usage("\(option.name) is given twice", command)
            }
            options.append((option.name, value))
        }
        try check(operands, of: command)
        return Invocation(command: command, options: options, operands: operands, terminal: terminal)
    }

    private func option(_ name: String, of command: Command) throws(UsageError) -> Command.Option {
        if let option = command.allOptions.first(where: { $0.name == name }) { return option }
        throw UsageError(
            message: "`tiergate \(command.name)` has no option \(visible(name))",
            help: Self.didYouMean(name, command.allOptions.map(\.name))
                ?? "`tiergate help \(command.name)` lists its options")
    }

    private func check(_ operands: [String], of command: Command) throws(UsageError) {
        let required = command.operands.filter(\.isRequired)
        if operands.count < required.count {
            let missing = required[operands.count]
            throw usage("\(missing.name) is missing: \(missing.help)", command)
        }
        if operands.count > command.operands.count, command.operands.last?.repeats != true {
            throw usage("there is no place for \(visible(operands[command.operands.count]))", command)
        }
    }

    private func usage(_ message: String, _ command: Command) -> UsageError {
        UsageError(message: message, help: "usage: \(command.usage); more with `tiergate help \(command.name)`")
    }

    private static func asksForHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }

    private static func didYouMean(_ word: String, _ known: some Sequence<String>) -> String? {
        suggestion(for: word, among: known.sorted()).map { "did you mean \($0)?" }
    }
}
