/// Where a hold stands. Time running out, a person saying no and nobody knowing are three different things here, in the
/// journal, and in what the agent is told.
package indirect enum HoldState: Hashable, Sendable {
    /// Waits for a person. Next: approved, rejected, expired, killed, withdrawn.
    case pending
    /// A person let it go, and nothing has been sent. Next: sending, stale, expired, killed,
    /// withdrawn.
    case approved(Decision)
    /// A person said no; the identical call gets the same answer. Next: pending (reopened).
    case rejected(Decision)
    /// Nobody decided, or nobody came for an approval, in time. Last.
    case expired
    /// The kill switch was there first; nothing was sent. Last.
    case killed(cause: String)
    /// The agent took its call back; nothing was sent. Last.
    case withdrawn
    /// A permit is out; written and synced before the first byte. Next: done, uncertain; approved or killed where
    /// nothing left.
    case sending(Decision)
    /// The upstream answered whole. Last.
    case done(Answer)
    /// Sent at least in part, outcome unknown: a crash, a time-out, a reset. Next: resolved.
    case uncertain(cause: String)
    /// A person found out what had happened. Last.
    case resolved(Resolution)
    /// Approved, but what would be sent is judged more strictly now. Next: approved, rejected, expired,
    /// killed, withdrawn.
    case stale(cause: String)

    /// The word in the store, the journal and on screens.
    package var name: String {
        switch self {
        case .pending: "pending"
        case .approved: "approved"
        case .rejected: "rejected"
        case .expired: "expired"
        case .killed: "killed"
        case .withdrawn: "withdrawn"
        case .sending: "sending"
        case .done: "done"
        case .uncertain: "uncertain"
        case .resolved: "resolved"
        case .stale: "stale"
        }
    }

    /// All the words, in the order of a hold's life.
    package static let names = [
        "pending", "stale", "approved", "sending", "uncertain", "done", "resolved", "rejected", "expired",
        "withdrawn", "killed",
    ]

    /// Whether a person may decide now.
    package var isUndecided: Bool {
        switch self {
        case .pending, .stale: true
        case .approved, .rejected, .expired, .killed, .withdrawn, .sending, .done, .uncertain, .resolved: false
        }
    }

    /// Whether the identical call belongs to this hold instead of making a new one.
    package var attracts: Bool {
        switch self {
        case .pending, .approved, .rejected, .sending, .uncertain, .stale: true
        case .done(let answer): answer.delivery == .kept
        case .resolved(let resolution): resolution.wasExecuted && !resolution.isTold
        case .expired, .killed, .withdrawn: false
        }
    }

    /// Whether time may end it.
    package var canExpire: Bool {
        switch self {
        case .pending, .approved, .stale: true
        case .rejected, .expired, .killed, .withdrawn, .sending, .done, .uncertain, .resolved: false
        }
    }

    /// Whether `next` may follow; the store refuses anything else.
    package func leads(to next: HoldState) -> Bool {
        switch (self, next) {
        case (.pending, .approved), (.pending, .rejected), (.pending, .expired), (.pending, .killed): true
        case (.approved, .sending), (.approved, .stale), (.approved, .expired), (.approved, .killed): true
        case (.pending, .withdrawn), (.approved, .withdrawn), (.stale, .withdrawn): true
        case (.rejected, .pending): true
        case (.sending, .done), (.sending, .uncertain), (.sending, .approved), (.sending, .killed): true
        case (.uncertain, .resolved): true
        case (.stale, .approved), (.stale, .rejected), (.stale, .expired), (.stale, .killed): true
        // The answer was handed over, or the agent was told.
        case (.done(let before), .done(let after)): before.delivery == .kept && after.delivery != .kept
        case (.resolved(let before), .resolved(let after)): !before.isTold && after.isTold
        case (.pending, _), (.approved, _), (.rejected, _), (.expired, _), (.killed, _), (.sending, _), (.done, _),
            (.uncertain, _), (.resolved, _), (.stale, _), (.withdrawn, _):
            false
        }
    }
}

/// The upstream's answer to a held call, and where it is.
package struct Answer: Hashable, Sendable {
    package enum Delivery: String, Sendable, CaseIterable {
        /// Sealed in the store until the agent comes for it.
        case kept
        /// Its last byte was written to the agent.
        case delivered
        /// Too large to keep, and the agent had left.
        case lost
    }

    package let status: Int
    package let delivery: Delivery
    /// The approval that was spent: who comes second is told who was first.
    package let decision: Decision

    package init(status: Int, delivery: Delivery, decision: Decision) {
        self.status = status
        self.delivery = delivery
        self.decision = decision
    }
}

/// What a person found out about an uncertain hold.
package struct Resolution: Hashable, Sendable {
    package let decision: Decision
    package let wasExecuted: Bool
    /// Whether the agent has been told, once, that its call was executed and the answer is lost.
    package let isTold: Bool

    package init(decision: Decision, wasExecuted: Bool, isTold: Bool = false) {
        self.decision = decision
        self.wasExecuted = wasExecuted
        self.isTold = isTold
    }
}
