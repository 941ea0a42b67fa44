import Calls
import Synchronization

/// Who waits for which hold, in the order they came, and who waits for a freeze to end.
final class WaitingRoom: Sendable {
    private struct State {
        var waiters: [HoldID: [Waiter]] = [:]
        var frozen: [ObjectIdentifier: Waiter] = [:]
        var count = 0
        var isReleased = false

        var all: [Waiter] { waiters.values.flatMap { $0 } + frozen.values }

        /// A place for one more; nil where `limit` connections wait already.
        mutating func newWaiter(limit: Int) -> Waiter? {
            guard count < limit else { return nil }
            count += 1
            let waiter = Waiter()
            if isReleased { waiter.wake(.timedOut) }
            return waiter
        }
    }

    private let state = Mutex(State())

    /// A place for one more; nil where `limit` connections wait already.
    func enter(_ id: HoldID, limit: Int) -> Waiter? {
        state.withLock { state in
            guard let waiter = state.newWaiter(limit: limit) else { return nil }
            state.waiters[id, default: []].append(waiter)
            return waiter
        }
    }

    func leave(_ id: HoldID, _ waiter: Waiter) {
        state.withLock { state in
            guard var list = state.waiters[id], let index = list.firstIndex(where: { $0 === waiter }) else { return }
            list.remove(at: index)
            state.waiters[id] = list.isEmpty ? nil : list
            state.count -= 1
        }
    }

    /// A place for a call that has no hold, until what is stopped changes.
    func enterFrozen(limit: Int) -> Waiter? {
        state.withLock { state in
            guard let waiter = state.newWaiter(limit: limit) else { return nil }
            state.frozen[ObjectIdentifier(waiter)] = waiter
            return waiter
        }
    }

    func leaveFrozen(_ waiter: Waiter) {
        state.withLock { state in
            if state.frozen.removeValue(forKey: ObjectIdentifier(waiter)) != nil { state.count -= 1 }
        }
    }

    func isEmpty(_ id: HoldID) -> Bool { state.withLock { $0.waiters[id] == nil } }

    var count: Int { state.withLock { $0.count } }

    /// Ends every wait as if the clients' patience were over, now and from now on, for a gate that stops.
    func release() {
        let all = state.withLock { state in
            state.isReleased = true
            return state.all
        }
        for waiter in all { waiter.wake(.timedOut) }
    }

    /// Has everybody look again how his session stands; whom it does not concern goes on waiting.
    func stopsChanged() {
        for waiter in state.withLock({ $0.all }) { waiter.wake(.stopsChanged) }
    }

    /// Tells those who wait. An approval is for one of them: the first that is still there. Everything else is for all.
    func tell(_ hold: Hold, _ content: Content? = nil) {
        let list = state.withLock { $0.waiters[hold.id] ?? [] }
        switch hold.state {
        case .approved:
            for waiter in list where waiter.wake(.changed(hold, nil)) { return }
        // A question is told at once: the agent answers it, and waits again.
        case .pending where hold.deliberation.isAsking, .stale where hold.deliberation.isAsking:
            for waiter in list { waiter.wake(.changed(hold, nil)) }
        case .pending, .sending, .stale:
            return
        case .rejected, .expired, .killed, .withdrawn, .done, .uncertain, .resolved:
            for waiter in list { waiter.wake(.changed(hold, content)) }
        }
    }
}
