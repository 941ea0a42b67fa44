package import Audit
import Calls
package import Holds
import System

/// The journal as the call path uses it: lines of one turn of a loop go out in one write, before the sends of that turn.
package final class CallJournal: Sendable {
    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    /// Called once per loop before it runs.
    func attach(to loop: EventLoop) {
        // A failure is not lost: whoever relies on a line flushes himself, and is told.
        loop.atTurnEnd { [journal] in try? journal.flush() }
    }

    /// Adds what the gate says, after everything that was added before.
    package func append(_ event: GateEvent) throws(JournalDown) {
        do throws(JournalFailure) {
            try journal.append(CallJournal.entry(event))
        } catch {
            throw JournalDown(reason: error.description)
        }
        // Somebody is about to wait for the disk: it may as well begin.
        if case .sending = event { journal.hasten() }
    }

    /// Writes what was added; with `durably` it is on disk when this returns.
    package func flush(durably: Bool) async throws(JournalDown) {
        do throws(JournalFailure) {
            if durably {
                try await journal.sync()
            } else {
                await EventLoop.current?.turnEnd()
                try journal.flush()
            }
        } catch {
            throw JournalDown(reason: error.description)
        }
    }

    /// The closing line; it reports a fact, so that a journal that is down keeps it for better times.
    func close(_ record: Record) { try? journal.close(record) }

    private static func entry(_ event: GateEvent) -> JournalEntry {
        switch event {
        case .opened(let record): .callOpened(record)
        case .created(let hold):
            .holdCreated(
                hold.id, call: hold.call, session: hold.session, digest: hold.digest, tier: hold.facts.tier,
                expires: hold.expires)
        case .decided(let hold, let decision): decided(hold, decision)
        case .acted(let hold, let act): acted(hold, act)
        case .sending(let hold, let call, let decision):
            .callSending(hold.id, call: call, digest: hold.digest, by: name(decision))
        case .changed(let hold): changed(hold)
        case .stopped(let stop): .scopeStopped(stop.scope, stop.kind.halt, cause: stop.cause.description)
        case .resumed(let stop, let decision):
            .scopeResumed(stop.scope, stop.kind.halt, by: name(decision), reason: decision.reason)
        }
    }

    private static func name(_ person: Operator) -> String { "\(person.name) (uid \(person.uid))" }

    /// With the key where there is one: whoever reads the journal can ask its owner.
    private static func name(_ decision: Decision) -> String {
        let account = name(decision.by)
        return decision.signature.map { "\(account), signed by \($0.signer) with \($0.key)" } ?? account
    }

    private static func decided(_ hold: Hold, _ decision: Decision) -> JournalEntry {
        let by = name(decision)
        func ruling(_ ruling: JournalEntry.Ruling) -> JournalEntry {
            .holdDecided(hold.id, ruling, by: by, digest: hold.digest, reason: decision.reason)
        }
        switch hold.state {
        case .resolved(let resolution):
            return .holdResolved(hold.id, wasExecuted: resolution.wasExecuted, by: by, reason: decision.reason)
        case .rejected: return ruling(.reject)
        case .pending: return ruling(.reopen)
        case .approved, .sending, .done, .uncertain, .expired, .killed, .withdrawn, .stale: return ruling(.approve)
        }
    }

    private static func acted(_ hold: Hold, _ act: Act) -> JournalEntry {
        let (by, text): (String?, String?) =
            switch act {
            case .voted(let vote): (name(vote.decision), vote.decision.reason)
            case .claimed(let claim): (name(claim.by), nil)
            case .handedOver(let person, let other): (name(person), other.map { "to \(name($0))" })
            case .extended(let person, let until, let reason):
                (name(person), ["until \(until)", reason].compactMap(\.self).joined(separator: ": "))
            case .asked(let question): (name(question.by), question.text)
            case .answered(let text): (nil, text)
            case .edited(let edit):
                (name(edit.by), "\(edit.before) became \(edit.after): \(edit.changes.joined(separator: "; "))")
            case .warned(let percent): (nil, "\(percent) % of its time is over")
            case .escalated(let group): (nil, "told \(group)")
            case .unheard(let silence): (nil, silence.rawValue)
            }
        return .holdActed(hold.id, act.name, by: by, digest: hold.digest, text: text)
    }

    private static func changed(_ hold: Hold) -> JournalEntry {
        switch hold.state {
        case .expired: .holdExpired(hold.id)
        case .withdrawn: .holdWithdrawn(hold.id)
        case .killed(let cause): .holdKilled(hold.id, cause: cause)
        case .stale(let cause): .holdStale(hold.id, cause: cause)
        case .uncertain(let cause): .holdUncertain(hold.id, cause: cause)
        case .done(let answer): .holdDone(hold.id, status: answer.status)
        case .pending, .approved, .rejected, .sending, .resolved: .holdUnsent(hold.id, cause: "nothing had left")
        }
    }
}

extension Stop.Kind {
    fileprivate var halt: JournalEntry.Halt {
        switch self {
        case .freeze: .frozen
        case .kill: .killed
        }
    }
}
