import Calls
import JSON

/// What the rules say of one operation; the steps are those of the language's precedence.
struct Judgement {
    /// A rule that matches, with what it makes of the call.
    struct Member {
        let entry: RuleIndex.Entry
        let tier: Tier
        let isBlock: Bool
        /// Why the rule counts with its highest tier.
        let failure: EvaluationFailure?
        let sum: Sum

        /// How the amount compares with the threshold, where the rule counts money.
        enum Sum {
            case none
            case within(Money)
            case above(Money)
            /// No currency that can be compared with the threshold's.
            case incomparable(String)
        }

        /// Blocking ranks above every tier.
        var weight: Int { isBlock ? Tier.irreversible.rawValue + 1 : tier.rawValue }
    }

    /// All that count at the winning weight.
    private(set) var winners: [Member] = []
    private(set) var weight = 0
    /// The default for calls for which no rule speaks has a part in the winning weight.
    private(set) var isUnmatched = false
    private(set) var supersedings: [Verdict.Superseding] = []

    init(_ matches: [RuleIndex.Entry], _ operation: Operation, _ call: Call, _ set: RuleSet) {
        var speaking: [Member] = []
        var fallbacks: [RuleIndex.Entry] = []
        for entry in matches {
            let traits = set.traits[entry.rule]
            if traits.isShadow { continue }
            if traits.hasOperation, set.rules[entry.rule].match.operation?.matches(operation) == false { continue }
            if traits.isFallback { fallbacks.append(entry) } else { speaking.append(Member(entry, traits, call, set)) }
        }
        supersede(&speaking, set)
        func claims(_ member: Member) -> Bool { member.failure == nil && set.mayClaim(member.entry.rule, call.target) }
        if !speaking.contains(where: claims) {
            for entry in fallbacks { speaking.append(Member(entry, set.traits[entry.rule], call, set)) }
        }
        let isClaimed = speaking.contains(where: claims)

        weight = speaking.reduce(isClaimed ? 0 : set.unmatched.rawValue) { max($0, $1.weight) }
        isUnmatched = !isClaimed && set.unmatched.rawValue == weight
        speaking.removeAll { [weight] in $0.weight != weight }
        winners = speaking
    }

    /// Takes out every rule that an unerrored one supersedes. One that was itself taken out supersedes nothing: who
    /// supersedes is looked at first, so the order of rules means nothing.
    private mutating func supersede(_ members: inout [Member], _ set: RuleSet) {
        guard members.contains(where: { set.traits[$0.entry.rule].hasExceptions }) else { return }
        members.sort { set.traits[$0.entry.rule].rank < set.traits[$1.entry.rule].rank }
        var removed: Set<Int> = []
        for member in members where member.failure == nil && !removed.contains(member.entry.rule) {
            let rule = set.rules[member.entry.rule]
            for superseded in rule.supersedes {
                guard let number = set.numbers[superseded.id],
                    let target = members.first(where: { $0.entry.rule == number })
                else { continue }
                removed.insert(number)
                supersedings.append(
                    Verdict.Superseding(
                        rule: rule.id, superseded: superseded.id, from: target.tier, to: member.tier,
                        reason: rule.reason ?? ""))
            }
        }
        members.removeAll { removed.contains($0.entry.rule) }
    }
}

extension Judgement.Member {
    init(_ entry: RuleIndex.Entry, _ traits: Traits, _ call: Call, _ set: RuleSet) {
        self.entry = entry
        isBlock = traits.isBlock
        guard traits.countsMoney, let clause = set.rules[entry.rule].sum else {
            (tier, failure, sum) = (traits.floor, nil, .none)
            return
        }
        do throws(EvaluationFailure) {
            sum = try Self.count(clause, Facts(call, set.rules[entry.rule].match.paths[entry.path]))
            failure = nil
        } catch {
            (sum, failure) = (.none, error)
        }
        if case .within = sum { tier = traits.floor } else { tier = traits.highest }
    }

    private static func count(_ clause: Rule.Sum, _ facts: Facts) throws(EvaluationFailure) -> Sum {
        let code = try facts.text(clause.currency)
        guard let currency = Currency(code), currency == clause.threshold.currency else {
            return .incomparable(visible(code.string, limit: 12))
        }
        let minor: UInt64
        switch clause.unit {
        case .minor: minor = try facts.minor(clause.amount)
        case .major: minor = try facts.major(clause.amount, currency)
        }
        let money = Money(minor: minor, currency: currency)
        return minor <= clause.threshold.minor ? .within(money) : .above(money)
    }

    /// Why the rule says what it says, to end a sentence with.
    func ground(_ rule: Rule) -> String {
        if isBlock { return Self.blocked(rule) }
        if let failure { return "tier \(tier.rawValue), because \(failure.description)" }
        let threshold = rule.sum?.threshold.description ?? ""
        switch sum {
        case .within(let money): return "money, \(money), not above \(threshold)"
        case .above(let money): return "money, \(money), above \(threshold)"
        case .incomparable(let code): return "money in \(code), which is not compared with \(threshold)"
        case .none: return Self.plainGround(rule)
        }
    }

    /// The same for a rule in which nothing was counted, so that its floor is its tier.
    static func plainGround(_ rule: Rule) -> String {
        if rule.isBlock { return blocked(rule) }
        return rule.category.map { "category \($0.rawValue)" } ?? "tier \(rule.floor.rawValue), \(rule.floor.name)"
    }

    private static func blocked(_ rule: Rule) -> String {
        "blocked" + ((rule.reason ?? rule.title).map { ", \(visible($0))" } ?? "")
    }

    /// Whether `RuleSet.plain` says all there is to say.
    var isPlain: Bool {
        if case .none = sum { failure == nil } else { false }
    }
}
