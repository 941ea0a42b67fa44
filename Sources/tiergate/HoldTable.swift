import Calls
import Operators

/// A list of holds for 80 columns: id, tier, age, time left, and what each would do.
struct HoldTable {
    private var screen: Screen
    /// Lines that a summary may take.
    private static let summaryLines = 2

    init(_ screen: Screen) { self.screen = screen }

    func text(of list: HoldList) -> String {
        var screen = screen
        screen.advisory(list.weakness)
        screen.stops(list.stops)
        guard !list.holds.isEmpty else {
            screen.line("nothing is held")
            return screen.text
        }
        screen.line(screen.styled(row("ID", "TIER", "AGE", "LEFT", "WHAT"), .dim))
        for hold in list.holds { append(hold, to: &screen) }
        screen.line()
        for line in footer(list) { screen.text(line, style: .dim) }
        return screen.text
    }

    private func append(_ hold: HoldView, to screen: inout Screen) {
        let star = hold.isAwaited ? "*" : ""
        let state = hold.state == "pending" ? "" : "\(hold.state): "
        let column = Columns.width(of: row("", "", "", "", ""))
        var what = Columns.wrapped(state + hold.headline, max(20, screen.width - column))
        if what.count > Self.summaryLines {
            let last = what[Self.summaryLines - 1]
            what = what.prefix(Self.summaryLines - 1) + [Columns.cut(last + " …", screen.width - column)]
        }
        let left = hold.timeLeft?.brief ?? "-"
        screen.line(row(hold.id, hold.tierMark, hold.age.brief + star, left, what.first ?? ""))
        for line in what.dropFirst() { screen.line(row("", "", "", "", line)) }
        for line in Columns.wrapped(hold.standingOfPeople, max(20, screen.width - column)) where !line.isEmpty {
            screen.line(row("", "", "", "", screen.styled(line, .dim)))
        }
    }

    private func row(_ id: String, _ tier: String, _ age: String, _ left: String, _ what: String) -> String {
        let cells = [(id, 14), (tier, 4), (age, 8), (left, 6)]
        return cells.map { Columns.padded($0.0, $0.1) + "  " }.joined() + what
    }

    private func footer(_ list: HoldList) -> [String] {
        var lines: [String] = []
        if list.holds.contains(where: \.isAwaited) { lines.append("* the agent is waiting on its connection") }
        if list.holds.contains(where: { !$0.flags.isEmpty }) { lines.append("! flagged: `tiergate show ID` says why") }
        if !list.isComplete { lines.append("There are more than these \(list.holds.count): see --limit.") }
        return lines + ["`tiergate show ID` says all about one, and how to decide."]
    }
}

extension HoldView {
    /// What it would do, in a line: the rules' words, or the request's where no rule has any.
    var headline: String { summaries.isEmpty ? "\(method) \(target)" : summaries.joined(separator: "; ") }

    /// Who has done what about it, in a line; empty where nobody has, and one person is enough.
    var standingOfPeople: String {
        var parts: [String] = []
        if let missing {
            let agreed = votes.map(\.by).joined(separator: ", ")
            parts.append((agreed.isEmpty ? "" : "\(agreed) agreed; ") + "goes when \(missing)")
        }
        if let claim, missing != nil || timeLeft != nil { parts.append("\(claim.by) looks at it") }
        if let question = questions.last, timeLeft != nil {
            parts.append(question.answer == nil ? "the agent was asked" : "the agent answered")
        }
        return parts.joined(separator: " · ")
    }

    /// `4`, and `4!` where it is flagged.
    var tierMark: String { "\(tier.rawValue)\(flags.isEmpty ? "" : "!")" }
}

extension Interval {
    /// The largest unit alone: `2 h`.
    var brief: String {
        let words = spoken.split(separator: " ")
        return words.prefix(2).joined(separator: " ")
    }
}
