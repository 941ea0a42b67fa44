import Calls
import JSON
import Operators

/// One run of a command that does something about holds: which holds are meant, what a person is shown, and what is sent.
struct DecisionRun {
    let invocation: Invocation
    let action: DecisionAction
    var prompt = Prompt.terminal
    /// Sends one decision: id, and the digest of what was shown.
    let send: (OperatorClient, String, String) throws(OperatorFailure) -> HoldReport

    /// Why a hold was not decided before the gate was asked to.
    private enum Stop: Error {
        case gate(OperatorFailure)
        case here(ExitStatus, String, help: String?)
    }

    private struct Choice {
        let id: String
        /// It was picked from a list: nobody has spelled its id.
        let isPicked: Bool
    }

    func run() -> ExitStatus {
        guard invocation.value("--digest") == nil || invocation.operands.count == 1 else {
            return invocation.fail(.usage, "--digest goes with one ID")
        }
        if let mistake = invocation.signingMistake { return invocation.fail(.usage, mistake) }
        return invocation.asking { gate throws(OperatorFailure) in
            var status = ExitStatus.ok
            var documents: [[UInt8]] = []
            // Without an operand a person picks from the list.
            for name in invocation.operands.isEmpty ? [""] : invocation.operands {
                do throws(Stop) {
                    let report = try decide(name, gate)
                    if invocation.isJSON { documents.append(JSONWriter.object(report.write)) } else { tell(report) }
                } catch {
                    let failed = tell(error, name, &documents)
                    if status == .ok { status = failed }
                    if failed == .unreachable { break }
                }
            }
            if invocation.isJSON {
                invocation.terminal.print(
                    json: JSONWriter.object { $0.array("decisions") { for bytes in documents { $0.raw(bytes) } } })
            }
            return status
        }
    }

    private func decide(_ name: String, _ gate: OperatorClient) throws(Stop) -> HoldReport {
        let choice = try choose(name, gate)
        let shown = try asked { () throws(OperatorFailure) in try gate.hold(choice.id) }
        if !invocation.isJSON { show(shown) }
        // What cannot be decided needs no question: the gate says why.
        if shown.hold.steps.contains(action.rawValue) { try confirm(shown.hold, choice) }
        let digest = invocation.value("--digest") ?? shown.hold.digest
        return try asked { () throws(OperatorFailure) in try send(gate, choice.id, digest) }
    }

    private func asked<R>(_ body: () throws(OperatorFailure) -> R) throws(Stop) -> R {
        do throws(OperatorFailure) { return try body() } catch { throw .gate(error) }
    }

    // MARK: Which one

    /// A whole id is taken at its word; a beginning, or nothing, is a choice for a person at a terminal.
    private func choose(_ name: String, _ gate: OperatorClient) throws(Stop) -> Choice {
        if HoldID(name) != nil { return Choice(id: name, isPicked: false) }
        let list = try asked { () throws(OperatorFailure) in try gate.holds(states: states, limit: 1000) }
        let found = list.holds.filter { $0.id.hasPrefix(name) || $0.id.dropFirst(2).hasPrefix(name) }
        guard !found.isEmpty else {
            throw .here(
                .failed,
                name.isEmpty
                    ? "there is no hold to \(action.rawValue)" : "no hold to \(action.rawValue) begins with \(name)",
                help: "`tiergate held --all` lists those there are")
        }
        guard prompt.isPossible, !invocation.isJSON else {
            let ids = found.prefix(9).map(\.id).joined(separator: ", ")
            throw .here(
                .usage, name.isEmpty ? "ID is missing" : "\(name) is not a whole id",
                help: "a decision needs one, and it may be \(ids)")
        }
        return Choice(id: try pick(found, list.weakness).id, isPicked: true)
    }

    private var states: [String] {
        switch action {
        case .approve, .reject, .claim, .handover, .extend, .ask, .edit: ["pending", "stale"]
        case .reopen: ["rejected"]
        case .resolve: ["uncertain"]
        }
    }

    private func pick(_ holds: [HoldView], _ weakness: String?) throws(Stop) -> HoldView {
        var screen = Screen(invocation.terminal)
        screen.advisory(weakness)
        for (index, hold) in holds.enumerated() {
            let mark = Columns.padded("\(index + 1)", 3)
            let start = "\(mark)  \(hold.id)  \(Columns.padded(hold.tierMark, 2))  "
            screen.line(start + Columns.cut(hold.headline, screen.width - Columns.width(of: start)))
        }
        invocation.terminal.note(screen.text)
        if holds.count == 1, isYes(prompt.ask("This one? [y/N] ")) { return holds[0] }
        guard holds.count > 1,
            let number = prompt.ask("Which one? [1-\(holds.count)] ").flatMap({ Int($0) }),
            holds.indices.contains(number - 1)
        else { throw .here(.failed, "nothing was chosen, and nothing was decided", help: nil) }
        return holds[number - 1]
    }

    private func isYes(_ typed: String?) -> Bool { ["y", "yes"].contains(typed?.lowercased()) }

    // MARK: Shown and confirmed

    private func show(_ report: HoldReport) {
        let terminal = invocation.terminal
        switch action {
        case .approve: terminal.print(HoldScreen(Screen(terminal)).text(of: report, deciding: false) + "\n")
        case .reject, .reopen, .resolve, .claim, .handover, .extend, .ask, .edit:
            var screen = Screen(terminal)
            screen.advisory(report.weakness)
            screen.text(report.hold.headline, style: .bold)
            terminal.print(screen.text)
        }
    }

    /// Tier 4 and what is flagged is not let go by a habit of the fingers: something of it has to be typed.
    private func confirm(_ hold: HoldView, _ choice: Choice) throws(Stop) {
        guard action == .approve else { return }
        let isGrave = hold.tier == .irreversible || !hold.flags.isEmpty
        if invocation.has("--yes") {
            guard isGrave, invocation.operands.count > 1 else { return }
            throw .here(
                .usage, "\(hold.id) is \(grave(hold)), and --yes goes with one such call at a time",
                help: "look at it with `tiergate show \(hold.id)`, and approve it alone")
        }
        guard isGrave else {
            guard choice.isPicked else { return }
            guard isYes(prompt.ask("Approve it? [y/N] ")) else {
                throw .here(.failed, "\(hold.id) was not approved", help: nil)
            }
            return
        }
        guard prompt.isPossible, !invocation.isJSON else {
            throw .here(
                .usage, "\(hold.id) is \(grave(hold)) and asks for a typed confirmation",
                help: "approve it at a terminal, or say --yes")
        }
        let ending = String(hold.id.suffix(4))
        let amount = hold.money.map { ", or the amount, \($0)" } ?? ""
        let typed = prompt.ask("To approve, type the end of its id, \(ending)\(amount).\n> ")
        guard typed == ending || (typed != nil && typed == hold.money) else {
            throw .here(.failed, "that is neither; \(hold.id) was not approved", help: nil)
        }
    }

    private func grave(_ hold: HoldView) -> String { hold.flags.isEmpty ? "tier 4" : "flagged" }

    // MARK: Said

    private func tell(_ report: HoldReport) {
        let terminal = invocation.terminal
        var screen = Screen(terminal)
        if action == .edit { for line in report.hold.edits.last?.changes ?? [] { screen.text(line, indent: 2) } }
        screen.text("\(report.hold.id) \(done(report.hold)). \(report.next ?? "")", style: .green)
        terminal.print(screen.text)
        if let warning = report.warning { terminal.warn(warning) }
    }

    private func done(_ hold: HoldView) -> String {
        switch action {
        case .approve, .reject, .reopen, .resolve: "is \(hold.state)"
        case .claim: "is yours to look at"
        case .handover: "was passed on"
        case .extend: "has more time"
        case .edit: "was changed"
        case .ask: "has a question for its agent"
        }
    }

    private func tell(_ stop: Stop, _ name: String, _ documents: inout [[UInt8]]) -> ExitStatus {
        switch stop {
        case .gate(let failure):
            if invocation.isJSON {
                documents.append(
                    JSONWriter.object {
                        $0.field("id", name)
                        $0.object("error", failure.write)
                    })
            } else {
                invocation.terminal.fail(failure.message, help: failure.help)
            }
            return failure.status
        case .here(let status, let message, let help):
            if invocation.isJSON {
                documents.append(
                    JSONWriter.object {
                        $0.field("id", name)
                        $0.object("error") {
                            $0.field("message", message)
                            $0.field("help", help)
                            $0.field("exit", status.rawValue)
                        }
                    })
            } else {
                invocation.terminal.fail(message, help: help)
            }
            return status
        }
    }
}
