/// How a command ends, for scripts; `tiergate help exit-codes` explains them.
enum ExitStatus: Int32, CaseIterable {
    case ok = 0
    case failed = 1
    case usage = 2
    case unreachable = 3
    case refused = 4

    var meaning: String {
        switch self {
        case .ok: "done; nothing wrong was found"
        case .failed: "it could not be done, or what was checked is not as it should be"
        case .usage: "the command line, the settings or a file named there cannot be understood"
        case .unreachable: "no gate answers on the operator socket"
        case .refused: "the gate refused: you may not, somebody was faster, or the hold has changed"
        }
    }
}
