import Synchronization

/// One connection that waits for its hold; woken once, by whatever comes first.
package final class Waiter: Sendable {
    package enum Turn: Sendable {
        /// The hold went on; the kept answer is beside it where there is one.
        case changed(Hold, Content?)
        /// Something was stopped or resumed: look again.
        case stopsChanged
        /// The client's patience is over.
        case timedOut
        /// The client hung up.
        case gone
    }

    private enum State {
        /// Nobody asks yet and nothing happened. Next: waiting, woken.
        case idle
        /// A task is parked. Next: woken.
        case waiting(CheckedContinuation<Turn, Never>)
        /// It happened; kept for a task that asks later. Last.
        case woken(Turn)
    }

    private let state = Mutex(State.idle)

    init() {}

    /// Wakes it; false where something else was first.
    @discardableResult
    package func wake(_ turn: Turn) -> Bool {
        let (first, parked) = state.withLock { state -> (Bool, CheckedContinuation<Turn, Never>?) in
            switch state {
            case .idle:
                state = .woken(turn)
                return (true, nil)
            case .waiting(let continuation):
                state = .woken(turn)
                return (true, continuation)
            case .woken:
                return (false, nil)
            }
        }
        parked?.resume(returning: turn)
        return first
    }

    /// Suspends until it is woken.
    package func turn() async -> Turn {
        await withCheckedContinuation { continuation in
            let early = state.withLock { state -> Turn? in
                switch state {
                case .idle:
                    state = .waiting(continuation)
                    return nil
                case .waiting, .woken(.gone):
                    return .gone
                case .woken(let turn):
                    return turn
                }
            }
            if let early { continuation.resume(returning: early) }
        }
    }
}
