package import Calls

/// What the gate needs from outside, handed in so that tests decide time, chance and failure.
package struct GateWorld: Sendable {
    package let now: @Sendable () -> Timestamp
    package let newHoldID: @Sendable () -> HoldID
    package let hash: @Sendable ([UInt8]) -> Digest
    /// Adds an event to the journal, after all that were added before.
    package let append: @Sendable (GateEvent) throws(JournalDown) -> Void
    /// Writes what was added so far; `durably` returns only when it is on disk.
    package let flush: @Sendable (_ durably: Bool) async throws(JournalDown) -> Void
    /// A call as bytes for the store, and back by the one strict reading.
    package let archive: @Sendable (Call) -> Content
    package let restore: @Sendable (Content, Hold) throws(StoreFailure) -> Call
    /// What the rules in force say of a call that was changed after it was held.
    package let judge: @Sendable (Call) -> Verdict
    /// Closes the connections of a scope that was killed; called at once, while its agents are being told.
    package let closeConnections: @Sendable (Scope) -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp, newHoldID: @escaping @Sendable () -> HoldID,
        hash: @escaping @Sendable ([UInt8]) -> Digest,
        append: @escaping @Sendable (GateEvent) throws(JournalDown) -> Void,
        flush: @escaping @Sendable (Bool) async throws(JournalDown) -> Void,
        archive: @escaping @Sendable (Call) -> Content,
        restore: @escaping @Sendable (Content, Hold) throws(StoreFailure) -> Call,
        judge: @escaping @Sendable (Call) -> Verdict,
        closeConnections: @escaping @Sendable (Scope) -> Void = { _ in }
    ) {
        self.now = now
        self.newHoldID = newHoldID
        self.hash = hash
        self.append = append
        self.flush = flush
        self.archive = archive
        self.restore = restore
        self.judge = judge
        self.closeConnections = closeConnections
    }
}

/// What the gate has written down. Indirect: a call's record is handed on as one reference.
package indirect enum GateEvent: Sendable {
    /// A call's opening line.
    case opened(Record)
    case created(Hold)
    /// A person decided; the decision is in the hold's state, or beside it where it reopened one.
    case decided(Hold, Decision)
    /// Somebody, or the clock, did something about it that did not end its waiting.
    case acted(Hold, Act)
    /// The line that is on disk before the first byte of a held call, with the approval that is spent.
    case sending(Hold, CallID, Decision)
    /// Time, a crash, the kill switch or the upstream moved it on.
    case changed(Hold)
    case stopped(Stop)
    /// What a session's agent wants was turned down so often that somebody should look at the agent.
    case flagged(Hold, SessionFlag, count: Int)
    /// The line that is on disk before anything of the scope is sent again.
    case resumed(Stop, Decision)
}

/// The journal cannot be written: nothing passes.
package struct JournalDown: Error, Hashable, Sendable {
    package let reason: String

    package init(reason: String) { self.reason = reason }
}

/// Limits and times of holds; the settings `hold.*`.
package struct HoldSettings: Sendable {
    package var maxPending = 1_000_000
    package var maxPendingPerSession = 32
    package var maxWaiting = 15_000
    /// A person's time for tier 3.
    package var externalLife = Interval.days(7)
    /// A person's time for tier 4 and anything flagged.
    package var irreversibleLife = Interval.hours(24)
    /// A person's time for a first act on tier 4 and anything flagged, where the rules name none.
    package var decideWithin: Interval? = .minutes(30)
    /// Groups that are told one after the other where nobody acts.
    package var escalateTo: [String] = []
    /// What becomes of the session when nobody has acted after all of them; nil: nothing.
    package var onSilence: Terms.Silence? = .freeze
    /// The same for a flagged call.
    package var onFlaggedSilence: Terms.Silence? = .kill
    /// Holds in one transaction of a kill.
    package var killedAtOnce = 500
    /// Holds that a kill ends before its operator is answered; the rest follow, as many each second.
    package var killedPerTurn = 5_000
    /// The end of a hold's time can be put off this far from now.
    package var longestLife = Interval.days(30)
    /// What the first question to the agent adds to a hold's time.
    package var answerLife = Interval.hours(4)
    /// Accounts that several people may be behind: what they say counts towards a quorum above one only when it is signed.
    package var sharedAccounts: Set<UInt32> = []
    /// An approval can be spent at least this long, however late it was given.
    package var approvalLife = Interval.minutes(15)

    package init() {}

    package func life(tier: Tier, flags: [Flag]) -> Interval {
        tier == .irreversible || !flags.isEmpty ? irreversibleLife : externalLife
    }
}

/// Why the gate did not admit a call; nothing was sent. Indirect, because every suspended call has room for one, at each
/// place that may throw it.
package indirect enum GateFailure: Error, Hashable, Sendable {
    /// A rule says never.
    case blocked(reason: String)
    /// Nothing of the session is sent.
    case killed(Stop)
    /// Only what reads is sent.
    case frozen(Stop)
    /// A limit of the settings is reached.
    case full(limit: String, value: Int)
    case idempotencyConflict(HoldID)
    /// The call must wait, and its body is still on the wire.
    case notReadWhole
    case storeDown(reason: String)
    case journalDown(reason: String)

    init(_ failure: StoreFailure) {
        self = .storeDown(reason: failure.description)
    }
}
