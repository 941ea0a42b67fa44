import Calls
import JSON

/// What rules make of one operation beyond its match: their conditions are evaluated here.
struct Evaluation {
    let call: Call
    let operation: Operation
    let set: RuleSet
    let now: Timestamp

    enum Outcome {
        /// The conditions do not hold.
        case absent
        case counts(UInt8)
        /// Something could not be read.
        case failed
    }

    /// How an amount compares with the threshold.
    enum Sum {
        case within(Money)
        case above(Money)
        /// No currency that can be compared with the threshold's.
        case incomparable(String)
    }

    mutating func count(_ candidate: Candidate, _ traits: Traits) -> Outcome {
        let rule = set.rules[candidate.rule]
        guard let clause = rule.sum else { return .counts(traits.weight) }
        guard let sum = try? sum(clause, rule.match.paths[candidate.path]) else { return .failed }
        if case .within = sum { return .counts(traits.weight) }
        return .counts(traits.highest)
    }

    func sum(_ clause: Rule.Sum, _ path: PathTemplate) throws(EvaluationFailure) -> Sum {
        let facts = Facts(call: call, path: path)
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
}
