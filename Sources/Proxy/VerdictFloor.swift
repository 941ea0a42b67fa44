import Calls

/// The least that a call counts for because of the way it came.
struct VerdictFloor {
    let tier: Tier
    /// A sentence for the person who decides.
    let reason: String

    /// For a connection of which nothing but an address is known: rules for names say nothing of it.
    static func address(_ address: String) -> VerdictFloor {
        VerdictFloor(tier: .external, reason: "\(address) was called by its address, and no name for it was asked for")
    }
}

extension Verdict {
    func raised(to floor: VerdictFloor) -> Verdict {
        guard tier < floor.tier else { return self }
        return Verdict(
            tier: floor.tier, category: category, flags: flags,
            disposition: disposition == .pass && floor.tier >= .external ? .hold : disposition, matches: matches,
            supersedings: supersedings, summaries: summaries,
            reason: "\(floor.reason); by itself it would be: \(reason)",
            terms: terms, notify: notify, recipients: recipients, money: money, shadows: shadows,
            rulesDigest: rulesDigest)
    }
}
