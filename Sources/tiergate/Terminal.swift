import Glibc
import JSON

/// Where a command writes: plain words, coloured only where a person looks at them.
struct Terminal: Sendable {
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "1;31"
        case green = "32"
        case yellow = "33"
    }

    let environment: Environment
    private let outputIsColoured: Bool
    private let errorIsColoured: Bool
    private let write: @Sendable (_ bytes: [UInt8], _ descriptor: Int32) -> Void

    init(_ environment: Environment, write: @escaping @Sendable ([UInt8], Int32) -> Void = Terminal.send) {
        self.environment = environment
        self.write = write
        // https://no-color.org: set and not empty.
        let isWanted = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        outputIsColoured = isWanted && isatty(STDOUT_FILENO) == 1
        errorIsColoured = isWanted && isatty(STDERR_FILENO) == 1
    }

    func styled(_ text: String, _ style: Style) -> String { outputIsColoured ? Self.styled(text, style) : text }

    func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// A question, without an end of line.
    func prompt(_ text: String) { write(text, to: STDOUT_FILENO) }

    func print(json bytes: [UInt8]) { write(bytes + [0x0A], STDOUT_FILENO) }

    func warn(_ message: String) { complain("warning", .yellow, message) }

    func fail(_ message: String, help: String? = nil) {
        complain("error", .red, message)
        if let help { write("  help: \(help)\n", to: STDERR_FILENO) }
    }

    /// What is no result: progress, diagnostics.
    func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private func complain(_ word: String, _ style: Style, _ message: String) {
        let word = errorIsColoured ? Self.styled("\(word):", style) : "\(word):"
        write("\(word) \(message)\n", to: STDERR_FILENO)
    }

    private static func styled(_ text: String, _ style: Style) -> String { "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" }

    private func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), descriptor) }

    static let send: @Sendable ([UInt8], Int32) -> Void = { bytes, descriptor in
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
        }
    }
}

extension Invocation {
    /// Says that the command did not succeed, in the form that was asked for.
    func fail(_ status: ExitStatus, _ message: String, help: String? = nil) -> ExitStatus {
        if isJSON {
            terminal.print(
                json: JSONWriter.object { document in
                    document.object("error") {
                        $0.field("message", message)
                        $0.field("help", help)
                        $0.field("exit", status.rawValue)
                    }
                })
        } else {
            terminal.fail(message, help: help)
        }
        return status
    }
}
