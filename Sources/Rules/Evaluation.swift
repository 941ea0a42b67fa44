import CEL
import Calls
import JSON

/// What rules make of one operation beyond its match: their conditions are evaluated here.
struct Evaluation {
    let call: Call
    let operation: Operation
    let set: RuleSet
    let now: Timestamp
    let context: Context

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

    func count(_ candidate: Candidate, _ traits: Traits) -> Outcome {
        let conditions = set.rules[candidate.rule].conditions
        var frame = Frame(conditions.facts.count)
        do throws(EvaluationFailure) {
            let tier = try tier(candidate, conditions, &frame)
            guard let tier else { return .absent }
            return .counts(traits.flags.contains(.block) ? traits.highest : max(traits.weight, UInt8(tier.rawValue)))
        } catch {
            return .failed
        }
    }

    /// What the conditions add to the rule's own tier; nil where they do not hold.
    private func tier(
        _ candidate: Candidate, _ conditions: Conditions, _ frame: inout Frame
    ) throws(EvaluationFailure) -> Tier? {
        try bind(conditions, candidate, &frame)
        if let when = conditions.when, try !test(when, conditions, candidate, &frame) { return nil }
        var tier = Tier.readOnly
        for escalation in conditions.escalations where try test(escalation.expression, conditions, candidate, &frame) {
            tier = max(tier, escalation.tier)
        }
        guard let clause = conditions.sum else { return tier }
        if case .within = try sum(clause, conditions, candidate, &frame) { return max(tier, .external) }
        return .irreversible
    }

    func bind(
        _ conditions: Conditions, _ candidate: Candidate, _ frame: inout Frame
    ) throws(EvaluationFailure) {
        for (number, binding) in conditions.bindings.enumerated() {
            let value = try value(binding.expression, conditions, candidate, &frame)
            // Several slots where paths below the name have their own is impossible: a binding has none.
            for slot in conditions.facts.indices where conditions.facts[slot] == .binding(number) {
                frame.fill(slot, value)
            }
        }
    }

    func test(
        _ expression: Conditions.Expression, _ conditions: Conditions, _ candidate: Candidate, _ frame: inout Frame
    ) throws(EvaluationFailure) -> Bool {
        fill(expression.program, conditions, candidate, &frame)
        do throws(EvaluationError) {
            return try frame.test(expression.program)
        } catch {
            throw failure(error, expression, conditions, frame)
        }
    }

    func value(
        _ expression: Conditions.Expression, _ conditions: Conditions, _ candidate: Candidate, _ frame: inout Frame
    ) throws(EvaluationFailure) -> Value {
        fill(expression.program, conditions, candidate, &frame)
        do throws(EvaluationError) {
            return try frame.evaluate(expression.program)
        } catch {
            throw failure(error, expression, conditions, frame)
        }
    }

    /// Names what is missing and not the comparison around it.
    private func failure(
        _ error: EvaluationError, _ expression: Conditions.Expression, _ conditions: Conditions,
        _ frame: borrowing Frame
    ) -> EvaluationFailure {
        let failure = EvaluationFailure(error, in: expression.source, call.document)
        for slot in expression.program.slots where frame.isAbsent(slot) {
            let name = conditions.names[slot]
            if failure.detail != name, failure.detail.contains(name) {
                return EvaluationFailure(code: failure.code, detail: name)
            }
        }
        return failure
    }

    private func fill(
        _ program: Program, _ conditions: Conditions, _ candidate: Candidate, _ frame: inout Frame
    ) {
        for slot in program.slots where !frame.isFilled(slot) {
            let fact = conditions.facts[slot]
            if case .binding = fact { continue }
            frame.fill(slot, value(of: fact, candidate))
        }
    }

    func sum(
        _ clause: Conditions.Sum, _ conditions: Conditions, _ candidate: Candidate, _ frame: inout Frame
    ) throws(EvaluationFailure) -> Sum {
        guard case .string(let code) = try value(clause.currency, conditions, candidate, &frame) else {
            throw EvaluationFailure(code: .wrongType, detail: "\(clause.currency.source.string) is no text")
        }
        guard let currency = Currency(code.text), currency == clause.threshold.currency else {
            return .incomparable(visible(code.text.string, limit: 12))
        }
        let amount = try value(clause.amount, conditions, candidate, &frame)
        guard let minor = minor(amount, clause.unit, currency) else {
            // The value itself stays out of messages: they are logged, and bodies are not.
            throw EvaluationFailure(
                code: .badAmount, detail: "\(clause.amount.source.string) is not a plain decimal number")
        }
        let money = Money(minor: minor, currency: currency)
        return minor <= clause.threshold.minor ? .within(money) : .above(money)
    }

    /// An amount in smallest units: a number or its plain spelling, never a rounded one.
    private func minor(_ amount: Value, _ unit: Conditions.Sum.Unit, _ currency: Currency) -> UInt64? {
        let text: Text
        switch amount {
        case .int(let number): text = Text(String(number))
        case .uint(let number): text = Text(String(number))
        case .string(let string): text = string.text
        case .double(let number):
            guard unit == .major else { return nil }
            return Money.major(number, currency)
        default: return nil
        }
        switch unit {
        case .minor: return Money.minor(text)
        case .major: return Money.major(text, currency)
        }
    }
}
