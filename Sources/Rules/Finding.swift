import CEL
import Calls
import JSON

/// A rule that counts, with the words for what it found: made only for those that people are told of.
struct Finding {
    let rule: Int
    let tier: Tier
    private(set) var failure: String?
    /// Why the rule says what it says, to end a sentence with.
    private(set) var ground: String
    private(set) var summary: String?
    private(set) var recipients: [String] = []
    private(set) var money: Verdict.Sum?
    private(set) var observation: Verdict.Observation?

    /// Whether `RuleSet.plain` says all there is to say.
    let isPlain: Bool

    init(_ member: Decision.Member, _ evaluation: Evaluation, _ set: RuleSet) {
        rule = member.candidate.rule
        tier = Tier(rawValue: Int(member.weight)) ?? .irreversible
        let rule = set.rules[rule]
        let conditions = rule.conditions
        ground = rule.ground
        var isUnread = false
        if rule.match.operation != nil, case .unreadable(let reason, _) = evaluation.operation {
            isUnread = true
            failure = EvaluationFailure(code: .unreadableBody, detail: visible(reason.string)).description
            ground = "tier \(tier.rawValue), because \(failure ?? "")"
        }
        isPlain = !conditions.decide && !isUnread
        var frame = Frame(conditions.facts.count)
        if conditions.decide, !isUnread {
            do throws(EvaluationFailure) {
                try look(rule, evaluation, member.candidate, &frame)
            } catch {
                failure = error.description
                ground = "tier \(tier.rawValue), because \(error.description)"
            }
        }
        word(conditions, evaluation, member.candidate, &frame)
    }

    /// Evaluates again what decided, this time for the words.
    private mutating func look(
        _ rule: Rule, _ evaluation: Evaluation, _ candidate: Candidate, _ frame: inout Frame
    ) throws(EvaluationFailure) {
        let conditions = rule.conditions
        try evaluation.bind(conditions, candidate, &frame)
        if let when = conditions.when { _ = try evaluation.test(when, conditions, candidate, &frame) }
        for escalation in conditions.escalations
        where try evaluation.test(escalation.expression, conditions, candidate, &frame) && escalation.tier == tier {
            ground = "tier \(tier.rawValue), \(tier.name), because \(visible(escalation.expression.source.string))"
        }
        guard let clause = conditions.sum else { return }
        switch try evaluation.sum(clause, conditions, candidate, &frame) {
        case .within(let sum):
            if tier == .external { ground = "money, \(sum), not above \(clause.threshold)" }
            money = Verdict.Sum(minor: sum.minor, currency: sum.currency.code.string)
        case .above(let sum):
            ground = "money, \(sum), above \(clause.threshold)"
            money = Verdict.Sum(minor: sum.minor, currency: sum.currency.code.string)
        case .incomparable(let code):
            ground = "money in \(code), which is not compared with \(clause.threshold)"
        }
        if rule.isBlock { ground = rule.ground }
    }

    private mutating func word(
        _ conditions: Conditions, _ evaluation: Evaluation, _ candidate: Candidate, _ frame: inout Frame
    ) {
        func render(_ template: Summary, _ frame: inout Frame) -> String {
            template.render { expression throws(EvaluationFailure) in
                try evaluation.value(expression, conditions, candidate, &frame)
            }
        }
        if let template = conditions.summary { summary = render(template, &frame) }
        if let expression = conditions.recipients,
            let value = try? evaluation.value(expression, conditions, candidate, &frame)
        {
            recipients = value.texts.map { visible($0) }
        }
        if let clause = conditions.observation {
            let path = clause.path.path { expression throws(EvaluationFailure) in
                try evaluation.value(expression, conditions, candidate, &frame)
            }
            observation = Verdict.Observation(path: path ?? "", fields: clause.fields)
        }
    }

    func match(_ set: RuleSet) -> Verdict.Match {
        let rule = set.rules[rule]
        return Verdict.Match(
            rule: rule.id, pack: set.packs[rule.pack].name, source: set.sources[self.rule], tier: tier,
            failure: failure)
    }
}

extension Value {
    /// The elements of a list, as people read them.
    fileprivate var texts: [String] {
        guard case .list(let elements) = self else { return [shown] }
        return elements.prefix(64).map(\.shown)
    }
}
