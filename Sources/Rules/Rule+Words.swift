import Calls

extension Rule {
    /// Why it says what it says, to end a sentence with; for a rule in which nothing had to be looked at.
    var ground: String {
        if isBlock { return "blocked" + ((reason ?? title).map { ", \(visible($0))" } ?? "") }
        return category.map { "category \($0.rawValue)" } ?? "tier \(floor.rawValue), \(floor.name)"
    }
}
