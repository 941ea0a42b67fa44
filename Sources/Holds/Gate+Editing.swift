package import Calls

/// What a person makes of a held call before somebody lets it go.
extension Gate {
    /// Changes what would be sent: read again by the one strict reading, judged and digested anew. Earlier votes are void.
    ///
    /// - Parameter describe: what changed between two calls, a line each, without secrets.
    package func edit(
        _ id: HoldID, digest: Digest, _ edit: CallEdit, by person: Operator, as entitlement: Entitlement,
        describe: (Call, Call) -> [String]
    ) async throws(DecisionFailure) -> Hold {
        try await persisting { () async throws(DecisionFailure) in
            let hold = try await undecided(id, digest, as: entitlement)
            guard hold.deliberation.edits.count < Deliberation.mostEdits else {
                throw .full(hold, limit: "edits", value: Deliberation.mostEdits)
            }
            let before = try await request(of: hold)
            let (call, content) = try edited(before, edit, hold)
            let after = self.digest(of: call)
            guard after != hold.digest else { throw .notEditable(hold, reason: "nothing about it would change") }
            let verdict = world.judge(call)
            guard verdict.disposition != .refuse else { throw .editBlocked(hold, reason: verdict.reason) }
            let now = world.now()
            var deliberation = hold.deliberation
            let note = Deliberation.Edit(
                by: person, at: now, before: hold.digest, after: after, changes: describe(before, call))
            deliberation.note(note)
            // What is tier 4 now has the time of tier 4, and nothing gains time by being changed.
            let until = min(hold.expires, now + settings.life(tier: verdict.tier, flags: verdict.flags))
            let change = HoldChange(
                expires: until, facts: facts(of: call, verdict), deliberation: deliberation,
                edited: HoldChange.Edited(digest: after, content: content))
            return try await act(.edited(note), on: hold, change)
        }
    }

    private func edited(
        _ before: Call, _ edit: CallEdit, _ hold: Hold
    ) throws(DecisionFailure) -> (Call, Content) {
        let content: Content
        do throws(CallEditFailure) {
            content = world.archive(try edit.apply(to: before))
        } catch {
            throw .notEditable(hold, reason: error.description)
        }
        do throws(StoreFailure) {
            return (try world.restore(content, hold), content)
        } catch {
            throw .notEditable(hold, reason: "what it would become has no reading")
        }
    }

    /// The call that would be sent: as a person changed it, or as the agent sent it.
    package func request(of hold: Hold) async throws(DecisionFailure) -> Call {
        guard hold.original != nil else { return try await original(of: hold) }
        return try await kept(hold) { () async throws(StoreFailure) in try await store.edited(of: hold.id) }
    }

    /// The call as the agent sent it.
    package func original(of hold: Hold) async throws(DecisionFailure) -> Call {
        try await kept(hold) { () async throws(StoreFailure) in try await store.request(of: hold.id) }
    }

    private func kept(
        _ hold: Hold, _ content: () async throws(StoreFailure) -> Content?
    ) async throws(DecisionFailure) -> Call {
        do throws(StoreFailure) {
            guard let content = try await content() else {
                throw StoreFailure.damaged(reason: "hold \(hold.id) has no stored call")
            }
            return try world.restore(content, hold)
        } catch {
            throw .store(error)
        }
    }
}
