package import Holds
import Synchronization

/// What a gate has written down, in a word for each event; it fails when it is told to.
package final class JournalProbe: Sendable {
    private struct State {
        var lines: [String] = []
        var durable: [String] = []
        /// Added since the last flush.
        var fresh: [String] = []
        var late: JournalDown?
        var failure: String?
        var failing: String?
        var linesStand = false
        var onWrite: (@Sendable (String) -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    /// `opened`, `created`, `decided`, `sending`, and the name of the state for a change.
    package var lines: [String] { state.withLock { $0.lines } }

    /// The lines that were asked to be on disk.
    package var durable: [String] { state.withLock { $0.durable } }

    /// Refuses every event, or only those of one word; nil writes again. With `linesStand` it is too late when it fails.
    package func fail(_ reason: String?, only word: String? = nil, linesStand: Bool = false) {
        state.withLock {
            $0.failure = reason
            $0.failing = word
            $0.linesStand = linesStand
        }
    }

    /// Called with the word of each event, before it is written.
    package func onWrite(_ action: (@Sendable (String) -> Void)?) { state.withLock { $0.onWrite = action } }

    package func append(_ event: GateEvent) throws(JournalDown) {
        let word = Self.word(event)
        state.withLock { $0.onWrite }?(word)
        let failure = state.withLock { state -> JournalDown? in
            let isFailing = state.failing == nil || state.failing == word
            let failure = isFailing ? state.failure.map { JournalDown(reason: $0) } : nil
            if failure != nil, !state.linesStand { return failure }
            state.lines.append(word)
            state.fresh.append(word)
            state.late = failure
            return nil
        }
        if let failure { throw failure }
    }

    package func flush(_ durably: Bool) throws(JournalDown) {
        let failure = state.withLock { state -> JournalDown? in
            defer { (state.fresh, state.late) = ([], nil) }
            if state.late == nil, durably { state.durable += state.fresh }
            return state.late
        }
        if let failure { throw failure }
    }

    private static func word(_ event: GateEvent) -> String {
        switch event {
        case .opened: "opened"
        case .created: "created"
        case .decided: "decided"
        case .acted(_, let act): act.name
        case .sending: "sending"
        case .changed(let hold): hold.state.name
        case .flagged(_, let flag, let count): "flagged \(flag.rawValue) \(count)"
        case .stopped(let stop): stop.kind.participle
        case .resumed: "resumed"
        }
    }
}
