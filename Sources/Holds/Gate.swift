package import Calls
import JSON
import Synchronization

/// Decides whether a judged call may be sent: at once, after a person said so, or never.
///
/// The only maker of permits. Holds live in the store; here are the rules by which they change, and the connections that
/// wait for them. `Gate+Decisions.swift` is what people may do, `Gate+Agent.swift` what the agent may, `Gate+Sending.swift` what becomes of a permit, and
/// `Gate+Stops.swift` the kill switch.
package final class Gate: Sendable {
    let store: any HoldStore
    let settings: HoldSettings
    let world: GateWorld
    let room = WaitingRoom()
    package let killSwitch = KillSwitch()
    let unsaved = Mutex(UnsavedStops())
    /// Holds whose permits are out.
    let underWay = Mutex<Set<HoldID>>([])
    /// What became of calls while the store could not be written.
    let unsettled = Mutex<[HoldID: (Hold, Ending)]>([:])
    let times = DecisionTimes()
    let rounds = Rounds()

    package init(store: any HoldStore, settings: HoldSettings, world: GateWorld) {
        self.store = store
        self.settings = settings
        self.world = world
    }

    /// Writes the opening line, then lets the call pass or makes it wait.
    package func admit(_ call: Call, _ verdict: Verdict, _ record: Record) async throws(GateFailure) -> Admission {
        let epoch = try heedStops(call, verdict)
        switch verdict.disposition {
        case .refuse:
            throw .blocked(reason: verdict.reason)
        case .pass:
            try await open(record)
            return .now(Permit(call, verdict, hold: nil, from: world.now(), epoch: epoch))
        case .hold:
            // Rules may have been replaced between the look that let it stream and the verdict.
            if case .streamed = call.body { throw .notReadWhole }
            try await open(record)
            let (hold, isNew) = try await enrol(call, verdict)
            record.hold = hold.id
            return .held(HeldCall(hold: hold, call: call.judged, verdict: verdict, isNew: isNew))
        }
    }

    func heedStops(_ call: Call, _ verdict: Verdict) throws(GateFailure) -> KillSwitch.Epoch {
        let (standing, epoch) = killSwitch.look(at: call.session)
        switch standing {
        case .killed(let stop): throw .killed(stop)
        case .frozen(let stop) where verdict.disposition == .pass && verdict.tier > .readOnly: throw .frozen(stop)
        case .frozen, .running: return epoch
        }
    }

    func open(_ record: Record) async throws(GateFailure) {
        do throws(JournalDown) {
            try world.append(.opened(record))
            // Whether or not it can be written just now: the closing line must not bring a second opening one.
            record.isOpened = true
            try await world.flush(false)
        } catch {
            throw .journalDown(reason: error.reason)
        }
    }

    func enrol(
        _ call: Call, _ verdict: Verdict, isReview: Bool = false
    ) async throws(GateFailure) -> (Hold, isNew: Bool) {
        let id = world.newHoldID()
        let sent = call.recognisable(by: verdict.terms.idempotency, id)
        let hold = newHold(id, call, sending: sent, verdict, isReview: isReview)
        let limits = EnrolmentLimits(
            pending: settings.maxPending, pendingPerSession: settings.maxPendingPerSession)
        switch try await stored(await store.enrol(hold, content: world.archive(sent), limits: limits)) {
        case .created(let hold):
            try await announce(hold)
            return (hold, true)
        case .joined(let hold):
            return (hold, false)
        case .conflict(let other):
            throw .idempotencyConflict(other.id)
        case .full(let limit, let value):
            throw .full(limit: limit, value: value)
        }
    }

    /// Writes down that there is a new hold.
    private func announce(_ hold: Hold) async throws(GateFailure) {
        do throws(GateFailure) {
            try await note(.created(hold), durably: true)
        } catch {
            await withdraw(hold)
            throw error
        }
        // It may have come into the queue after those that were killed had been taken out.
        if case .killed(let stop) = killSwitch.standing(of: hold.session) {
            await kill(hold, stop)
            throw .killed(stop)
        }
    }

    /// The agent is told that nothing is queued; nobody must find it in the queue.
    private func withdraw(_ hold: Hold) async {
        let closed = try? await stored(
            await store.change(hold.id, version: hold.version, HoldChange(to: .expired)))
        // The same call may have come again meanwhile, and wait.
        if let closed { room.tell(closed) }
    }

    /// - Parameter sent: the call with the key by which its upstream recognises it, which the agent's repeats lack.
    private func newHold(
        _ id: HoldID, _ call: Call, sending sent: Call, _ verdict: Verdict, isReview: Bool
    ) -> Hold {
        let now = world.now()
        return Hold(
            id: id, session: call.session, call: call.id, digest: digest(of: sent),
            repeatKey: world.hash(ActionBytes.repeatInput(call) { bodyDigest(of: call, without: $0) }),
            idempotency: ActionBytes.idempotencyInput(call).map(world.hash), created: now,
            facts: facts(of: call, verdict, isReview: isReview),
            expires: now + settings.life(tier: verdict.tier, flags: verdict.flags))
    }

    func facts(of call: Call, _ verdict: Verdict, isReview: Bool = false) -> Hold.Facts {
        Hold.Facts(
            call, verdict, settings.completed(verdict.terms, tier: verdict.tier, flags: verdict.flags),
            isReview: isReview)
    }

    // MARK: Waiting

    /// A place in the waiting room, and the hold as it is now: it may have changed before the place was taken.
    package func wait(for id: HoldID) async throws(GateFailure) -> (waiter: Waiter, hold: Hold) {
        guard let waiter = room.enter(id, limit: settings.maxWaiting) else {
            throw .full(limit: "hold.max_waiting", value: settings.maxWaiting)
        }
        do throws(GateFailure) {
            guard let hold = try await stored(await store.hold(id)) else {
                throw .storeDown(reason: "hold \(id) is not in the store any more")
            }
            return (waiter, hold)
        } catch {
            room.leave(id, waiter)
            throw error
        }
    }

    package func leave(_ id: HoldID, _ waiter: Waiter) { room.leave(id, waiter) }

    /// Ends every wait: the gate is stopping, and the holds go on after it.
    package func releaseWaiting() { room.release() }

    package var waitingCount: Int { room.count }

    package func isAwaited(_ id: HoldID) -> Bool { !room.isEmpty(id) }

    /// Whether a permit for it is out; those who wait for it may not have heard yet.
    package func isUnderWay(_ id: HoldID) -> Bool { underWay.withLock { $0.contains(id) } }

    // MARK: Digests

    func digest(of call: Call) -> Digest {
        world.hash(ActionBytes.digestInput(call, bodyDigest: bodyDigest(of: call, without: nil)))
    }

    private func bodyDigest(of call: Call, without boundary: [UInt8]?) -> Digest {
        switch call.body {
        case .none, .streamed: world.hash([])
        case .bytes(let bytes): world.hash(boundary.map { bytes.removing($0) } ?? bytes)
        case .spooled(_, _, let digest): digest
        }
    }

    // MARK: Failures of others, in this module's words

    func stored<T>(_ value: @autoclosure () async throws(StoreFailure) -> T) async throws(GateFailure) -> T {
        do throws(StoreFailure) {
            return try await value()
        } catch {
            throw GateFailure(error)
        }
    }

    func note(_ event: GateEvent, durably: Bool) async throws(GateFailure) {
        do throws(JournalDown) {
            try world.append(event)
            try await world.flush(durably)
        } catch {
            throw .journalDown(reason: error.reason)
        }
    }
}

/// What became of a call that was being sent.
enum Ending: Sendable {
    case state(HoldState)
    case completed(Answer, Content?)
}

/// How a call was admitted.
package enum Admission: ~Copyable {
    case now(Permit)
    case held(HeldCall)
}

/// A call that belongs to a hold, with the credentials it came with.
package struct HeldCall: Sendable {
    package let hold: Hold
    package let call: Call
    package let verdict: Verdict
    /// The call made the hold, and its body in the spool is the hold's.
    package let isNew: Bool
    /// Of what the call changes, as it was looked at right before: the upstream refuses where it is another by now.
    package let entityTag: String?

    package init(hold: Hold, call: Call, verdict: Verdict, isNew: Bool, entityTag: String? = nil) {
        self.hold = hold
        self.call = call
        self.verdict = verdict
        self.isNew = isNew
        self.entityTag = entityTag
    }

    /// The same with the hold as it is now.
    package func now(_ hold: Hold, entityTag: String? = nil) -> HeldCall {
        HeldCall(hold: hold, call: call, verdict: verdict, isNew: isNew, entityTag: entityTag)
    }
}

extension [UInt8] {
    package func removing(_ pattern: [UInt8]) -> [UInt8] {
        guard let first = pattern.first else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var index = 0
        while index < count {
            if self[index] == first, self[index...].starts(with: pattern) {
                index += pattern.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }
}
