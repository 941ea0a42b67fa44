package import Calls

/// Where holds live: the truth about what waits, what was decided and what was sent.
///
/// Every method that changes something returns after the change is durable (synced); a failure means that it may not
/// have happened, and the caller refuses. Contents are sealed by the store: `content` is opaque to it.
package protocol HoldStore: Sendable {
    /// Joins the hold of the same session and repeat key that still `attracts`, or makes a new one, in one transaction.
    func enrol(_ hold: Hold, content: Content, limits: EnrolmentLimits) async throws(StoreFailure) -> Enrolment

    /// Compare-and-swap: the hold after the change, nil where `version` is no longer the current one.
    ///
    /// Throws where `HoldState.leads(to:)` says no.
    func change(_ id: HoldID, version: Int, _ change: HoldChange) async throws(StoreFailure) -> Hold?

    /// `approved` to `sending`.
    ///
    /// - Parameter note: is told once this is sure to be written, and before it is, so that what it starts reaches the disk
    ///   meanwhile. Where it fails, nothing has changed.
    func begin(
        _ id: HoldID, version: Int, decision: Decision, note: @escaping @Sendable (Hold) throws(JournalDown) -> Void
    ) async throws(StoreFailure) -> Beginning

    /// `sending` to `done`, and the answer beside it in the same transaction where it is kept.
    func complete(_ id: HoldID, version: Int, answer: Answer, content: Content?) async throws(StoreFailure) -> Hold?

    /// The kept answer was handed over whole: `delivered`, and its content is gone. Nil where somebody was first.
    func delivered(_ id: HoldID, version: Int) async throws(StoreFailure) -> Hold?

    func hold(_ id: HoldID) async throws(StoreFailure) -> Hold?

    func holds(_ query: HoldQuery) async throws(StoreFailure) -> [Hold]

    /// The call as the agent sent it.
    func request(of id: HoldID) async throws(StoreFailure) -> Content?

    /// The call as a person changed it; nil where nobody has.
    func edited(of id: HoldID) async throws(StoreFailure) -> Content?

    /// What the call is about to change, as it was read when it was held; nil where nothing was.
    func before(of id: HoldID) async throws(StoreFailure) -> Content?

    /// The kept answer.
    func answer(of id: HoldID) async throws(StoreFailure) -> Content?

    /// Up to `limit` holds whose time is over and that can expire, oldest first.
    func due(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold]

    /// Up to `limit` holds that are undecided and that the clock has something to do about by now, earliest first.
    func needingAttention(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold]

    /// Up to `limit` holds of the scope that nothing was sent of become `killed`; returns them. Fewer than `limit` are
    /// all there were.
    func kill(_ scope: Scope, cause: String, limit: Int) async throws(StoreFailure) -> [Hold]

    /// What was stopped when the last process ended.
    func stops() async throws(StoreFailure) -> [Stop]

    /// Replaces all stops by those that `current` gives when the store comes to it: whoever is carried out last writes
    /// what is so then, in whatever order they asked.
    func keep(_ current: @escaping @Sendable () -> [Stop]) async throws(StoreFailure)

    /// After a start: every `sending` becomes `uncertain` with this cause; returns them.
    func recover(cause: String) async throws(StoreFailure) -> [Hold]
}

/// What a store keeps sealed: bytes, and the name of a spool file where they were too many.
package struct Content: Sendable {
    package let bytes: [UInt8]
    package let spool: String?

    package init(bytes: [UInt8], spool: String? = nil) {
        self.bytes = bytes
        self.spool = spool
    }
}

/// How many holds may be undecided.
package struct EnrolmentLimits: Sendable {
    package var pending: Int
    package var pendingPerSession: Int

    package init(pending: Int = 1_000_000, pendingPerSession: Int = 32) {
        self.pending = pending
        self.pendingPerSession = pendingPerSession
    }
}

/// What became of a call that came to be held.
package enum Enrolment: Sendable {
    case created(Hold)
    case joined(Hold)
    /// The same Idempotency-Key was used for a different request by this session.
    case conflict(with: Hold)
    /// A limit is reached: its setting and its value.
    case full(limit: String, value: Int)
}

/// What became of an approval that was to be spent.
package enum Beginning: Sendable {
    case begun(Hold)
    /// The version is no longer the current one.
    case outdated
    case unrecorded(JournalDown)
}

/// Which holds to list; newest first, undecided ones before the others.
package struct HoldQuery: Sendable {
    /// Names of states; empty means all.
    package var states: [String]
    package var session: SessionID?
    /// The beginning of an id.
    package var prefix: String?
    package var limit: Int

    package init(states: [String] = [], session: SessionID? = nil, prefix: String? = nil, limit: Int = 100) {
        self.states = states
        self.session = session
        self.prefix = prefix
        self.limit = limit
    }
}

/// Why the store did not do what it was asked to.
package enum StoreFailure: Error, Hashable, Sendable {
    /// Disk full, locked, read-only, gone: `reason` is a sentence for the operator.
    case unavailable(reason: String)
    /// What was read back does not open or parse: altered, or sealed with another key.
    case damaged(reason: String)
    /// The state machine has no such step.
    case impossible(from: String, to: String)
}

/// A sentence for the operator.
extension StoreFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let reason), .damaged(let reason): reason
        case .impossible(let from, let to): "a hold cannot go from \(from) to \(to)"
        }
    }
}
