import Calls
import Operators

/// One hold on one screen: what it is, why it is held, what follows from it, and how to decide.
struct HoldScreen {
    private var screen: Screen
    /// Everything that the gate tells, fields of the head and long bodies too.
    private let isFull: Bool
    /// Rows of a body or a query on a screen that is not full.
    private static let rowLimit = 24

    init(_ screen: Screen, isFull: Bool = false) {
        self.screen = screen
        self.isFull = isFull
    }

    func text(of report: HoldReport, deciding: Bool = true) -> String {
        var screen = screen
        let hold = report.hold
        screen.advisory(report.weakness)
        screen.text("\(hold.id) \(hold.standing)", style: hold.steps.isEmpty ? nil : .bold)
        what(hold, &screen)
        why(hold, &screen)
        consequence(hold, &screen)
        edits(hold, &screen)
        for sighting in report.seen { self.sighting(sighting, &screen) }
        if let request = hold.request { self.request(request, hold, &screen) }
        origin(hold, &screen)
        deadline(hold, &screen)
        people(hold, &screen)
        if let decision = hold.decision { self.decision(decision, hold, &screen) }
        if deciding { decide(hold, &screen) }
        return screen.text
    }

    private func what(_ hold: HoldView, _ screen: inout Screen) {
        screen.section("What")
        guard !hold.summaries.isEmpty else { return screen.text(hold.headline, indent: 2) }
        for summary in hold.summaries { screen.text(summary, indent: 2) }
    }

    private func why(_ hold: HoldView, _ screen: inout Screen) {
        screen.section("Why held")
        let parts = ["tier \(hold.tier.rawValue), \(hold.tier.name)", hold.category].compactMap { $0 }
        screen.text(parts.joined(separator: ", "), indent: 2, style: hold.tier == .irreversible ? .red : nil)
        screen.text(hold.reason, indent: 2)
        if hold.state == "stale", let cause = hold.cause { screen.text("Changed since: \(cause)", indent: 2) }
    }

    private func consequence(_ hold: HoldView, _ screen: inout Screen) {
        screen.section("Consequence")
        for sentence in hold.consequences { screen.text(sentence, indent: 2) }
        if let money = hold.money { screen.text("Amount: \(money)", indent: 2) }
    }

    /// What is there now, and what the call would make of it.
    private func sighting(_ sighting: SightingView, _ screen: inout Screen) {
        screen.section("Before and after")
        screen.text("GET \(sighting.path)", indent: 2, style: .dim)
        if let failure = sighting.failure {
            return screen.text("Could not be looked at: \(failure)", indent: 2, style: .yellow)
        }
        let column = min(24, sighting.fields.map { Columns.width(of: $0.name) }.max() ?? 0)
        for field in sighting.fields {
            let before = field.before ?? "not there"
            let change = field.after.flatMap { $0 == field.before ? nil : " → \($0)" } ?? ""
            screen.pair(field.name, before + change, column: column)
        }
    }

    private func edits(_ hold: HoldView, _ screen: inout Screen) {
        for edit in hold.edits {
            screen.section("Changed by \(edit.by) at \(edit.at)")
            for line in edit.changes { screen.text(line, indent: 2, style: .yellow) }
        }
    }

    // MARK: The request

    private func request(_ request: RequestView, _ hold: HoldView, _ screen: inout Screen) {
        screen.section("Request")
        screen.text("\(request.method) \(request.url)", indent: 2)
        rows(request.query, of: "query", isQuoted: false, &screen)
        switch request.body {
        case .none: screen.text("no body", indent: 2, style: .dim)
        case .rows(let rows, let format, let bytes):
            self.rows(rows, of: "body", isQuoted: format == "json", &screen)
            screen.text("\(format) body, \(bytes) bytes", indent: 2, style: .dim)
        case .text(let text, let bytes):
            screen.text(text, indent: 2)
            screen.text("text body, \(bytes) bytes", indent: 2, style: .dim)
        case .opaque(let reason, let bytes):
            screen.text("binary body, \(bytes) bytes (\(reason))", indent: 2)
        }
        let count = request.fields.total
        let title = "\(count) header \(count == 1 ? "field" : "fields")"
        if isFull {
            screen.text("\(title):", indent: 2, style: .dim)
            rows(request.fields, of: "head", isQuoted: false, &screen)
        } else if count > 0 {
            screen.text("\(title): `tiergate show \(hold.id) --full`", indent: 2, style: .dim)
        }
    }

    /// - Parameter isQuoted: text stands in quotes, where the format tells it from numbers.
    private func rows(_ rows: RequestView.Rows, of part: String, isQuoted: Bool, _ screen: inout Screen) {
        let shown = isFull ? rows.shown[...] : rows.shown.prefix(Self.rowLimit)
        let mark = part == "query" ? "?" : ""
        let column = min(24, (shown.map { Columns.width(of: $0.name) }.max() ?? 0) + mark.utf8.count)
        for row in shown {
            let value = isQuoted && row.kind == "string" ? "\"\(row.value)\"" : row.value
            screen.pair(mark + row.name, value, column: column)
        }
        let hidden = rows.total - shown.count
        guard hidden > 0 else { return }
        let more = isFull || rows.shown.count == shown.count ? "" : "; --full shows \(rows.shown.count)"
        screen.text("\(hidden) of \(rows.total) rows of the \(part) not shown\(more)", indent: 2, style: .yellow)
    }

    // MARK: Around it

    private func origin(_ hold: HoldView, _ screen: inout Screen) {
        screen.section("Where from")
        screen.pair("session", hold.session, column: 9)
        screen.pair("acting as", hold.principal, column: 9)
        guard hold.timeLeft != nil else { return }
        screen.pair(
            "agent",
            hold.isAwaited
                ? "waiting on its connection: the call is sent as soon as it is approved"
                : "has been told that the call was not executed, and to ask again",
            column: 9)
    }

    private func deadline(_ hold: HoldView, _ screen: inout Screen) {
        screen.section("Deadline")
        screen.pair("held", "\(hold.age.spoken) ago, at \(hold.created)", column: 9)
        if let left = hold.timeLeft {
            screen.pair("ends", left.milliseconds > 0 ? "in \(left.spoken), at \(hold.expires)" : "now", column: 9)
        }
    }

    // MARK: People

    private func people(_ hold: HoldView, _ screen: inout Screen) {
        let isOpen = hold.steps.contains("approve")
        let asks = isOpen && (!hold.approvers.isEmpty || hold.quorum > 1 || hold.needsSignature)
        guard asks || !hold.votes.isEmpty || hold.claim != nil || !hold.questions.isEmpty else { return }
        screen.section("People")
        let column = 9
        if asks { screen.pair("asked for", asked(hold), column: column) }
        for (index, vote) in hold.votes.enumerated() {
            let groups = vote.groups.isEmpty ? "" : " for \(vote.groups.joined(separator: ", "))"
            let key = vote.key.map { ", signed with \($0)" } ?? ""
            screen.pair(index == 0 ? "agreed" : "", "\(vote.by)\(groups), at \(vote.at)\(key)", column: column)
        }
        if let missing = hold.missing { screen.pair("missing", "it goes when \(missing)", column: column) }
        if let claim = hold.claim { screen.pair("taken on", "by \(claim.by), at \(claim.at)", column: column) }
        for question in hold.questions {
            screen.pair("question", "\(question.text) (\(question.by), at \(question.at))", column: column)
            screen.pair("", question.answer.map { "the agent: \($0)" } ?? "not answered yet", column: column)
        }
        if isOpen, !hold.approvers.isEmpty, !hold.keepsGroups {
            screen.text(
                "No groups are kept (operators.groups): whoever may decide speaks for each of them.", indent: 2,
                style: .yellow)
        }
    }

    private func asked(_ hold: HoldView) -> String {
        let people =
            hold.approvers.isEmpty
            ? counted(hold.quorum, "person") : hold.approvers.map { "\(hold.quorum) of \($0)" }.joined(separator: ", ")
        return people + (hold.needsSignature ? ", each with a signature" : "")
    }

    private func decision(_ decision: DecisionView, _ hold: HoldView, _ screen: inout Screen) {
        screen.section("Decision")
        screen.pair("by", "\(decision.by) (uid \(decision.uid)), at \(decision.at)", column: 9)
        if let signer = decision.signer { screen.pair("signed", "by \(signer), \(decision.key ?? "")", column: 9) }
        if let reason = decision.reason { screen.pair("reason", reason, column: 9) }
        if let suggestion = decision.suggestion { screen.pair("suggest", suggestion, column: 9) }
        if let patch = decision.suggestedPatch { screen.pair("patch", patch, column: 9) }
        if decision.isImmediate { screen.pair("now", "sent without waiting for the agent", column: 9) }
        if let answer = hold.answer { screen.pair("answer", "\(answer.status), \(answer.delivery)", column: 9) }
    }

    private func decide(_ hold: HoldView, _ screen: inout Screen) {
        guard !hold.steps.isEmpty else { return }
        screen.section("Decide")
        for line in hold.steps.flatMap({ Self.commands(for: $0, hold) }) { screen.line("  \(line)") }
        screen.text("digest \(hold.digest)", indent: 2, style: .dim)
    }

    private static func commands(for step: String, _ hold: HoldView) -> [String] {
        switch step {
        case "approve":
            [
                "tiergate approve \(hold.id)\(hold.needsSignature ? " --sign" : "")"
                    + (hold.isAwaited ? "" : "    (--now: do not wait for the agent)")
            ]
        case "reject": ["tiergate reject \(hold.id) --reason \"…\""]
        case "edit": ["tiergate edit \(hold.id)"]
        case "ask": ["tiergate ask \(hold.id) --question \"…\""]
        case "reopen": ["tiergate reopen \(hold.id)"]
        case "resolve":
            [
                "tiergate resolve \(hold.id) --executed --reason \"…\"",
                "tiergate resolve \(hold.id) --not-executed --reason \"…\"",
            ]
        case "claim" where hold.claim == nil: ["tiergate claim \(hold.id)"]
        case "handover" where hold.claim != nil: ["tiergate handover \(hold.id) --to ACCOUNT"]
        case "extend": ["tiergate extend \(hold.id) --for \"1 d\""]
        default: []
        }
    }
}
