package import Calls
import Holds
import Synchronization
import System

/// Every session that is known, and who may begin another connection.
package final class Sessions: Sendable {
    let limits: SessionLimits
    /// Agents' connections over all loops.
    let connections: ConnectionLimit
    /// The session of those who have not proved whose they are: their calls are refused.
    let unproven: Session
    private let bodies: MemoryBudget
    private let now: @Sendable () -> Timestamp
    /// Of those that nothing is said of.
    private let autonomy: Autonomy?
    private let table = Mutex<[SessionID: Session]>([:])
    private let declared = Mutex<[SessionID: Autonomy]>([:])
    private let farewells = Atomic<Int>(0)

    /// - Parameters:
    ///   - connections: of all sessions together.
    ///   - bodies: memory that all have together.
    ///   - autonomy: of all of whom nothing else is declared.
    init(
        _ limits: SessionLimits, connections: Int, bodies: MemoryBudget, autonomy: Autonomy? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.autonomy = autonomy
        self.limits = limits
        self.connections = ConnectionLimit(connections)
        self.bodies = bodies
        self.now = now
        let rate = SessionLimits.unprovenRate
        unproven = Session(
            SessionID("unproven"), account: nil, since: now(), bodies: MemoryBudget(0, of: bodies),
            rate: CallRate(calls: rate.calls, burst: rate.burst))
    }

    /// For what is under way when a scope is stopped, so that agents are told instead of cut off.
    static let stopGrace: Int64 = 2_000

    /// Ends every open connection of the sessions in `scope`; what is under way has `grace` milliseconds. From any thread.
    ///
    /// Connections that begin afterwards are none of its concern: whoever stops a scope says so to the gate first.
    package func closeConnections(of scope: Scope, grace: Int64 = 0) {
        for session in known where scope.contains(session.id) { session.closeConnections(grace: grace) }
    }

    /// In the order of their names.
    package var summaries: [SessionSummary] {
        known.filter { $0 !== unproven || $0.isUsed }.map(\.summary).sorted { $0.id.description < $1.id.description }
    }

    private var known: [Session] { table.withLock { Array($0.values) } + [unproven] }

    // MARK: Connections

    /// Makes a connection one of this session's, and no longer of the one that it was in.
    ///
    /// - Parameter account: the account of this machine that the session is.
    func move(_ connection: LiveConnection, to id: SessionID, account: UInt32? = nil) throws(CallFailure) {
        // Found and joined in one step: a session that a connection is about to join is not forgotten.
        let joined = table.withLock { table -> Result<Session, CallFailure> in
            guard let session = find(id, account, in: &table) else {
                return .failure(.overLimit(.sessions, retryAfter: 30))
            }
            let count = session.connectionCount
            guard limits.admitsConnection(having: count, open: connections.open, of: connections.limit) else {
                session.noteTurnedAway()
                return .failure(.overLimit(.connections(count), retryAfter: 1))
            }
            session.join(connection)
            return .success(session)
        }
        connection.join(try joined.get())
    }

    /// Makes a connection one of those that have proved nothing.
    ///
    /// An agent with a token begins as one too: where there are many, the oldest gives way, which has had more time to
    /// say whose it is than this one.
    func moveToUnproven(_ connection: LiveConnection) throws(CallFailure) {
        let count = unproven.connectionCount
        let limit = min(SessionLimits.unprovenConnections, max(1, connections.limit / 8))
        if count >= limit {
            unproven.noteTurnedAway()
            // What is closed leaves a moment later; until then there are a few more.
            guard count < limit * 2 else { throw .overLimit(.connections(count), retryAfter: 1) }
            unproven.closeOldestConnection()
        }
        unproven.join(connection)
        connection.join(unproven)
    }

    /// The session that a datagram is of; nil where no more are remembered.
    func session(_ id: SessionID, account: UInt32? = nil) -> Session? { table.withLock { find(id, account, in: &$0) } }

    /// One that has come since the gate was started.
    func known(_ id: SessionID) -> Session? { table.withLock { $0[id] } }

    /// Takes what the person says who runs a session's agent, who may take it back (nil) once it has ended.
    package func declare(_ autonomy: Autonomy?, for id: SessionID) {
        declared.withLock { $0[id] = autonomy }
        known(id)?.facts.declare(autonomy ?? self.autonomy)
    }

    /// Takes note that somebody should look at a session's agent.
    func note(_ flag: SessionFlag, of id: SessionID) { known(id)?.facts.note(flag) }

    private func find(_ id: SessionID, _ account: UInt32?, in table: inout [SessionID: Session]) -> Session? {
        if let session = table[id] { return session }
        if table.count >= SessionLimits.remembered {
            let idle = table.values.filter { $0.connectionCount == 0 }
            guard let oldest = idle.min(by: { $0.lastUse < $1.lastUse }) else { return nil }
            table[oldest.id] = nil
        }
        let session = Session(
            id, account: account, since: now(), bodies: MemoryBudget(limits.maxBodyMemory, of: bodies),
            rate: CallRate(calls: limits.rate, burst: limits.burst),
            autonomy: declared.withLock { $0[id] } ?? autonomy)
        table[id] = session
        return session
    }

    /// Whether a connection that is one too many is told so: only so many at a time, for each is one more.
    func beginFarewell() -> Bool {
        guard farewells.add(1, ordering: .relaxed).newValue > SessionLimits.farewells else { return true }
        endFarewell()
        return false
    }

    func endFarewell() { farewells.subtract(1, ordering: .relaxed) }
}
