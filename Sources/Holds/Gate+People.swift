package import Calls

/// What people do about a hold short of deciding: take it on, pass it on, give it time, ask. Each names the digest that
/// the person saw, as a decision does.
extension Gate {
    /// Takes it on, so that others see that somebody looks at it; the time for a first act is over. What another has taken
    /// on is handed over, by him or by anybody entitled.
    package func claim(
        _ id: HoldID, digest: Digest, by person: Operator, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await undecided(id, digest, as: entitlement)
            if let claim = hold.deliberation.claim, claim.by.uid != person.uid { throw .claimedAlready(hold) }
            let now = world.now()
            let claim = Deliberation.Claim(by: person, at: now)
            var deliberation = hold.deliberation
            deliberation.take(claim, at: now)
            return try await act(.claimed(claim), on: hold, HoldChange(deliberation: deliberation))
        }
    }

    /// Gives it back, or to somebody else, who may be told so and finds it claimed.
    package func handOver(
        _ id: HoldID, digest: Digest, by person: Operator, to other: Operator?, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await undecided(id, digest, as: entitlement)
            let now = world.now()
            var deliberation = hold.deliberation
            deliberation.take(other.map { Deliberation.Claim(by: $0, at: now) }, at: now)
            return try await act(.handedOver(by: person, to: other), on: hold, HoldChange(deliberation: deliberation))
        }
    }

    /// Gives it time: to `until`, and never less than it had.
    package func extend(
        _ id: HoldID, digest: Digest, by person: Operator, until: Timestamp, reason: String?,
        as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await undecided(id, digest, as: entitlement)
            guard until > hold.expires else { throw .notLonger(hold) }
            let now = world.now()
            guard until <= now + settings.longestLife else {
                throw .tooFar(hold, longest: settings.longestLife)
            }
            var deliberation = hold.deliberation
            deliberation.noteAct(at: now)
            return try await act(
                .extended(by: person, until: until, reason: reason), on: hold,
                HoldChange(expires: until, deliberation: deliberation))
        }
    }

    /// Asks the agent something, which it is told when it comes again; the clock stops once for as long as it may take.
    package func ask(
        _ id: HoldID, digest: Digest, _ text: String, by person: Operator, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await undecided(id, digest, as: entitlement)
            let asked = hold.deliberation.questions.count
            guard asked < Deliberation.mostQuestions else {
                throw .full(hold, limit: "questions", value: Deliberation.mostQuestions)
            }
            let question = Deliberation.Question(by: person, at: world.now(), text: text)
            var deliberation = hold.deliberation
            deliberation.ask(question)
            let until = asked == 0 ? hold.expires + settings.answerLife : nil
            return try await act(.asked(question), on: hold, HoldChange(expires: until, deliberation: deliberation))
        }
    }
}
