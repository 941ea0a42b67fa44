package import Calls
import JSON

/// A durable record of one call that waits for a person, as it was at one version. A class, so that the many places of a
/// waiting call that know of it know it by reference.
package final class Hold: Sendable {
    package let id: HoldID
    package let session: SessionID
    /// The call that made the hold; later calls attach to it.
    package let call: CallID
    /// What the operator sees the call under, what an approval binds to, what is checked again before the first byte.
    package let digest: Digest
    /// The digest of what the agent sent, where a person changed it since: its call still belongs to this hold.
    package let original: Digest?
    /// Decides only whether a repeated call attaches.
    package let repeatKey: Digest
    /// Hash of authority and Idempotency-Key, nil without one: the same key with another body is refused.
    package let idempotency: Digest?
    package let created: Timestamp
    package let facts: Facts
    package let expires: Timestamp
    package let state: HoldState
    package let deliberation: Deliberation
    /// Counts changes; a change names the version it saw (compare-and-swap).
    package let version: Int

    /// What an operator decides by; nothing secret is in it.
    package final class Facts: Sendable {
        package let method: String
        /// `Record.redacted`.
        package let target: String
        package let principal: String
        package let tier: Tier
        package let category: Category?
        package let flags: [Flag]
        package let summaries: [String]
        package let reason: String
        package let rules: [String]
        package let terms: Terms
        package let rulesDigest: String
        package let bodyLength: Int
        /// The agent asks for a decision, and there is no call: nothing is sent after it.
        package let isReview: Bool

        package init(
            method: String, target: String, principal: String, tier: Tier, category: Category?, flags: [Flag],
            summaries: [String], reason: String, rules: [String], terms: Terms = Terms(), rulesDigest: String,
            bodyLength: Int, isReview: Bool = false
        ) {
            self.method = method
            self.target = target
            self.principal = principal
            self.tier = tier
            self.category = category
            self.flags = flags
            self.summaries = summaries
            self.reason = reason
            self.rules = rules
            self.terms = terms
            self.rulesDigest = rulesDigest
            self.bodyLength = bodyLength
            self.isReview = isReview
        }

        /// What a person changed is held whatever the rules say of it now.
        ///
        /// - Parameter terms: the rules' and, where they say nothing, the gate's own.
        package convenience init(_ call: Call, _ verdict: Verdict, _ terms: Terms, isReview: Bool = false) {
            self.init(
                method: call.method.string, target: Record.redacted(call.target),
                principal: call.principal.description, tier: max(verdict.tier, .external), category: verdict.category,
                flags: verdict.flags, summaries: verdict.summaries, reason: verdict.reason,
                rules: verdict.matches.map(\.rule), terms: terms,
                rulesDigest: verdict.rulesDigest, bodyLength: Int(clamping: call.body.length ?? 0),
                isReview: isReview)
        }
    }

    /// The same hold with what has changed.
    package func with(
        state: HoldState? = nil, facts: Facts? = nil, expires: Timestamp? = nil, deliberation: Deliberation? = nil,
        digest: Digest? = nil, version: Int? = nil
    ) -> Hold {
        Hold(
            id: id, session: session, call: call, digest: digest ?? self.digest,
            original: original ?? (digest == nil ? nil : self.digest), repeatKey: repeatKey, idempotency: idempotency,
            created: created, facts: facts ?? self.facts, expires: expires ?? self.expires, state: state ?? self.state,
            deliberation: deliberation ?? self.deliberation, version: version ?? self.version)
    }

    package init(
        id: HoldID, session: SessionID, call: CallID, digest: Digest, original: Digest? = nil, repeatKey: Digest,
        idempotency: Digest?, created: Timestamp, facts: Facts, expires: Timestamp, state: HoldState = .pending,
        deliberation: Deliberation = Deliberation(), version: Int = 0
    ) {
        self.id = id
        self.session = session
        self.call = call
        self.digest = digest
        self.original = original
        self.repeatKey = repeatKey
        self.idempotency = idempotency
        self.created = created
        self.facts = facts
        self.expires = expires
        self.state = state
        self.deliberation = deliberation
        self.version = version
    }
}
