import Calls
import Holds
import JSON
import Rules
import Synchronization

/// What rules may ask of a session (`agent.autonomy`, `session.calls`, `session.holds`, `session.failures`, `session.flags`), beside the session because its
/// context lives on in calls.
///
/// What an agent calls its runs is not among it: a rule that asks for `agent.labels` would believe it.
final class SessionFacts: Sendable {
    private let calls = Atomic<Int64>(0)
    private let failures = Atomic<Int64>(0)
    private let holds = Atomic<Int64>(SessionFacts.uncounted)

    private let declared: Mutex<Autonomy?>
    private let flags = Mutex<[SessionFlag]>([])

    init(autonomy: Autonomy?) { declared = Mutex(autonomy) }

    /// As the person said who runs the agent.
    var autonomy: Autonomy? { declared.withLock { $0 } }

    func declare(_ autonomy: Autonomy?) { declared.withLock { $0 = autonomy } }

    private static let uncounted: Int64 = -1

    /// A call is about to be judged: those at the same time count too, so that an agent gains nothing by making many at
    /// once.
    func noteBegun() { calls.add(1, ordering: .relaxed) }

    /// A call was refused, answered with an error (400 and above), or broke off.
    func noteFailed() { failures.add(1, ordering: .relaxed) }

    /// How many of its holds wait for a decision; nil where nobody could count them.
    func noteHolds(_ count: Int?) { holds.store(count.map(Int64.init) ?? SessionFacts.uncounted, ordering: .relaxed) }

    /// Somebody should look at the agent; each reason is told once, so that there are never more than there are reasons.
    func note(_ flag: SessionFlag) {
        flags.withLock { if !$0.contains(flag) { $0.append(flag) } }
    }

    var known: Context.Known {
        var known = Context.Known()
        known.calls = calls.load(ordering: .relaxed)
        known.failures = failures.load(ordering: .relaxed)
        known.autonomy = autonomy.map { Text($0.rawValue) }
        known.flags = flags.withLock { $0.map { Text($0.rawValue) } }
        let holds = holds.load(ordering: .relaxed)
        known.holds = holds == SessionFacts.uncounted ? nil : holds
        return known
    }
}
