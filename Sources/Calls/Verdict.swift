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

    /// An amount in the smallest unit of its currency.
    package struct Sum: Sendable, Hashable {
        package let minor: UInt64
        /// ISO 4217, in capitals.
        package let currency: String

        package init(minor: UInt64, currency: String) {
            self.minor = minor
            self.currency = currency
        }
    }

    /// A read at the same host that shows what the call is about to change.
    package struct Observation: Sendable, Hashable {
        /// Path and query; empty where a value that it needs is not in the call.
        package let path: String
        /// The members of the answer that matter.
        package let fields: [String]

        package init(path: String, fields: [String]) {
            self.path = path
            self.fields = fields
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
    package let terms: Terms
    /// Groups that are told, and not asked.
    package let notify: [String]
    /// Whom the call reaches, as the rules read it out of the call.
    package let recipients: [String]
    /// What the call moves, as it says itself.
    package let money: [Sum]
    /// Rules on trial, with what each would have said; they count for nothing.
    package let shadows: [Match]
    /// SHA-256 of the rule set that judged, hexadecimal.
    package let rulesDigest: String

    package init(
        tier: Tier, category: Category? = nil, flags: [Flag] = [], disposition: Disposition, matches: [Match] = [],
        supersedings: [Superseding] = [], summaries: [String] = [], reason: String, terms: Terms = Terms(),
        notify: [String] = [], recipients: [String] = [], money: [Sum] = [], shadows: [Match] = [], rulesDigest: String
    ) {
        self.tier = tier
        self.category = category
        self.flags = flags
        self.disposition = disposition
        self.matches = matches
        self.supersedings = supersedings
        self.summaries = summaries
        self.reason = reason
        self.terms = terms
        self.notify = notify
        self.recipients = recipients
        self.money = money
        self.shadows = shadows
        self.rulesDigest = rulesDigest
    }
}
