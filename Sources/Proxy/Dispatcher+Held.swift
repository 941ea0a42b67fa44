import Calls
import Client
import Holds
import JSON
import System
import Wire

/// What a held call's connection gets: the answer, or why not yet.
extension Dispatcher {
    /// Waits for the decision as long as the client lasts; then sends, hands over the kept answer, or says what is.
    func deliver(_ held: HeldCall, to exchange: Exchange) async throws(CallFailure) -> Outcome {
        let deadline = patience(of: exchange)
        if held.isNew {
            exchange.leaveBodyToHold()
            observe(held)
        }
        exchange.letGoOfHead()
        var hold = held.hold
        while true {
            let epoch = services.gate.killSwitch.epoch
            try heedKill(hold)
            switch hold.state {
            case .approved where services.gate.standing(of: hold.session) == .running:
                guard services.now() < hold.expires else { throw .expired(hold) }
                if let current = try await seen(held.now(hold)), let permit = try await begin(current) {
                    return try await send(permit, answering: exchange)
                }
                hold = try await reread(hold)
            case .pending where hold.deliberation.isAsking, .stale where hold.deliberation.isAsking: throw parked(hold)
            case .pending, .approved, .sending, .stale:
                switch try await next(hold, exchange, deadline, since: epoch) {
                case .changed(let changed, let content?):
                    return try await replay(content, of: changed, to: exchange, with: held.call)
                case .changed(let changed, nil): hold = changed
                case .stopsChanged: continue
                case .timedOut:
                    let now = try await reread(hold)
                    guard now.state.name == hold.state.name else { hold = now; continue }
                    throw parked(now)
                case .gone: throw await left(hold)
                }
            case .done:
                return try await collect(hold, for: exchange, with: held.call)
            case .rejected(let decision): throw .rejected(hold, decision)
            case .expired:
                // Its time is not over: it was closed because the line of its beginning could not be written.
                guard hold.expires <= services.now() else { throw .gate(.journalDown(reason: Dispatcher.unrecorded)) }
                throw .expired(hold)
            case .withdrawn: throw .withdrawn(hold)
            case .killed: throw killed(nil, hold)
            case .uncertain(let cause): throw .uncertain(hold, cause: cause)
            case .resolved(let resolution):
                if resolution.wasExecuted { await tell(hold) }
                throw resolution.wasExecuted ? .answerLost(hold) : .notExecuted(hold)
            }
        }
    }

    /// Sends an approved hold without the agent (`approve --now`, and what a restart finds approved so).
    func sendDetached(_ hold: Hold) async {
        // An agent that waits was woken by the same decision and comes first; should it have hung up at that very
        // moment, nobody else would send.
        for _ in 0..<Dispatcher.detachedTries where services.gate.isAwaited(hold.id) {
            await loop.sleep(milliseconds: Dispatcher.detachedPause)
        }
        let record = services.newRecord(for: hold.session)
        record.hold = hold.id
        do throws(CallFailure) {
            let hold = try await reread(hold)
            guard case .approved = hold.state, !hold.facts.isReview else { return }
            let call = try await kept(hold)
            let session = services.sessions.known(hold.session)
            if let session, services.rules.readsHolds { await services.countHolds(of: session) }
            let verdict = services.judge(call, of: session)
            record.note(call, verdict)
            guard !Credential.read(call.fields, query: call.target.query).isStale(at: services.now()) else {
                return services.log(
                    "hold \(hold.id) is not sent without its agent: its credential is no longer fresh. The approval "
                        + "waits for the agent's next identical call")
            }
            try await open(record)
            let held = HeldCall(hold: hold, call: call, verdict: verdict, isNew: false)
            guard let current = try await seen(held), let permit = try await begin(current) else {
                record.outcome = .parked(status: 0)
                return services.journal.close(record)
            }
            record.outcome = try await send(permit, answering: nil)
        } catch {
            record.outcome = Refusal(error).outcome
        }
        services.journal.close(record)
    }

    private static let unrecorded = "the hold could not be recorded and was closed"

    /// How often, and for how many milliseconds each time, a waiting agent is let go first.
    private static let detachedTries = 20
    private static let detachedPause: Int64 = 100

    private func open(_ record: Record) async throws(CallFailure) {
        do throws(JournalDown) {
            try services.journal.append(.opened(record))
            record.isOpened = true
            try await services.journal.flush(durably: false)
        } catch {
            throw .gate(.journalDown(reason: error.reason))
        }
    }

    private func kept(_ hold: Hold) async throws(CallFailure) -> Call {
        do throws(DecisionFailure) {
            return try await services.gate.request(of: hold)
        } catch {
            throw .gate(.storeDown(reason: "the stored call of \(hold.id) cannot be read: \(error)"))
        }
    }

    @inline(never)
    private func next(
        _ hold: Hold, _ exchange: Exchange, _ deadline: Int64, since epoch: KillSwitch.Epoch
    ) async throws(CallFailure) -> Waiter.Turn {
        let waiter: Waiter
        do throws(GateFailure) {
            let place = try await services.gate.wait(for: hold.id)
            // It may have gone on between the look and the place in the waiting room.
            if place.hold.version != hold.version || services.gate.killSwitch.epoch != epoch {
                services.gate.leave(hold.id, place.waiter)
                return .changed(place.hold, nil)
            }
            waiter = place.waiter
        } catch {
            // Without a place to wait in, the agent is told at once how it stands.
            if case .full = error { return .timedOut }
            throw unreadable(hold, error)
        }
        defer { services.gate.leave(hold.id, waiter) }
        return await exchange.wait(waiter, until: deadline)
    }

    @inline(never)
    private func begin(_ held: HeldCall) async throws(CallFailure) -> Permit? {
        do throws(GateFailure) {
            return try await services.gate.begin(held)
        } catch {
            throw .gate(error)
        }
    }

    @inline(never)
    private func reread(_ hold: Hold) async throws(CallFailure) -> Hold {
        do throws(DecisionFailure) {
            return try await services.gate.hold(hold.id)
        } catch {
            throw .unreadable(hold, reason: "\(error)")
        }
    }

    /// The kept answer, for the first that comes.
    @inline(never)
    private func collect(_ hold: Hold, for exchange: Exchange, with call: Call) async throws(CallFailure) -> Outcome {
        let content = try await reading(hold) { () throws(GateFailure) in
            try await services.gate.keptAnswer(of: hold)
        }
        guard let content else { throw .answerLost(hold) }
        return try await replay(content, of: hold, to: exchange, with: call)
    }

    @inline(never)
    private func replay(
        _ content: Content, of hold: Hold, to exchange: Exchange, with call: Call
    ) async throws(CallFailure) -> Outcome {
        guard let (head, bytes) = KeptAnswer.decode(content.bytes, to: call.method) else {
            throw .answerLost(hold)
        }
        var fields = ResponseFields.forwarded(head, to: call.method)
        fields.set("Tiergate-Attached", hold.id.description)
        EditNotice.add(hold, to: &fields)
        exchange.begin(status: head.status, reason: head.reason, fields: fields, framing: head.framing)
        exchange.add(bytes)
        exchange.end()
        let isThere = !exchange.hasHungUp
        guard await exchange.flush(), isThere else {
            return .undelivered(status: head.status, received: UInt64(bytes.count))
        }
        if case .done(let answer) = hold.state, answer.delivery == .kept {
            do throws(GateFailure) {
                try await services.gate.delivered(hold)
            } catch {
                services.log("hold \(hold.id) was handed over, and that could not be written: \(error)")
            }
        }
        return .collected(status: head.status)
    }

    /// Where that cannot be written the agent is told once more than once, and still the truth.
    @inline(never)
    private func tell(_ hold: Hold) async {
        do throws(GateFailure) {
            _ = try await services.gate.told(hold)
        } catch {
            services.log("the end of hold \(hold.id) was told, and that could not be written: \(error)")
        }
    }

    private func reading<T>(_ hold: Hold, _ body: () async throws(GateFailure) -> T) async throws(CallFailure) -> T {
        do throws(GateFailure) { return try await body() } catch { throw unreadable(hold, error) }
    }

    /// Once there is a hold nobody may say `NOT EXECUTED` because the store is down: others may have sent the call.
    private func unreadable(_ hold: Hold, _ failure: GateFailure) -> CallFailure {
        switch failure {
        case .storeDown(let reason): .unreadable(hold, reason: reason)
        case .blocked, .killed, .frozen, .full, .idempotencyConflict, .notReadWhole, .journalDown: .gate(failure)
        }
    }
}
