package import Calls

/// What people may do, through the operator socket.
extension Gate {
    /// One person's yes: the hold goes when each group that the rules name has given as many as they ask for.
    ///
    /// The decision names the digest that the person saw; nobody approves what changed under his eyes.
    package func approve(
        _ id: HoldID, digest: Digest, decision: Decision, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await undecided(id, digest, as: entitlement)
            try checkSignature(of: decision, on: hold)
            let decision = try detached(decision, hold)
            var deliberation = hold.deliberation
            guard deliberation.edits.last?.by.uid != decision.by.uid else { throw .ownEdit(hold) }
            guard !deliberation.votes.contains(where: { $0.decision.isOfSamePerson(as: decision) }) else {
                throw .votedAlready(hold)
            }
            let vote = Deliberation.Vote(decision: decision, groups: entitlement.among(hold.facts.terms.approvers))
            deliberation.add(vote)
            guard deliberation.satisfies(hold.facts.terms) else {
                return try await act(.voted(vote), on: hold, HoldChange(deliberation: deliberation))
            }
            let until = max(hold.expires, decision.at + settings.approvalLife)
            let change = HoldChange(to: .approved(decision), expires: until, deliberation: deliberation)
            return try await decide(hold, change, decision)
        }
    }

    /// Whether the stored call is sent without its agent is the rules' to say, then the person's.
    private func detached(_ decision: Decision, _ hold: Hold) throws(DecisionFailure) -> Decision {
        switch hold.facts.terms.detached {
        case nil: return decision
        case .always: return decision.immediate
        case .never:
            guard !decision.isImmediate else { throw .notDetached(hold) }
            return decision
        }
    }

    /// Says no, which one person of any group can; the identical call gets the same answer until the hold is reopened.
    package func reject(
        _ id: HoldID, digest: Digest, decision: Decision, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        let rejected = try await persisting { () async throws(DecisionFailure) in
            let hold = try await undecided(id, digest, as: entitlement)
            return try await decide(hold, HoldChange(to: .rejected(decision)), decision)
        }
        noteRound(rejected)
        return rejected
    }

    /// Takes a rejection back: the hold waits for a decision again, with its whole time.
    package func reopen(
        _ id: HoldID, digest: Digest, decision: Decision, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await found(id, digest, as: entitlement)
            guard case .rejected = hold.state else { throw .notPossible(hold) }
            var deliberation = hold.deliberation
            deliberation.restart(at: decision.at)
            let until = decision.at + settings.life(tier: hold.facts.tier, flags: hold.facts.flags)
            return try await decide(
                hold, HoldChange(to: .pending, expires: until, deliberation: deliberation), decision)
        }
    }

    /// Says what had become of an uncertain hold.
    package func resolve(
        _ id: HoldID, digest: Digest, wasExecuted: Bool, decision: Decision, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await found(id, digest, as: entitlement)
            guard case .uncertain = hold.state else { throw .notPossible(hold) }
            let resolution = Resolution(decision: decision, wasExecuted: wasExecuted)
            return try await decide(hold, HoldChange(to: .resolved(resolution)), decision)
        }
    }

    /// Holds, for lists and screens.
    package func holds(_ query: HoldQuery) async throws(DecisionFailure) -> [Hold] {
        do throws(StoreFailure) { return try await store.holds(query) } catch { throw .store(error) }
    }

    package func hold(_ id: HoldID) async throws(DecisionFailure) -> Hold {
        do throws(StoreFailure) {
            if let hold = try await store.hold(id) { return hold }
        } catch {
            throw .store(error)
        }
        throw .unknown(id)
    }

    private func found(
        _ id: HoldID, _ digest: Digest, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        let hold = try await hold(id)
        guard entitlement.covers(hold.facts.terms.approvers) else { throw .notEntitled(hold) }
        guard hold.digest == digest else { throw .digestDiffers(hold) }
        return hold
    }

    /// A hold that this person may act on now, as it was when the person looked at it.
    func undecided(
        _ id: HoldID, _ digest: Digest, as entitlement: Entitlement
    ) async throws(DecisionFailure) -> Hold {
        let hold = try await found(id, digest, as: entitlement)
        guard hold.state.isUndecided, world.now() < hold.expires else { throw .notPossible(hold) }
        return hold
    }

    /// A person's word counts where the rules, or the account that others share, ask for his key.
    private func checkSignature(of decision: Decision, on hold: Hold) throws(DecisionFailure) {
        guard decision.signature == nil else { return }
        if hold.facts.terms.needsSignature { throw .notSigned(hold, isShared: false) }
        if hold.facts.terms.quorum > 1, settings.sharedAccounts.contains(decision.by.uid) {
            throw .notSigned(hold, isShared: true)
        }
    }

    /// Times that one person's step is tried while others change the hold; each time somebody else got on.
    static let mostAttempts = 32

    /// Takes a step on what is there now, however often somebody else was quicker: a vote of another, or his claim, leaves
    /// room for this one. Where it leaves none the hold says who was first.
    func persisting(
        _ step: () async throws(DecisionFailure) -> Hold
    ) async throws(DecisionFailure) -> Hold {
        for _ in 1..<Self.mostAttempts {
            do throws(DecisionFailure) {
                return try await step()
            } catch {
                guard case .overtaken = error else { throw error }
            }
        }
        return try await step()
    }

    private func decide(
        _ hold: Hold, _ change: HoldChange, _ decision: Decision
    ) async throws(DecisionFailure) -> Hold {
        let changed = try await carryOut(change, on: hold) { .decided($0, decision) }
        if hold.state.isUndecided { times.note(hold, decidedAt: decision.at) }
        if case .approved = changed.state { rounds.clear(hold) }
        return changed
    }

    /// What a person does short of deciding.
    func act(_ act: Act, on hold: Hold, _ change: HoldChange) async throws(DecisionFailure) -> Hold {
        try await carryOut(change, on: hold) { .acted($0, act) }
    }

    func carryOut(
        _ change: HoldChange, on hold: Hold, _ event: (Hold) -> GateEvent
    ) async throws(DecisionFailure) -> Hold {
        let changed: Hold?
        do throws(StoreFailure) {
            changed = try await store.change(hold.id, version: hold.version, change)
        } catch {
            throw .store(error)
        }
        guard let changed else { throw .overtaken(try await self.hold(hold.id)) }
        do throws(JournalDown) {
            do throws(JournalDown) {
                try world.append(event(changed))
            } catch {
                room.tell(changed)
                throw error
            }
            // The store has it, whatever becomes of the journal. What follows from it comes after it there, and is not
            // sent before the disk has both: nobody needs to wait for the disk once more.
            room.tell(changed)
            try await world.flush(true)
        } catch {
            throw .journal(changed, reason: error.reason)
        }
        return changed
    }
}

/// Why a decision was not taken, or (journal) was taken and could not be written down twice.
package indirect enum DecisionFailure: Error, Sendable {
    case unknown(HoldID)
    /// The hold is not what the person saw.
    case digestDiffers(Hold)
    /// Its state has no such step: somebody else was first, or its time is over.
    case notPossible(Hold)
    /// The rules ask for groups of which the person is in none.
    case notEntitled(Hold)
    /// One yes of each person counts.
    case votedAlready(Hold)
    /// It asks for a key: because its rules do, or because several people may be behind the account.
    case notSigned(Hold, isShared: Bool)
    /// Somebody else has taken it on.
    case claimedAlready(Hold)
    /// Others changed it each time that this was tried.
    case overtaken(Hold)
    /// It has that much time anyway.
    case notLonger(Hold)
    /// Who changed the call does not approve the change.
    case ownEdit(Hold)
    /// The call cannot be changed, or not like this.
    case notEditable(Hold, reason: String)
    /// A rule forbids what it would become.
    case editBlocked(Hold, reason: String)
    /// A rule says that only the agent's own call spends an approval.
    case notDetached(Hold)
    /// The end of its time cannot be put off that far.
    case tooFar(Hold, longest: Interval)
    /// As many questions or edits as one hold can have.
    case full(Hold, limit: String, value: Int)
    case store(StoreFailure)
    /// The decision stands in the store; nothing is sent until the journal can be written.
    case journal(Hold, reason: String)
}
