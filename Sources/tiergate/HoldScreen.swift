import Calls
import Operators

/// Holds as a terminal shows them. Every text in a view is safe to print already.
struct HoldScreen {
    let terminal: Terminal

    // MARK: A list

    func list(_ list: HoldList) -> String {
        let heading = [
            padded("ID", 14), padded("TIER", 6), padded("STATE", 9), padded("AGE", 12), padded("LEFT", 17), "WHAT",
        ]
        var lines = [dim(heading.joined(separator: "  "))] + list.holds.map(row)
        if list.holds.isEmpty { lines = ["nothing is held"] }
        if !list.isComplete { lines.append("… and more: --limit shows them") }
        return (lines + advisory(list.weakness)).joined(separator: "\n")
    }

    /// `h_0123456789ab  tier 4  2 min  Delete bucket photos`
    func row(_ hold: HoldView) -> String {
        let columns = [
            hold.id, tier(hold.tier), padded(hold.state, 9),
            padded(hold.age.spoken, 12), padded(hold.timeLeft?.spoken ?? "", 17),
            hold.summaries.first ?? "\(hold.method) \(hold.target)",
        ]
        let flags = hold.flags.isEmpty ? "" : "  " + terminal.styled(hold.flags.joined(separator: ", "), .red)
        let waiting = hold.isAwaited ? "  (the agent is waiting)" : ""
        return columns.joined(separator: "  ") + flags + waiting
    }

    private func tier(_ tier: Tier) -> String {
        terminal.styled("tier \(tier.rawValue)", tier == .irreversible ? .red : .yellow)
    }

    // MARK: One hold

    /// What, why, what it does, who asks, until when, and the call itself: one screen to decide by.
    func show(_ report: HoldReport) -> String {
        let hold = report.hold
        let kind = [hold.tier.name, hold.category].compactMap { $0 }.joined(separator: ", ")
        var lines = ["\(terminal.styled(hold.id, .bold))  \(tier(hold.tier)) \(kind)", ""]
        lines += hold.summaries.map { terminal.styled($0, .bold) } + [""]
        lines.append(fact("stands", hold.standing))
        lines.append(fact("why held", hold.reason))
        if !hold.flags.isEmpty {
            lines.append(fact("flags", terminal.styled(hold.flags.joined(separator: ", "), .red)))
        }
        if let money = hold.money { lines.append(fact("money", money)) }
        lines += hold.consequences.enumerated().map { fact($0.offset == 0 ? "consequence" : "", $0.element) }
        lines.append(fact("acts as", "\(hold.principal), session \(hold.session)"))
        lines.append(fact("agent", hold.isAwaited ? "waiting for the decision" : "not waiting on a connection"))
        if let left = hold.timeLeft { lines.append(fact("decide by", "\(hold.expires) (\(left.spoken) left)")) }
        let groups =
            hold.approvers.isEmpty ? "anybody who may use the socket" : hold.approvers.joined(separator: " and ")
        lines.append(fact("who decides", hold.quorum > 1 ? "\(groups), \(hold.quorum) people each" : groups))
        if let reason = hold.decision?.reason { lines.append(fact("was said", reason)) }
        lines.append(fact("digest", hold.digest))
        if let request = hold.request { lines += [""] + call(request) }
        let steps = next(hold)
        if !steps.isEmpty { lines += [""] + steps }
        return (lines + outcome(report) + advisory(report.weakness)).joined(separator: "\n")
    }

    /// What a decision brought, in a line or two.
    func decided(_ report: HoldReport) -> String {
        let lines = ["\(terminal.styled(report.hold.id, .bold)): \(report.hold.standing)"]
        return (lines + outcome(report) + advisory(report.weakness)).joined(separator: "\n")
    }

    private func outcome(_ report: HoldReport) -> [String] {
        [report.next, report.warning.map { terminal.styled("warning: ", .yellow) + $0 }].compactMap { $0 }
    }

    /// Where a decision proves nothing every screen says so.
    private func advisory(_ weakness: String?) -> [String] {
        weakness.map { ["", terminal.styled("ADVISORY:", .yellow) + " \($0)"] } ?? []
    }

    private func call(_ request: RequestView) -> [String] {
        var lines = [terminal.styled("\(request.method) \(request.url)", .bold)]
        lines += rows(request.query, "query")
        lines += rows(request.fields, "header")
        switch request.body {
        case .none: break
        case .rows(let rows, let format, let bytes):
            lines += self.rows(rows, "body, \(format), \(bytes) bytes")
        case .text(let text, let bytes): lines += ["  \(dim("body, text, \(bytes) bytes"))", "    \(text)"]
        case .opaque(let reason, let bytes):
            lines.append("  \(dim("body, \(bytes) bytes, cannot be shown: \(reason)"))")
        }
        return lines
    }

    private func rows(_ rows: RequestView.Rows, _ title: String) -> [String] {
        guard rows.total > 0 else { return [] }
        let width = min(28, rows.shown.map { $0.name.count }.max() ?? 0)
        var lines = ["  \(dim(title))"]
        for row in rows.shown {
            // Text in quotes where a number or truth value could be meant as well.
            let isBare =
                row.kind == "string" && !["true", "false", "null"].contains(row.value) && Double(row.value) == nil
            let value = row.kind == "string" && !isBare ? "\"\(row.value)\"" : row.value
            lines.append("    \(padded(row.name, width))  \(value)")
        }
        if rows.total > rows.shown.count { lines.append("    … \(rows.total - rows.shown.count) more") }
        return lines
    }

    private func next(_ hold: HoldView) -> [String] {
        hold.steps.map { step in
            switch step {
            case "reject": "tiergate reject \(hold.id) --reason '…'"
            case "resolve": "tiergate resolve \(hold.id) --executed --reason '…'   (or --not-executed)"
            default: "tiergate \(step) \(hold.id)"
            }
        }
    }

    private func fact(_ name: String, _ value: String) -> String { "  \(dim(padded(name, 11)))  \(value)" }

    private func dim(_ text: String) -> String { terminal.styled(text, .dim) }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
