package import Calls

extension RequestView {
    /// Lines told of one change; more are counted.
    static let changeLimit = 32
    /// Bytes of one value in such a line.
    static let changeValueLimit = 120

    /// What differs in another call, a line each, for people, the journal and the agent: `amount: 2500 → 1500`.
    package static func changes(from before: Call, to after: Call) -> [String] {
        let (old, new) = (RequestView(before), RequestView(after))
        var lines = lines(old.body.allRows, new.body.allRows, "") + lines(old.fields, new.fields, "header ")
        // A secret's name is told, and how long it is; another one of the same length looks the same.
        if lines.isEmpty { lines = ["something that is not shown"] }
        guard lines.count > changeLimit else { return lines }
        return lines.prefix(changeLimit) + ["and \(lines.count - changeLimit) more"]
    }

    private static func lines(_ before: Rows, _ after: Rows, _ part: String) -> [String] {
        var lines: [String] = []
        let (old, new) = (Dictionary(grouping: before.shown, by: \.name), Dictionary(grouping: after.shown, by: \.name))
        var told: Set<String> = []
        for name in (before.shown + after.shown).map(\.name) where told.insert(name).inserted {
            let (was, becomes) = (old[name] ?? [], new[name] ?? [])
            for place in 0..<max(was.count, becomes.count) {
                let pair = (
                    was.indices.contains(place) ? was[place] : nil,
                    becomes.indices.contains(place) ? becomes[place] : nil
                )
                guard pair.0 != pair.1 else { continue }
                let title = part + (name.isEmpty ? "the body" : name)
                switch pair {
                case (let row?, nil): lines.append("\(title): \(row.spelled) taken away")
                case (nil, let row?): lines.append("\(title): \(row.spelled) added")
                case (let row?, let other?): lines.append("\(title): \(row.spelled) → \(other.spelled)")
                case (nil, nil): continue
                }
            }
        }
        if before.total > before.shown.count || after.total > after.shown.count {
            lines.append("more than \(rowLimit) values: the others are not compared")
        }
        return lines
    }
}

extension RequestView.Body {
    fileprivate var allRows: RequestView.Rows {
        switch self {
        case .rows(let rows, _, _): rows
        case .none, .text, .opaque: RequestView.Rows()
        }
    }
}

extension RequestView.Row {
    fileprivate var spelled: String {
        // Shown already: cut, and nothing marked a second time.
        let cut = value.utf8.count <= RequestView.changeValueLimit ? value : String(value.prefix(100)) + "…"
        return kind == "string" ? "\"\(cut)\"" : cut
    }
}
