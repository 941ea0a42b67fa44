/// A rule whose method, host, path and operation fit, as one number: the order in which rules are looked at, the rule,
/// and which of its path templates fitted.
struct Candidate: BitwiseCopyable, Hashable, Comparable, Sendable {
    private let bits: UInt64

    /// Templates that one rule may have.
    static let pathLimit = 1 << 16
    static let none = Candidate(order: 0xFF, rule: 0, path: 0)

    init(order: UInt8, rule: Int, path: Int) {
        bits = UInt64(order) << 56 | UInt64(truncatingIfNeeded: rule) << 16 | UInt64(UInt16(truncatingIfNeeded: path))
    }

    var rule: Int { Int(truncatingIfNeeded: bits >> 16 & 0xFF_FFFF_FFFF) }
    var path: Int { Int(truncatingIfNeeded: bits & 0xFFFF) }

    func at(path: Int) -> Candidate {
        Candidate(order: UInt8(truncatingIfNeeded: bits >> 56), rule: rule, path: path)
    }

    /// Ordinary rules before fallbacks; exceptions first, because what they take out is known only then; then by the most
    /// that a rule can say, so that looking can stop.
    static func < (a: Candidate, b: Candidate) -> Bool { a.bits < b.bits }
}

/// As many rules as fit most calls.
typealias Candidates = Shortlist<16, Candidate>
