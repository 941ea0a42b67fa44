import Calls
import JSON

/// A rule that counts, with the words for what it found: made only for those that people are told of.
struct Finding {
    let rule: Int
    let tier: Tier
    let failure: String?
    /// Why the rule says what it says, to end a sentence with.
    let ground: String
    let summary: String?
    var recipients: [String] = []
    var money: Verdict.Sum?
    var observation: Verdict.Observation?
    /// Whether `RuleSet.plain` says all there is to say.
    let isPlain: Bool

    init(_ member: Decision.Member, _ evaluation: Evaluation, _ set: RuleSet) {
        rule = member.candidate.rule
        tier = Tier(rawValue: Int(member.weight)) ?? .irreversible
        let rule = set.rules[rule]
        let path = rule.match.paths[member.candidate.path]
        summary = rule.summary?.render(Facts(call: evaluation.call, path: path))
        guard let clause = rule.sum else {
            (failure, ground, isPlain) = (nil, rule.ground, true)
            return
        }
        isPlain = false
        do throws(EvaluationFailure) {
            let sum = try evaluation.sum(clause, path)
            failure = nil
            switch sum {
            case .within(let sum):
                ground = "money, \(sum), not above \(clause.threshold)"
                money = Verdict.Sum(minor: sum.minor, currency: sum.currency.code.string)
            case .above(let sum):
                ground = "money, \(sum), above \(clause.threshold)"
                money = Verdict.Sum(minor: sum.minor, currency: sum.currency.code.string)
            case .incomparable(let code):
                ground = "money in \(code), which is not compared with \(clause.threshold)"
            }
        } catch {
            failure = error.description
            ground = "tier \(tier.rawValue), because \(error.description)"
        }
    }

    func match(_ set: RuleSet) -> Verdict.Match {
        let rule = set.rules[rule]
        return Verdict.Match(
            rule: rule.id, pack: set.packs[rule.pack].name, source: set.sources[self.rule], tier: tier,
            failure: failure)
    }
}
