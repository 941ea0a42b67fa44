package import Calls

/// What a call is about to change, as it was when it was held: a person decides by it, and it must be so still.
extension Gate {
    /// How often it is tried to write down what was seen while others change the hold.
    private static let observationTries = 16

    /// Keeps what was seen when the call was held.
    package func note(_ seen: [Sighting], of id: HoldID) async throws(GateFailure) {
        for _ in 0..<Self.observationTries {
            guard let hold = try await stored(await store.hold(id)), hold.state.canExpire else { return }
            let change = HoldChange(before: Sighting.encode(seen))
            if try await stored(await store.change(id, version: hold.version, change)) != nil { return }
        }
    }

    /// What was seen; nil where nobody has looked.
    package func seen(of hold: Hold) async throws(GateFailure) -> [Sighting]? {
        guard let content = try await stored(await store.before(of: hold.id)) else { return nil }
        guard let seen = Sighting.decode(content) else {
            throw .storeDown(reason: "what was seen before hold \(hold.id) cannot be read")
        }
        return seen
    }

    /// Back to a person, who sees what it is about to change now.
    package func turnBack(_ hold: Hold, _ cause: String, seeing now: [Sighting]) async throws(GateFailure) {
        try await stale(hold, nil, cause, before: Sighting.encode(now))
    }
}
