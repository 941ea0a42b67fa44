import Glibc
import Operators

/// Lets a person at a terminal choose a hold from the list, look at it, and say yes.
struct Choice {
    let action: String
    let invocation: Invocation

    /// Nil where nobody is there to ask, or nothing was chosen.
    func make(_ gate: OperatorClient) throws(OperatorFailure) -> HoldView? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, !invocation.isJSON else { return nil }
        let screen = HoldScreen(terminal: invocation.terminal)
        let holds = try gate.holds(states: Command.unfinished + ["rejected"]).holds.filter { $0.steps.contains(action) }
        guard !holds.isEmpty else { return nil }
        for (number, hold) in zip(1..., holds) { invocation.terminal.print("\(number). \(screen.row(hold))") }
        invocation.terminal.print("Which one to \(action)? (1 to \(holds.count), or nothing)")
        guard let number = readLine().flatMap({ Int($0) }), holds.indices.contains(number - 1) else { return nil }
        let report = try gate.hold(holds[number - 1].id)
        invocation.terminal.print(screen.show(report))
        invocation.terminal.print("\(action.prefix(1).uppercased())\(action.dropFirst())? (y or n)")
        return readLine() == "y" ? report.hold : nil
    }
}
