import Calls
import JSON
import Synchronization

/// From an approval to a permit, and what becomes of it.
extension Gate {
    /// Spends an approval: when `sending` and the journal's line are on disk, side by side, there is a permit.
    ///
    /// Nil where somebody else was first, or the approval no longer fits and went back to a person.
    package func begin(_ held: HeldCall) async throws(GateFailure) -> Permit? {
        let hold = held.hold
        let (standing, epoch) = killSwitch.look(at: hold.session)
        switch standing {
        case .killed(let stop): throw .killed(stop)
        case .frozen(let stop): throw .frozen(stop)
        case .running: break
        }
        guard case .approved(let decision) = hold.state, !hold.facts.isReview, world.now() < hold.expires else {
            return nil
        }
        let call = try await approvedForm(of: held.call, hold)
        // What a person changed is judged as it is sent, not as the agent sends it.
        let verdict = hold.original == nil ? held.verdict : call.map(world.judge) ?? held.verdict
        guard let call else {
            let facts = hold.original == nil ? facts(of: held.call, verdict) : nil
            try await stale(hold, facts, "the call that came is not the one that was approved")
            return nil
        }
        guard !hold.facts.isOutdone(by: verdict) else {
            try await stale(
                hold, facts(of: call, verdict), "the rules judge this call more strictly now: \(verdict.reason)")
            return nil
        }
        guard let sending = try await take(hold, decision, call.id) else { return nil }
        do throws(JournalDown) {
            try await world.flush(true)
        } catch {
            // Nothing left: the approval is still there to be spent.
            try? await returnUnsent(sending)
            throw .journalDown(reason: error.reason)
        }
        underWay.withLock { _ = $0.insert(sending.id) }
        return Permit(
            held.entityTag.map(call.ifMatching) ?? call, verdict, hold: sending, from: world.now(), epoch: epoch)
    }

    private func take(_ hold: Hold, _ decision: Decision, _ call: CallID) async throws(GateFailure) -> Hold? {
        let beginning: Beginning
        do throws(StoreFailure) {
            beginning = try await store.begin(hold.id, version: hold.version, decision: decision) {
                [world] sending throws(JournalDown) in
                try world.append(.sending(sending, call, decision))
            }
        } catch {
            // The line may be there, and nothing is sent: the journal says so.
            try? world.append(.changed(hold))
            throw GateFailure(error)
        }
        switch beginning {
        case .begun(let sending): return sending
        case .outdated: return nil
        case .unrecorded(let failure): throw .journalDown(reason: failure.reason)
        }
    }

    /// The call with the very bytes that were approved: fresh credentials and dates, but what a client draws anew for
    /// each attempt as the person saw it. Nil where its digest is another.
    private func approvedForm(of call: Call, _ hold: Hold) async throws(GateFailure) -> Call? {
        let came = digest(of: call)
        if came == hold.digest { return call }
        guard let content = try await stored(await store.request(of: hold.id)) else { return nil }
        let kept = try await stored(world.restore(content, hold))
        let same = call.withDrawn(by: kept, hold.facts.terms.idempotency)
        guard let original = hold.original else { return digest(of: same) == hold.digest ? same : nil }
        guard came == original || digest(of: same) == original,
            let edited = try await stored(await store.edited(of: hold.id))
        else { return nil }
        let sent = try await stored(world.restore(edited, hold)).asked(anewBy: call)
        return digest(of: sent) == hold.digest ? sent : nil
    }

    /// Back to a person, who sees how the call is judged now: the next approval is of that.
    func stale(
        _ hold: Hold, _ facts: Hold.Facts?, _ cause: String, before: Content? = nil
    ) async throws(GateFailure) {
        var deliberation = hold.deliberation
        deliberation.voidVotes()
        let change = HoldChange(to: .stale(cause: cause), facts: facts, deliberation: deliberation, before: before)
        guard let changed = try await stored(await store.change(hold.id, version: hold.version, change)) else { return }
        try await note(.changed(changed), durably: true)
        noteRound(changed)
    }

    /// The upstream answered whole.
    ///
    /// - Parameters:
    ///   - content: the answer, where it is small enough to keep.
    ///   - isDelivered: the agent has its last byte.
    package func finish(
        _ sending: Hold, status: Int, content: Content?, isDelivered: Bool
    ) async throws(GateFailure) {
        guard case .sending(let decision) = sending.state else {
            throw .storeDown(reason: "hold \(sending.id) is \(sending.state.name) and was not being sent")
        }
        // Others may wait for the same answer: they get it from here, and need it in the store only if this process
        // ends before they have it.
        let delivery: Answer.Delivery = isDelivered ? .delivered : content == nil ? .lost : .kept
        let answer = Answer(status: status, delivery: delivery, decision: decision)
        let kept = delivery == .kept ? content : nil
        guard let done = try await settle(sending, .completed(answer, kept)) else {
            throw .storeDown(reason: "hold \(sending.id) changed while it was being sent")
        }
        ended(done, content)
        try await note(.changed(done), durably: true)
    }

    /// Connecting failed, or the permit was not honoured: nothing left, and the approval can be spent again unless the
    /// kill switch was there first.
    package func returnUnsent(_ sending: Hold, isKilled: Bool = false) async throws(GateFailure) {
        guard case .sending(let decision) = sending.state else { return }
        let end: HoldState
        switch killSwitch.standing(of: sending.session) {
        case .killed(let stop): end = .killed(cause: stop.description)
        case .frozen, .running:
            end = isKilled ? .killed(cause: "it was killed while it was being sent") : .approved(decision)
        }
        guard let unsent = try await settle(sending, .state(end)) else { return }
        // Whoever is next finds out himself whether the journal can be written.
        defer { ended(unsent) }
        try await note(.changed(unsent), durably: true)
    }

    /// Something was sent and no whole answer came: only a person can say what happened.
    package func loseTrack(_ sending: Hold, cause: String) async throws(GateFailure) {
        guard let uncertain = try await settle(sending, .state(.uncertain(cause: cause))) else { return }
        ended(uncertain)
        try await note(.changed(uncertain), durably: true)
    }

    /// Tells those who wait; from then on they know what became of it.
    private func ended(_ hold: Hold, _ content: Content? = nil) {
        room.tell(hold, content)
        underWay.withLock { _ = $0.remove(hold.id) }
    }

    // MARK: What the store could not take

    /// Says what became of a hold that was being sent; where the store is down, `settleLate` says it again.
    ///
    /// The version is this sender's alone, so that a late word changes nothing that somebody else did.
    private func settle(_ sending: Hold, _ end: Ending) async throws(GateFailure) -> Hold? {
        do throws(GateFailure) {
            return try await write(sending, end)
        } catch {
            unsettled.withLock { $0[sending.id] = (sending, end) }
            throw error
        }
    }

    private func write(_ sending: Hold, _ end: Ending) async throws(GateFailure) -> Hold? {
        switch end {
        case .state(let state):
            return try await change(sending, to: state)
        case .completed(let answer, let content):
            return try await stored(
                await store.complete(sending.id, version: sending.version, answer: answer, content: content))
        }
    }

    /// Without it a hold whose end could not be written would be `sending`, which nobody can decide on, to the next start.
    func settleLate() async throws(GateFailure) {
        for (sending, end) in unsettled.withLock({ Array($0.values) }) {
            let settled = try await write(sending, end)
            unsettled.withLock { $0[sending.id] = nil }
            guard let settled else { continue }
            if case .completed(_, let content) = end { ended(settled, content) } else { ended(settled) }
            try await note(.changed(settled), durably: false)
        }
    }

    /// The kept answer of a hold, for the one connection that collects it now.
    package func keptAnswer(of hold: Hold) async throws(GateFailure) -> Content? {
        try await stored(await store.answer(of: hold.id))
    }

    /// The kept answer's last byte was written.
    package func delivered(_ hold: Hold) async throws(GateFailure) {
        _ = try await stored(await store.delivered(hold.id, version: hold.version))
    }

    /// The agent has been told that its call was executed and the answer is lost; from now on the identical call is a
    /// new action. False where somebody else was told first.
    package func told(_ hold: Hold) async throws(GateFailure) -> Bool {
        guard case .resolved(let resolution) = hold.state else { return false }
        let told = Resolution(decision: resolution.decision, wasExecuted: resolution.wasExecuted, isTold: true)
        return try await change(hold, to: .resolved(told)) != nil
    }

    // MARK: Restarts

    /// After a start: what was stopped is, and what was being sent is uncertain. Returns the uncertain ones, and approvals
    /// that are to be sent without the agent.
    package func recover() async throws(GateFailure) -> (uncertain: [Hold], immediate: [Hold]) {
        try await loadStops()
        let cause = "the gate ended while the call was being sent"
        let uncertain = try await stored(await store.recover(cause: cause))
        for hold in uncertain { try await note(.changed(hold), durably: true) }
        return (uncertain, try await immediate())
    }

    /// Approvals that are to be sent without the agent.
    func immediate() async throws(GateFailure) -> [Hold] {
        let approved = try await stored(await store.holds(HoldQuery(states: ["approved"], limit: .max)))
        return approved.filter { hold in
            if case .approved(let decision) = hold.state { decision.isImmediate } else { false }
        }
    }

    func change(_ hold: Hold, to state: HoldState) async throws(GateFailure) -> Hold? {
        try await stored(await store.change(hold.id, version: hold.version, HoldChange(to: state)))
    }
}

extension Hold.Facts {
    /// Whether a call is judged more strictly now than it was when a person looked at it.
    fileprivate func isOutdone(by verdict: Verdict) -> Bool {
        verdict.disposition == .refuse || verdict.tier > tier || !Set(verdict.flags).isSubset(of: flags)
    }
}

extension Call {
    /// This call with the Idempotency-Key of another, and with its body where the boundaries of a multipart body may be
    /// all that differs.
    ///
    /// - Parameter key: the field of another name by which its upstream recognises a call.
    fileprivate func withDrawn(by other: Call, _ key: String?) -> Call {
        var fields = fields
        if let key, !fields.contains(key) { fields.take(key, from: other.fields) }
        fields.take("Idempotency-Key", from: other.fields)
        let isMultipart = ActionBytes.multipartBoundary(of: other) != nil
        if isMultipart { fields.take("Content-Type", from: other.fields) }
        return Call(
            id: id, session: session, method: method, target: target, fields: fields,
            body: isMultipart ? other.body : body, document: isMultipart ? other.document : document,
            operations: operations, principal: principal)
    }
}

extension Call {
    /// This call with a key in the field by which its upstream recognises a repeated one, where a rule names one and the
    /// agent sent none. It is the hold's own: who sends it again sends the same.
    func recognisable(by field: String?, _ hold: HoldID) -> Call {
        guard let field, !fields.contains(field), field.utf8.allSatisfy({ $0 | 0x20 &- 0x61 < 26 || $0 == 0x2D }) else {
            return self
        }
        var fields = fields
        fields.append(field, "tiergate-\(hold)")
        return Call(
            id: id, session: session, method: method, target: target, fields: fields, body: body, document: document,
            operations: operations, principal: principal)
    }

    /// This call on the condition that what it changes is what was looked at (RFC 9110 section 13.1.1). No part of the
    /// digest: it can only keep the call from being carried out.
    fileprivate func ifMatching(_ entityTag: String) -> Call {
        guard !fields.contains("if-match") else { return self }
        var fields = fields
        fields.append("If-Match", entityTag)
        return Call(
            id: id, session: session, method: method, target: target, fields: fields, body: body, document: document,
            operations: operations, principal: principal)
    }

    /// This call as `other` asks for it now: its credentials, its dates, the names of its attempt.
    fileprivate func asked(anewBy other: Call) -> Call {
        var fields = fields.filter { !ActionBytes.isDrawnAnew(self.fields.name(at: $0)) }
        for index in 0..<other.fields.count where ActionBytes.isDrawnAnew(other.fields.name(at: index)) {
            fields.append(other.fields.name(at: index), other.fields.value(at: index))
        }
        return Call(
            id: other.id, session: session, method: method, target: target, fields: fields, body: body,
            document: document, operations: operations, principal: other.principal)
    }
}

extension Fields {
    /// Has the field of this name as `other` has it, or not at all.
    fileprivate mutating func take(_ name: String, from other: Fields) {
        remove(name)
        for value in other.values(of: name) { append(name.utf8, value) }
    }
}
