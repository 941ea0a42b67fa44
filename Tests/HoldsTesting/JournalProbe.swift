package import Holds
import Synchronization

/// What a gate has written down, in a word for each event; it fails when it is told to.
package final class JournalProbe: Sendable {
    private struct State {
        var lines: [String] = []
        var durable: [String] = []
        var failure: String?
        var failing: String?
    }

    private let state = Mutex(State())

    package init() {}

    /// `opened`, `created`, `decided`, `sending`, and the name of the state for a change.
    package var lines: [String] { state.withLock { $0.lines } }

    /// The lines that were asked to be on disk.
    package var durable: [String] { state.withLock { $0.durable } }

    /// Refuses every event, or only those of one word; nil writes again.
    package func fail(_ reason: String?, only word: String? = nil) {
        state.withLock {
            $0.failure = reason
            $0.failing = word
        }
    }

    package func write(_ event: GateEvent, _ durably: Bool) throws(JournalDown) {
        let word = Self.word(event)
        let failure = state.withLock { state -> String? in
            if let failure = state.failure, state.failing == nil || state.failing == word { return failure }
            state.lines.append(word)
            if durably { state.durable.append(word) }
            return nil
        }
        if let failure { throw JournalDown(reason: failure) }
    }

    private static func word(_ event: GateEvent) -> String {
        switch event {
        case .opened: "opened"
        case .created: "created"
        case .decided: "decided"
        case .sending: "sending"
        case .changed(let hold): hold.state.name
        }
    }
}
