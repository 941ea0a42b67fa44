import Glibc

/// Questions to the person at the terminal; none where nobody sits there.
struct Prompt {
    /// Whether somebody reads and types.
    let isPossible: Bool
    /// Shows the question and returns the line that was typed; nil at the end of the input.
    let ask: (String) -> String?

    static var terminal: Prompt {
        Prompt(
            isPossible: isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
            ask: { question in
                let bytes = Array(question.utf8)
                _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
                return readLine()?.split(separator: " ").joined(separator: " ")
            })
    }
}
