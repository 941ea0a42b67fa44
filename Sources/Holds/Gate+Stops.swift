package import Calls
import Synchronization

/// The kill switch: what is stopped counts in memory at once; then the store is told, so that it is so after a restart.
extension Gate {
    package func standing(of session: SessionID) -> Standing { killSwitch.standing(of: session) }

    /// Everything that is stopped, the widest scope first.
    package var stops: [Stop] { killSwitch.stops }

    /// Whether a restart would find all of them.
    package var stopsAreSaved: Bool { unsaved.withLock { !$0.isUnsaved } }

    /// Stops a scope. When this returns it is also durable, or the report says why not; it is tried again every second.
    ///
    /// Nothing that fails takes it back: a store or a journal that is down is no reason to let calls pass.
    package func stop(_ scope: Scope, _ kind: Stop.Kind, by cause: Stop.Cause) async -> StopReport {
        let asked = Stop(scope, kind, by: cause, at: world.now())
        let stop = killSwitch.add(asked)
        // From here on nothing leaves.
        room.stopsChanged()
        if stop.kind == .kill { world.closeConnections(scope) }
        unsaved.withLock { unsaved in
            unsaved.isUnsaved = true
            if stop.kind == .kill { unsaved.unswept.insert(scope) }
        }
        var report = StopReport(stop: stop)
        do throws(GateFailure) {
            try await save()
        } catch {
            report.failures.append(error)
        }
        do throws(GateFailure) {
            if stop == asked { try await note(.stopped(stop), durably: true) }
        } catch {
            report.failures.append(error)
        }
        do throws(GateFailure) {
            if stop.kind == .kill {
                report.killed = try await sweep(stop)
                report.isComplete = unsaved.withLock { !$0.unswept.contains(scope) }
                report.sending = try await stored(await store.holds(HoldQuery(states: ["sending"], limit: 1000)))
                    .filter { scope.contains($0.session) }.map(\.id)
            }
        } catch {
            report.failures.append(error)
        }
        return report
    }

    /// Lifts the stop of this very scope: others whose scope contains it, or lies in it, stay. The journal's line is on
    /// disk before.
    package func resume(_ scope: Scope, by decision: Decision) async throws(ResumeFailure) -> Resumption {
        guard let stop = killSwitch.stop(of: scope) else { throw .notStopped(by: stops) }
        do throws(JournalDown) {
            try world.append(.resumed(stop, decision))
            try await world.flush(true)
        } catch {
            throw .journal(reason: error.reason)
        }
        guard killSwitch.lift(stop) else { throw .stoppedAgain(killSwitch.stop(of: scope)) }
        unsaved.withLock { unsaved in
            unsaved.isUnsaved = true
            unsaved.unswept.remove(scope)
        }
        room.stopsChanged()
        var resumption = Resumption(lifted: stop, remaining: stops)
        do throws(GateFailure) {
            try await save()
            resumption.immediate = try await immediate().filter { hold in
                scope.contains(hold.session) && standing(of: hold.session) == .running
            }
        } catch {
            resumption.failure = error
        }
        return resumption
    }

    /// A place to wait in until what is stopped changes, for a call that a freeze keeps back; nil where all are taken.
    package func waitForThaw() -> Waiter? { room.enterFrozen(limit: settings.maxWaiting) }

    package func leaveThaw(_ waiter: Waiter) { room.leaveFrozen(waiter) }

    // MARK: The store

    /// After a start, before the first call.
    func loadStops() async throws(GateFailure) {
        for stop in try await stored(await store.stops()) {
            _ = killSwitch.add(stop)
            // The last process may have ended in the middle of it.
            guard stop.kind == .kill else { continue }
            unsaved.withLock { _ = $0.unswept.insert(stop.scope) }
            _ = try await sweep(stop)
        }
    }

    /// What the store could not take when it was asked to.
    func settleStops() async throws(GateFailure) {
        let (isUnsaved, unswept) = unsaved.withLock { ($0.isUnsaved, $0.unswept) }
        if isUnsaved { try await save() }
        for scope in unswept {
            if let stop = killSwitch.stop(of: scope), stop.kind == .kill { _ = try await sweep(stop) }
        }
    }

    private func save() async throws(GateFailure) {
        unsaved.withLock { $0.isUnsaved = false }
        do throws(GateFailure) {
            try await stored(await store.keep { [killSwitch] in killSwitch.stops })
        } catch {
            unsaved.withLock { $0.isUnsaved = true }
            throw error
        }
    }

    /// Ends what waits in a scope that was killed, as much as goes in a turn; how many there were.
    private func sweep(_ stop: Stop) async throws(GateFailure) -> Int {
        var count = 0
        while killSwitch.stop(of: stop.scope)?.kind == .kill {
            let killed = try await stored(
                await store.kill(stop.scope, cause: stop.description, limit: settings.killedAtOnce))
            for hold in killed { await told(hold, isLast: hold.id == killed.last?.id) }
            count += killed.count
            if killed.count < settings.killedAtOnce { break }
            guard count < settings.killedPerTurn else { return count }
        }
        unsaved.withLock { _ = $0.unswept.remove(stop.scope) }
        return count
    }

    /// A hold that was made after the others had been taken out.
    func kill(_ hold: Hold, _ stop: Stop) async {
        let state = HoldState.killed(cause: stop.description)
        let changed = try? await store.change(hold.id, version: hold.version, HoldChange(to: state))
        if let changed {
            await told(changed, isLast: true)
        } else {
            unsaved.withLock { _ = $0.unswept.insert(stop.scope) }
        }
    }

    /// The journal keeps lines of facts in memory while it cannot be written: that ends no kill.
    private func told(_ hold: Hold, isLast: Bool) async {
        room.tell(hold)
        try? await note(.changed(hold), durably: isLast)
    }
}

/// What of the kill switch the store does not have yet.
struct UnsavedStops: Sendable {
    var isUnsaved = false
    /// Killed scopes whose holds may still wait in the store.
    var unswept: Set<Scope> = []
}

/// What came of stopping a scope. It is stopped, whatever failed.
package struct StopReport: Sendable {
    /// The one in force in that scope: an earlier kill outweighs a freeze.
    package let stop: Stop
    /// Holds that were ended.
    package var killed = 0
    /// False where there are more of them: none is sent, and the others are ended in the next seconds.
    package var isComplete = true
    /// Holds that were being sent: what of them had left is on its way, and how it ends is recorded.
    package var sending: [HoldID] = []
    /// What could not be written, and is tried again every second.
    package var failures: [GateFailure] = []
}

/// What came of lifting a stop.
package struct Resumption: Sendable {
    package let lifted: Stop
    /// All that is still stopped, whatever its scope.
    package let remaining: [Stop]
    /// Approvals that were to be sent without the agent, and can be now.
    package var immediate: [Hold] = []
    /// It is lifted, and a restart might not know that yet.
    package var failure: GateFailure?
}

/// Why a stop was not lifted.
package enum ResumeFailure: Error, Sendable {
    /// This very scope is not stopped; these are.
    case notStopped(by: [Stop])
    /// Somebody stopped it meanwhile.
    case stoppedAgain(Stop?)
    /// Nothing is resumed that nobody could read about.
    case journal(reason: String)
}
