/// What the rules ask of a decision, and of the sending after it.
package struct Terms: Hashable, Sendable {
    /// What is done with a session whose held call nobody looked at in time.
    package enum Silence: String, Sendable, CaseIterable {
        /// Everything but reading waits.
        case freeze
        /// Nothing is let through any more.
        case kill
    }

    /// Whether the stored call may be sent without its agent.
    package enum Detached: String, Sendable, CaseIterable {
        /// At once after the approval, whether or not the agent is there.
        case always
        /// Only the agent's own next call spends the approval.
        case never
    }

    /// Groups that must agree, all of them; none: whoever may decide.
    package var approvers: [String]
    /// Distinct people asked of each group.
    package var quorum: Int
    /// How long people have for a first act; nil: as long as the gate's setting says.
    package var decideWithin: Interval?
    /// Groups that are told one after the other where nobody acts.
    package var escalateTo: [String]
    /// What follows when nobody has acted at all; nil: as the gate's setting says.
    package var onSilence: Silence?
    /// A decision counts only with a signature by a key of the person.
    package var needsSignature: Bool
    /// Nil: as the operator says.
    package var detached: Detached?
    /// The agent that hangs up takes its call back.
    package var withdrawsOnDisconnect: Bool
    /// What an operator may look at before deciding, and what is looked at again right before sending.
    package var observations: [Verdict.Observation]
    /// The header by which the upstream recognises a repeated call.
    package var idempotency: String?
    /// Of the answers to a call that waits; nil: those that clients were seen to understand.
    package var status: Int?

    package init(
        approvers: [String] = [], quorum: Int = 1, decideWithin: Interval? = nil, escalateTo: [String] = [],
        onSilence: Silence? = nil, needsSignature: Bool = false, detached: Detached? = nil,
        withdrawsOnDisconnect: Bool = false, observations: [Verdict.Observation] = [], idempotency: String? = nil,
        status: Int? = nil
    ) {
        self.approvers = approvers
        self.quorum = quorum
        self.decideWithin = decideWithin
        self.escalateTo = escalateTo
        self.onSilence = onSilence
        self.needsSignature = needsSignature
        self.detached = detached
        self.withdrawsOnDisconnect = withdrawsOnDisconnect
        self.observations = observations
        self.idempotency = idempotency
        self.status = status
    }
}
