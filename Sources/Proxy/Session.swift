import Calls
import Rules
import Synchronization
import System

/// One run of one agent as the gate sees it: what it takes, what it did, and its open connections.
///
/// A connection finds it once and keeps it; what every call changes here is atomic, so that loops do not wait for each
/// other. Locks are taken by connections that begin and end, and by a label that is new.
final class Session: Sendable {
    let id: SessionID
    /// The account of this machine that it is; nil where a token says who it is.
    let account: UInt32?
    let since: Timestamp
    let bodies: MemoryBudget
    private let rate: CallRate
    /// What rules may ask of it, and how they do.
    let facts: SessionFacts
    let context: Context
    private let live = Mutex<[ObjectIdentifier: LiveConnection]>([:])
    private let connections = Atomic<Int>(0)
    private let labels = Mutex<[String]>([])
    private let lastCall = Atomic<Int64>(0)
    private let readOnly = Atomic<Int>(0)
    private let reversible = Atomic<Int>(0)
    private let external = Atomic<Int>(0)
    private let irreversible = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let turnedAway = Atomic<Int>(0)
    private let received = Atomic<UInt64>(0)

    init(
        _ id: SessionID, account: UInt32?, since: Timestamp, bodies: MemoryBudget, rate: CallRate,
        autonomy: Autonomy? = nil
    ) {
        self.id = id
        self.account = account
        self.since = since
        self.bodies = bodies
        self.rate = rate
        let facts = SessionFacts(autonomy: autonomy)
        self.facts = facts
        context = Context { facts.known }
    }

    // MARK: Connections

    var connectionCount: Int { connections.load(ordering: .relaxed) }

    func join(_ connection: LiveConnection) {
        let isNew = live.withLock { $0.updateValue(connection, forKey: ObjectIdentifier(connection)) == nil }
        if isNew { connections.add(1, ordering: .relaxed) }
    }

    func leave(_ connection: LiveConnection) {
        let wasHere = live.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) != nil }
        if wasHere { connections.subtract(1, ordering: .relaxed) }
    }

    func closeConnections(grace: Int64) {
        for connection in live.withLock({ Array($0.values) }) { connection.close(grace: grace) }
    }

    func closeOldestConnection() {
        live.withLock { $0.values.min { $0.number < $1.number } }?.close()
    }

    func noteTurnedAway() { turnedAway.add(1, ordering: .relaxed) }

    // MARK: Calls

    /// Takes the next call's place in the session's rate.
    func turn(at now: Int64) -> CallRate.Turn { rate.take(at: now, longest: SessionLimits.longestDelay) }

    /// Counts a call that ended.
    func count(_ record: Record) {
        lastCall.store(record.began.milliseconds, ordering: .relaxed)
        switch record.verdict?.tier {
        case .readOnly: readOnly.add(1, ordering: .relaxed)
        case .reversible: reversible.add(1, ordering: .relaxed)
        case .external: external.add(1, ordering: .relaxed)
        case .irreversible: irreversible.add(1, ordering: .relaxed)
        case nil: break
        }
        switch record.outcome {
        case .answered(let status, let bytes), .undelivered(let status, let bytes):
            received.add(bytes, ordering: .relaxed)
            if status >= 400 { facts.noteFailed() }
        case .refused:
            refused.add(1, ordering: .relaxed)
            facts.noteFailed()
        case .uncertain: facts.noteFailed()
        case .parked, .collected, .lost, nil: break
        }
    }

    var isUsed: Bool { connectionCount > 0 || lastCall.load(ordering: .relaxed) > 0 }

    /// When it was last used: the oldest idle one is forgotten first.
    var lastUse: Int64 { max(since.milliseconds, lastCall.load(ordering: .relaxed)) }

    // MARK: Labels

    /// Takes a name that the agent gives its run, to be shown: never more than the latest few, and no more of each than
    /// fits a line.
    func note(_ label: ArraySlice<UInt8>) {
        let text = VisibleText.show(label, limit: SessionLimits.labelBytes)
        labels.withLock { labels in
            labels.removeAll { $0 == text }
            if labels.count >= SessionLimits.labels { labels.removeFirst() }
            labels.append(text)
        }
    }

    // MARK: Looking

    var summary: SessionSummary {
        let last = lastCall.load(ordering: .relaxed)
        return SessionSummary(
            id: id, account: account, autonomy: facts.autonomy, labels: labels.withLock { $0 }, since: since,
            lastCall: last == 0 ? nil : Timestamp(milliseconds: last), connections: connectionCount,
            calls: [
                readOnly.load(ordering: .relaxed), reversible.load(ordering: .relaxed),
                external.load(ordering: .relaxed), irreversible.load(ordering: .relaxed),
            ], refused: refused.load(ordering: .relaxed), turnedAway: turnedAway.load(ordering: .relaxed),
            received: received.load(ordering: .relaxed))
    }
}
