import CEL
package import Calls
import JSON

/// Why the rules say what they say of a call: every rule whose match fits, with the values of its conditions.
package struct Explanation: Sendable {
    package struct Part: Sendable {
        /// As the rule has it.
        package let source: String
        package let depth: Int
        package let value: String
        package let isError: Bool
    }

    package struct Condition: Sendable {
        /// `when`, `let amount`, `escalate 4`.
        package let place: String
        package let parts: [Part]
        /// What a condition came to; nil where it is none or failed.
        package let holds: Bool?
    }

    package enum Standing: String, Sendable {
        /// Decides, alone or with others.
        case decides
        /// Counts less than what decides.
        case counts
        /// Its conditions do not hold.
        case silent
        case superseded
        /// A fallback beside a rule that claims the call.
        case notNeeded = "not needed"
        case shadow
        case ended
    }

    package struct Entry: Sendable {
        package let rule: String
        package let pack: String
        package let source: String
        package let operation: Int
        package let standing: Standing
        /// 1 to 4, or 5 for one that blocks; nil where it is silent.
        package let weight: Int?
        package let failure: String?
        package let mayClaim: Bool
        package let conditions: [Condition]
    }

    package let verdict: Verdict
    package let entries: [Entry]
}

extension RuleSet {
    /// Looks at every rule that fits, and at every part of its conditions.
    package func explain(_ call: Call, at now: Timestamp, in context: Context = .none) -> Explanation {
        let decision = decide(call, at: now, in: context, .exhaustive)
        let subjects = Subject.all(of: call, limit: Self.operationLimit) ?? []
        var entries: [Explanation.Entry] = []
        for (number, subject) in subjects.enumerated() {
            var found = RuleIndex.Catch()
            candidates(subject.call, subject.operation, now, context, into: &found)
            let evaluation = Evaluation(
                call: subject.call, operation: subject.operation, set: self, now: now, context: context)
            for index in 0..<found.candidates.count {
                let candidate = found.candidates[index]
                let its = traits[candidate.rule]
                guard isPresent(rules[candidate.rule].match, subject.call) else { continue }
                let member = member(
                    candidate, its, subject.call, subject.operation, now, context, number)
                var standing = Explanation.Standing.counts
                if now.milliseconds >= its.end {
                    standing = .ended
                } else if its.flags.contains(.shadow) {
                    standing = .shadow
                } else if member == nil {
                    standing = .silent
                } else if decision.supersedings.contains(where: { $0.superseded == candidate.rule }) {
                    standing = .superseded
                } else if decision.winners.contains(where: { $0.candidate.rule == candidate.rule }) {
                    standing = .decides
                } else if its.flags.contains(.fallback) {
                    standing = .notNeeded
                }
                entries.append(
                    entry(
                        candidate, member, standing, evaluation, number,
                        mayClaim(its, subject.call.target, subject.operation)))
            }
        }
        return Explanation(verdict: judge(call, at: now, in: context), entries: entries)
    }

    private func entry(
        _ candidate: Candidate, _ member: Decision.Member?, _ standing: Explanation.Standing, _ evaluation: Evaluation,
        _ operation: Int, _ mayClaim: Bool
    ) -> Explanation.Entry {
        let rule = rules[candidate.rule]
        let failure = member.flatMap { $0.hasFailed ? Finding($0, evaluation, self).failure : nil }
        return Explanation.Entry(
            rule: rule.id, pack: packs[rule.pack].name, source: sources[candidate.rule], operation: operation,
            standing: standing, weight: member.map { Int($0.weight) }, failure: failure, mayClaim: mayClaim,
            conditions: evaluation.explain(rule.conditions, candidate))
    }
}

extension Evaluation {
    /// Every expression of a rule that has a part in its tier, as far as its bindings have values.
    fileprivate func explain(_ conditions: Conditions, _ candidate: Candidate) -> [Explanation.Condition] {
        var frame = Frame(conditions.facts.count)
        var explained: [Explanation.Condition] = []
        for (number, binding) in conditions.bindings.enumerated() {
            explained.append(explain(binding.expression, "let \(binding.name)", conditions, candidate, &frame))
            guard let value = try? value(binding.expression, conditions, candidate, &frame) else { continue }
            for slot in conditions.facts.indices where conditions.facts[slot] == .binding(number) {
                frame.fill(slot, value)
            }
        }
        if let when = conditions.when { explained.append(explain(when, "when", conditions, candidate, &frame)) }
        for escalation in conditions.escalations {
            let place = "escalate \(escalation.tier.rawValue)"
            explained.append(explain(escalation.expression, place, conditions, candidate, &frame))
        }
        if let sum = conditions.sum {
            explained.append(explain(sum.amount, "money", conditions, candidate, &frame))
            explained.append(explain(sum.currency, "money, currency", conditions, candidate, &frame))
        }
        return explained
    }

    private func explain(
        _ expression: Conditions.Expression, _ place: String, _ conditions: Conditions, _ candidate: Candidate,
        _ frame: inout Frame
    ) -> Explanation.Condition {
        // Fills the slots; what it comes to is in the trace as well.
        let outcome = try? value(expression, conditions, candidate, &frame)
        let bytes = expression.source.bytes
        let parts = frame.trace(expression.program).map { part in
            let source =
                part.slot.map { conditions.names[$0] }
                ?? String(decoding: bytes[part.span.clamped(to: 0..<bytes.count)], as: UTF8.self)
            switch part.result {
            case .success(let value):
                return Explanation.Part(
                    source: source, depth: part.depth, value: visible(value.shown), isError: false)
            case .failure(let error):
                return Explanation.Part(
                    source: source, depth: part.depth,
                    value: EvaluationFailure(error, in: expression.source, call.document).code.rawValue, isError: true)
            }
        }
        let holds: Bool? = if case .bool(let bool)? = outcome { bool } else { nil }
        return Explanation.Condition(place: place, parts: parts, holds: holds)
    }
}
