/// A reason to ask a person beyond the tier.
package enum Flag: String, Sendable, CaseIterable {
    case injection, secret, taint, budget
}

/// What happens to a judged call.
package enum Disposition: String, Sendable {
    /// Sent at once, recorded.
    case pass
    /// Waits for a person.
    case hold
    /// Never sent (`block: true`).
    case refuse
}

/// Tier, flags, rules and obligations: all that judging a call says about it. A class, so that records and held calls are
/// small while they wait.
package final class Verdict: Sendable {
    /// A rule that took part in the verdict.
    package struct Match: Sendable, Hashable {
        package let rule: String
        package let pack: String
        /// `file:line` of the rule, for the operator who asks why.
        package let source: String
        package let tier: Tier
        /// Why the rule counts with its highest tier (`missing_field: body.amount`), nil where it was read whole.
        package let failure: String?

        package init(rule: String, pack: String, source: String, tier: Tier, failure: String? = nil) {
            self.rule = rule
            self.pack = pack
            self.source = source
            self.tier = tier
            self.failure = failure
        }
    }

    /// An exception that took rules out, journalled with its reason.
    package struct Superseding: Sendable, Hashable {
        package let rule: String
        package let superseded: String
        package let from: Tier
        package let to: Tier
        package let reason: String

        package init(rule: String, superseded: String, from: Tier, to: Tier, reason: String) {
            self.rule = rule
            self.superseded = superseded
            self.from = from
            self.to = to
            self.reason = reason
        }
    }

    package let tier: Tier
    package let category: Category?
    package let flags: [Flag]
    package let disposition: Disposition
    /// The rules at the winning tier; empty where no rule spoke and `defaults.unmatched` decided.
    package let matches: [Match]
    package let supersedings: [Superseding]
    /// One sentence a rule, verb first, the site's own rules first.
    package let summaries: [String]
    /// Why, in one sentence: `rule stripe.money-out (rules/stripe.yaml:18): money over 100 USD`.
    package let reason: String
    /// Groups that must agree, all of them.
    package let approvers: [String]
    /// Distinct people asked of each group.
    package let quorum: Int
    /// SHA-256 of the rule set that judged, hexadecimal.
    package let rulesDigest: String

    package init(
        tier: Tier, category: Category? = nil, flags: [Flag] = [], disposition: Disposition, matches: [Match] = [],
        supersedings: [Superseding] = [], summaries: [String] = [], reason: String, approvers: [String] = [],
        quorum: Int = 1, rulesDigest: String
    ) {
        self.tier = tier
        self.category = category
        self.flags = flags
        self.disposition = disposition
        self.matches = matches
        self.supersedings = supersedings
        self.summaries = summaries
        self.reason = reason
        self.approvers = approvers
        self.quorum = quorum
        self.rulesDigest = rulesDigest
    }
}
