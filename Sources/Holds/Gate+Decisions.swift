package import Calls

/// What people may do, through the operator socket.
extension Gate {
    /// Lets a hold go. The decision names the digest that the person saw; nobody approves what changed under his eyes.
    package func approve(
        _ id: HoldID, digest: Digest, decision: Decision
    ) async throws(DecisionFailure) -> Hold {
        let hold = try await undecided(id, digest)
        let until = max(hold.expires, decision.at + settings.approvalLife)
        return try await decide(hold, .approved(decision), decision, expires: until)
    }

    /// Says no; the identical call gets the same answer until the hold is reopened.
    package func reject(_ id: HoldID, digest: Digest, decision: Decision) async throws(DecisionFailure) -> Hold {
        try await decide(undecided(id, digest), .rejected(decision), decision)
    }

    /// Takes a rejection back: the hold waits for a decision again, with its whole time.
    package func reopen(_ id: HoldID, digest: Digest, decision: Decision) async throws(DecisionFailure) -> Hold {
        let hold = try await found(id, digest)
        guard case .rejected = hold.state else { throw .notPossible(hold) }
        let life =
            hold.facts.tier == .irreversible || !hold.facts.flags.isEmpty
            ? settings.irreversibleLife : settings.externalLife
        return try await decide(hold, .pending, decision, expires: decision.at + life)
    }

    /// Says what had become of an uncertain hold.
    package func resolve(
        _ id: HoldID, digest: Digest, wasExecuted: Bool, decision: Decision
    ) async throws(DecisionFailure) -> Hold {
        let hold = try await found(id, digest)
        guard case .uncertain = hold.state else { throw .notPossible(hold) }
        return try await decide(hold, .resolved(Resolution(decision: decision, wasExecuted: wasExecuted)), decision)
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

    /// The call as it was held, for the operator's screen.
    package func request(of hold: Hold) async throws(DecisionFailure) -> Call {
        do throws(StoreFailure) {
            guard let content = try await store.request(of: hold.id) else {
                throw StoreFailure.damaged(reason: "hold \(hold.id) has no stored call")
            }
            return try world.restore(content, hold)
        } catch {
            throw .store(error)
        }
    }

    private func found(_ id: HoldID, _ digest: Digest) async throws(DecisionFailure) -> Hold {
        let hold = try await hold(id)
        guard hold.digest == digest else { throw .digestDiffers(hold) }
        return hold
    }

    private func undecided(_ id: HoldID, _ digest: Digest) async throws(DecisionFailure) -> Hold {
        let hold = try await found(id, digest)
        guard hold.state.isUndecided, world.now() < hold.expires else { throw .notPossible(hold) }
        return hold
    }

    private func decide(
        _ hold: Hold, _ state: HoldState, _ decision: Decision, expires: Timestamp? = nil
    ) async throws(DecisionFailure) -> Hold {
        let changed: Hold?
        do throws(StoreFailure) {
            changed = try await store.change(hold.id, version: hold.version, to: state, expires: expires)
        } catch {
            throw .store(error)
        }
        guard let changed else { throw .notPossible(try await self.hold(hold.id)) }
        do throws(JournalDown) {
            do throws(JournalDown) {
                try world.append(.decided(changed, decision))
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
    case store(StoreFailure)
    /// The decision stands in the store; nothing is sent until the journal can be written.
    case journal(Hold, reason: String)
}
