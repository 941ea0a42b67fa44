package import Calls

/// What an agent may do about its own holds, which are those of its session; of others it is not told that they exist.
extension Gate {
    package func hold(_ id: HoldID, of session: SessionID) async throws(DecisionFailure) -> Hold {
        let hold = try await hold(id)
        guard hold.session == session else { throw .unknown(id) }
        return hold
    }

    /// Takes the answer to the question that a person asked last.
    package func answer(
        _ id: HoldID, _ text: String, of session: SessionID
    ) async throws(DecisionFailure) -> Hold {
        let hold = try await hold(id, of: session)
        guard hold.state.isUndecided, hold.deliberation.isAsking, world.now() < hold.expires else {
            throw .notPossible(hold)
        }
        var deliberation = hold.deliberation
        deliberation.answer(text)
        return try await act(.answered(text), on: hold, HoldChange(deliberation: deliberation))
    }

    /// The agent takes its call back, of which nothing has been sent.
    package func withdraw(_ id: HoldID, of session: SessionID) async throws(DecisionFailure) -> Hold {
        let hold = try await hold(id, of: session)
        guard hold.state.leads(to: .withdrawn) else { throw .notPossible(hold) }
        return try await carryOut(HoldChange(to: .withdrawn), on: hold) { .changed($0) }
    }

    /// The agent hung up; where the rules say that this takes the call back, and nobody else waits for it, it does.
    ///
    /// What a person wants to be sent without the agent is not the agent's any more.
    package func leaveBehind(_ hold: Hold) async throws(DecisionFailure) {
        guard hold.facts.terms.withdrawsOnDisconnect, room.isEmpty(hold.id) else { return }
        let current = try await self.hold(hold.id)
        if case .approved(let decision) = current.state, decision.isImmediate { return }
        guard current.state.leads(to: .withdrawn) else { return }
        _ = try await carryOut(HoldChange(to: .withdrawn), on: current) { .changed($0) }
    }

    /// A question of the agent's to people that is about no call: a hold as any other, and nothing is sent after it.
    ///
    /// - Parameter call: the agent's request to the gate, in which the question is.
    package func review(_ call: Call, _ verdict: Verdict, _ record: Record) async throws(GateFailure) -> Hold {
        _ = try heedStops(call, verdict)
        try await open(record)
        let (hold, _) = try await enrol(call, verdict, isReview: true)
        record.hold = hold.id
        return hold
    }

    /// What people usually take for a decision like this one; nil where too little is known.
    package func usualTime(of hold: Hold) -> Interval? { times.usual(of: hold) }

    /// Counts a rejection, and a hold that went stale: an agent that tries the same again and again is told of.
    func noteRound(_ hold: Hold) {
        let count = rounds.note(hold)
        guard count.isMultiple(of: Rounds.limit) else { return }
        // It reports what has happened; the decision stands without it.
        try? world.append(.flagged(hold, .rejectedRounds, count: count))
    }
}
