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

/// Tier, flags, rules and obligations: all that judging a call says about it.
package struct Verdict: Sendable {
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

    package var tier: Tier
    package var category: Category?
    package var flags: [Flag]
    package var disposition: Disposition
    /// The rules at the winning tier; empty where no rule spoke and `defaults.unmatched` decided.
    package var matches: [Match]
    package var supersedings: [Superseding]
    /// One sentence a rule, verb first, the site's own rules first.
    package var summaries: [String]
    /// Why, in one sentence: `rule stripe.money-out (rules/stripe.yaml:18): money over 100 USD`.
    package var reason: String
    /// Groups that must agree, all of them.
    package var approvers: [String]
    /// Distinct people asked of each group.
    package var quorum: Int
    /// SHA-256 of the rule set that judged, hexadecimal.
    package var rulesDigest: String

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
