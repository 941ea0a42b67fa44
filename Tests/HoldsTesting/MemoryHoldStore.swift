package import Calls
package import Holds
import Synchronization

/// The store's contract in memory, for tests of what stands on it; `failure` makes it refuse everything.
package final class MemoryHoldStore: HoldStore {
    private struct State {
        var holds: [HoldID: Hold] = [:]
        var order: [HoldID] = []
        var requests: [HoldID: Content] = [:]
        var answers: [HoldID: Content] = [:]
        var edited: [HoldID: Content] = [:]
        var befores: [HoldID: Content] = [:]
        var stops: [Stop] = []
        var failure: StoreFailure?
        var failing: String?
        var overtaking = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Refuses everything, or only the operation of this name; nil works again.
    package func fail(with failure: StoreFailure?, only operation: String? = nil) {
        state.withLock {
            $0.failure = failure
            $0.failing = operation
        }
    }

    /// As if somebody else were quicker so many times.
    package func overtake(_ times: Int) { state.withLock { $0.overtaking = times } }

    package func enrol(
        _ hold: Hold, content: Content, limits: EnrolmentLimits
    ) async throws(StoreFailure) -> Enrolment {
        try working { state throws(StoreFailure) in
            let own = state.holds.values.filter { $0.session == hold.session }
            if let same = own.first(where: { $0.repeatKey == hold.repeatKey && $0.state.attracts }) {
                return .joined(same)
            }
            if let key = hold.idempotency,
                let other = own.first(where: { $0.idempotency == key && $0.repeatKey != hold.repeatKey })
            {
                return .conflict(with: other)
            }
            guard state.holds.values.count(where: { $0.state.isUndecided }) < limits.pending else {
                return .full(limit: "hold.max_pending", value: limits.pending)
            }
            guard own.count(where: { $0.state.isUndecided }) < limits.pendingPerSession else {
                return .full(limit: "hold.max_pending_per_session", value: limits.pendingPerSession)
            }
            state.holds[hold.id] = hold
            state.order.append(hold.id)
            state.requests[hold.id] = content
            return .created(hold)
        }
    }

    package func change(
        _ id: HoldID, version: Int, _ change: HoldChange
    ) async throws(StoreFailure) -> Hold? {
        try working { state throws(StoreFailure) in
            guard state.overtaking == 0 else {
                state.overtaking -= 1
                return nil
            }
            guard let hold = try Self.change(&state, id, version: version, change) else { return nil }
            if let edited = change.edited { state.edited[id] = edited.content }
            if let before = change.before { state.befores[id] = before }
            return hold
        }
    }

    package func begin(
        _ id: HoldID, version: Int, decision: Decision, note: @escaping @Sendable (Hold) throws(JournalDown) -> Void
    ) async throws(StoreFailure) -> Beginning {
        try working { state throws(StoreFailure) in
            let before = state.holds[id]
            guard let hold = try Self.change(&state, id, version: version, HoldChange(to: .sending(decision))) else {
                return .outdated
            }
            do throws(JournalDown) {
                try note(hold)
            } catch {
                state.holds[id] = before
                return .unrecorded(error)
            }
            if let failure = state.failure, state.failing == "commit of begin" {
                state.holds[id] = before
                throw failure
            }
            return .begun(hold)
        }
    }

    package func complete(
        _ id: HoldID, version: Int, answer: Answer, content: Content?
    ) async throws(StoreFailure) -> Hold? {
        try working { state throws(StoreFailure) in
            guard let done = try Self.change(&state, id, version: version, HoldChange(to: .done(answer))) else {
                return nil
            }
            state.answers[id] = content
            return done
        }
    }

    package func delivered(_ id: HoldID, version: Int) async throws(StoreFailure) -> Hold? {
        try working { state throws(StoreFailure) in
            guard let hold = state.holds[id], case .done(let kept) = hold.state else { return nil }
            let answer = Answer(status: kept.status, delivery: .delivered, decision: kept.decision)
            guard let done = try Self.change(&state, id, version: version, HoldChange(to: .done(answer))) else {
                return nil
            }
            state.answers[id] = nil
            return done
        }
    }

    package func hold(_ id: HoldID) async throws(StoreFailure) -> Hold? {
        try working { state throws(StoreFailure) in state.holds[id] }
    }

    package func holds(_ query: HoldQuery) async throws(StoreFailure) -> [Hold] {
        try working { state throws(StoreFailure) in
            let found = state.order.reversed().compactMap { state.holds[$0] }.filter { hold in
                (query.states.isEmpty || query.states.contains(hold.state.name))
                    && (query.session == nil || query.session == hold.session)
                    && (query.prefix.map { hold.id.description.hasPrefix($0) } ?? true)
            }
            let sorted = found.filter { $0.state.isUndecided } + found.filter { !$0.state.isUndecided }
            return Array(sorted.prefix(query.limit))
        }
    }

    package func request(of id: HoldID) async throws(StoreFailure) -> Content? {
        try working { state throws(StoreFailure) in state.requests[id] }
    }

    package func answer(of id: HoldID) async throws(StoreFailure) -> Content? {
        try working { state throws(StoreFailure) in state.answers[id] }
    }

    package func edited(of id: HoldID) async throws(StoreFailure) -> Content? {
        try working { state throws(StoreFailure) in state.edited[id] }
    }

    package func before(of id: HoldID) async throws(StoreFailure) -> Content? {
        try working { state throws(StoreFailure) in state.befores[id] }
    }

    package func needingAttention(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold] {
        try working { state throws(StoreFailure) in
            let due = state.holds.values.compactMap { hold -> (time: Timestamp, hold: Hold)? in
                guard let time = hold.attention, time <= now else { return nil }
                return (time, hold)
            }
            return due.sorted { $0.time < $1.time }.prefix(limit).map(\.hold)
        }
    }

    package func due(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold] {
        try working { state throws(StoreFailure) in
            let due = state.holds.values.filter { $0.state.canExpire && $0.expires <= now }
            return Array(due.sorted { $0.expires < $1.expires }.prefix(limit))
        }
    }

    package func kill(_ scope: Scope, cause: String, limit: Int) async throws(StoreFailure) -> [Hold] {
        try working("kill") { state throws(StoreFailure) in
            var killed: [Hold] = []
            for hold in state.order.compactMap({ state.holds[$0] }) where scope.contains(hold.session) {
                guard killed.count < limit, ["pending", "stale", "approved"].contains(hold.state.name),
                    let changed = try Self.change(
                        &state, hold.id, version: hold.version, HoldChange(to: .killed(cause: cause)))
                else { continue }
                killed.append(changed)
            }
            return killed
        }
    }

    package func stops() async throws(StoreFailure) -> [Stop] {
        try working { state throws(StoreFailure) in state.stops }
    }

    package func keep(_ current: @escaping @Sendable () -> [Stop]) async throws(StoreFailure) {
        try working { state throws(StoreFailure) in state.stops = current() }
    }

    package func recover(cause: String) async throws(StoreFailure) -> [Hold] {
        try working { state throws(StoreFailure) in
            var recovered: [Hold] = []
            for hold in state.order.compactMap({ state.holds[$0] }) {
                guard case .sending = hold.state,
                    let changed = try Self.change(
                        &state, hold.id, version: hold.version, HoldChange(to: .uncertain(cause: cause)))
                else { continue }
                recovered.append(changed)
            }
            return recovered
        }
    }

    private func working<R: Sendable>(
        _ operation: String = "", _ body: (inout State) throws(StoreFailure) -> R
    ) throws(StoreFailure) -> R {
        let result = state.withLock { state -> Result<R, StoreFailure> in
            if let failure = state.failure, state.failing ?? operation == operation { return .failure(failure) }
            do throws(StoreFailure) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func change(
        _ state: inout State, _ id: HoldID, version: Int, _ change: HoldChange
    ) throws(StoreFailure) -> Hold? {
        guard let known = state.holds[id], known.version == version else { return nil }
        let hold = try change.applied(to: known)
        state.holds[id] = hold
        return hold
    }
}
