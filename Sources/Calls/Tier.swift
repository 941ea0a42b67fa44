/// How far a call reaches: what decides whether it passes or waits for a person.
package enum Tier: Int, Comparable, Sendable, CaseIterable {
    /// No side effect outside; passes with a record.
    case readOnly = 1
    /// Can be undone by the same interface; passes with a record.
    case reversible = 2
    /// Touches third parties; held.
    case external = 3
    /// Cannot be taken back; held, always.
    case irreversible = 4

    package static func < (a: Tier, b: Tier) -> Bool { a.rawValue < b.rawValue }

    /// The word that rule files, messages and documents use.
    package var name: String {
        switch self {
        case .readOnly: "read-only"
        case .reversible: "reversible"
        case .external: "external"
        case .irreversible: "irreversible"
        }
    }

    /// A tier by its word or its number (`external` or `3`).
    package init?(word: some StringProtocol) {
        guard let tier = Tier.allCases.first(where: { $0.name == word || String($0.rawValue) == word }) else {
            return nil
        }
        self = tier
    }
}
