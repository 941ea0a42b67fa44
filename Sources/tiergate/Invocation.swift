/// A command line that fits the table: a command with its options and operands.
struct Invocation: Sendable {
    let command: Command
    /// In the order given.
    let options: [(name: String, value: String)]
    let operands: [String]
    let terminal: Terminal

    /// Whether a switch was given.
    func has(_ name: String) -> Bool { options.contains { $0.name == name } }

    /// The last value given.
    func value(_ name: String) -> String? { options.last { $0.name == name }?.value }

    func values(_ name: String) -> [String] { options.filter { $0.name == name }.map(\.value) }

    var isJSON: Bool { has(Command.Option.json.name) }
}

/// What is wrong with a command line, and what to do about it.
struct UsageError: Error, Hashable {
    let message: String
    let help: String
}
