import Calls

/// Which rules the tests of a set touch, and which ways their conditions went.
package struct Coverage: Sendable {
    package struct Gap: Sendable {
        package let rule: String
        package let source: String
        /// `never hit`, `escalate 4 never true`.
        package let what: String
    }

    private var hit: Set<String> = []
    /// Rule and place of a condition, with what it came to.
    private var seen: Set<String> = []

    package init() {}

    package mutating func note(_ explanation: Explanation) {
        for entry in explanation.entries {
            switch entry.standing {
            case .decides, .counts, .superseded, .shadow: hit.insert(entry.rule)
            case .silent, .notNeeded, .ended: break
            }
            for condition in entry.conditions {
                if let holds = condition.holds { seen.insert("\(entry.rule) \(condition.place) \(holds)") }
            }
        }
    }

    /// What no test has shown: a rule that was never hit, a condition that only ever went one way.
    package func gaps(in set: RuleSet) -> [Gap] {
        var gaps: [Gap] = []
        for (number, rule) in set.rules.enumerated() {
            func gap(_ what: String) { gaps.append(Gap(rule: rule.id, source: set.sources[number], what: what)) }
            guard hit.contains(rule.id) else {
                gap("never hit")
                continue
            }
            var places = rule.conditions.escalations.map { "escalate \($0.tier.rawValue)" }
            if rule.conditions.when != nil { places.append("when") }
            for place in places {
                for way in [true, false] where !seen.contains("\(rule.id) \(place) \(way)") {
                    gap("\(place) never \(way)")
                }
            }
        }
        return gaps
    }

    /// `23 of 24 rules hit`
    package func summary(of set: RuleSet) -> String {
        "\(set.rules.count { hit.contains($0.id) }) of \(set.rules.count) rules hit"
    }
}
