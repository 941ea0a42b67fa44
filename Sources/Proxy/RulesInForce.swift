import Calls
package import Rules
import Synchronization

/// The rule set that judges now; replaced whole or not at all.
package final class RulesInForce: Sendable {
    private let ruleSet: Mutex<RuleSet>

    package init(_ set: RuleSet) { ruleSet = Mutex(set) }

    package var current: RuleSet { ruleSet.withLock { $0 } }

    package func replace(with next: RuleSet) { ruleSet.withLock { $0 = next } }

    package var digest: String { current.digest }

    /// Whether the session's holds must be counted before a call is judged.
    var readsHolds: Bool { current.readsHolds }

    func judge(_ call: Call, at now: Timestamp, in context: Context) -> Verdict {
        current.judge(call, at: now, in: context)
    }

    /// Whether a body that is too large to look into may go on unread: nothing could hold the call, and no rule asks.
    func canStream(_ call: Call, at now: Timestamp) -> Bool {
        // What its endpoint needs read, and the stream cannot show, is held.
        var mayHoldOperations = false
        for case .unreadable(_, let floor) in call.operations {
            guard floor <= .reversible else { return false }
            mayHoldOperations = true
        }
        let outlook = current.outlook(
            method: call.method, target: call.target, fields: call.fields, mayHoldOperations: mayHoldOperations,
            at: now)
        return outlook.highest <= .reversible && !outlook.needsBody
    }
}
