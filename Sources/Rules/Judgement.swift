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

    init(_ matches: [RuleIndex.Entry], _ operation: Operation, _ call: Call, _ host: [Text], _ set: RuleSet) {
        let fitting = matches.filter { entry in
            let rule = set.rules[entry.rule]
            return !rule.isShadow && (rule.match.operation?.matches(operation) ?? true)
        }
        func members(fallback: Bool) -> [Member] {
            fitting.filter { set.rules[$0.rule].isFallback == fallback }.map { Member($0, set.rules[$0.rule], call) }
        }
        func claims(_ member: Member) -> Bool {
            member.failure == nil && set.pack(of: set.rules[member.entry.rule]).mayClaim(host)
        }

        var speaking = members(fallback: false)
        supersede(&speaking, set)
        if !speaking.contains(where: claims) { speaking += members(fallback: true) }
        let isClaimed = speaking.contains(where: claims)

        weight = max(speaking.map(\.weight).max() ?? 0, isClaimed ? 0 : set.unmatched.rawValue)
        isUnmatched = !isClaimed && set.unmatched.rawValue == weight
        winners = speaking.filter { $0.weight == weight }
    }

    /// Takes out every rule that an unerrored one supersedes. One that was itself taken out supersedes nothing: who
    /// supersedes is looked at first, so the order of rules means nothing.
    private mutating func supersede(_ members: inout [Member], _ set: RuleSet) {
        guard members.contains(where: { !set.rules[$0.entry.rule].supersedes.isEmpty }) else { return }
        members.sort { set.ranks[$0.entry.rule] < set.ranks[$1.entry.rule] }
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
    init(_ entry: RuleIndex.Entry, _ rule: Rule, _ call: Call) {
        self.entry = entry
        isBlock = rule.isBlock
        guard let clause = rule.sum else {
            (tier, failure, sum) = (rule.floor, nil, .none)
            return
        }
        do throws(EvaluationFailure) {
            sum = try Self.count(clause, Facts(call, rule, entry))
            failure = nil
        } catch {
            (sum, failure) = (.none, error)
        }
        if case .within = sum { tier = rule.floor } else { tier = rule.highest }
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
        if isBlock { return "blocked" + ((rule.reason ?? rule.title).map { ", \(visible($0))" } ?? "") }
        if let failure { return "tier \(tier.rawValue), because \(failure.description)" }
        let threshold = rule.sum?.threshold.description ?? ""
        switch sum {
        case .within(let money): return "money, \(money), not above \(threshold)"
        case .above(let money): return "money, \(money), above \(threshold)"
        case .incomparable(let code): return "money in \(code), which is not compared with \(threshold)"
        case .none: return rule.category.map { "category \($0.rawValue)" } ?? "tier \(tier.rawValue), \(tier.name)"
        }
    }
}
