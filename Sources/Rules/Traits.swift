import Calls

/// What the decision asks of every candidate, without reference counts: a rule itself is touched only where these say
/// that there is something to look at.
struct Traits: Sendable {
    let floor: Tier
    let highest: Tier
    let isFallback: Bool
    let isShadow: Bool
    let isBlock: Bool
    let countsMoney: Bool
    let hasOperation: Bool
    let hasPresence: Bool
    let hasExceptions: Bool
    /// The hosts of its pack cover all of its own, or the pack has none.
    let mayClaimAlways: Bool
    let category: Category?
    /// Whether the rule names who decides.
    let hasApprovers: Bool
    let quorum: Int
    /// Whether the rule has words of its own for what a call does.
    let hasSummary: Bool
    /// From here on the rule counts for nothing.
    let end: Timestamp
    /// Where the rule stands when superseding is worked out: who supersedes comes before whom it supersedes.
    let rank: Int

    init(_ rule: Rule, in pack: Pack, rank: Int) {
        floor = rule.floor
        highest = rule.highest
        isFallback = rule.isFallback
        isShadow = rule.isShadow
        isBlock = rule.isBlock
        countsMoney = rule.sum != nil
        hasOperation = rule.match.operation != nil
        let (query, header) = (rule.match.query, rule.match.header)
        hasPresence = !(query.all.isEmpty && query.any.isEmpty && header.all.isEmpty && header.any.isEmpty)
        hasExceptions = !rule.supersedes.isEmpty
        mayClaimAlways = pack.hosts.map { hosts in rule.match.hosts.allSatisfy(hosts.contains) } ?? true
        category = rule.category
        hasApprovers = !rule.approvers.isEmpty
        quorum = rule.quorum
        hasSummary = rule.summary != nil
        end = rule.until?.end ?? Timestamp(milliseconds: .max)
        self.rank = rank
    }
}
