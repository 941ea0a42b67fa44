import Calls

/// What time does to holds, once a second.
extension Gate {
    /// Holds that are looked at in one turn; those that are left come in the next.
    static let holdsPerTurn = 1000

    /// Warns, tells the next group, and stops the session of a hold that nobody looked at in time; ends the time of holds
    /// that nobody decided, or whose approval nobody spent; and says again what the store was too late for.
    package func keepTime() async throws(GateFailure) {
        try await settleLate()
        try await settleStops()
        for hold in try await stored(await store.needingAttention(at: world.now(), limit: Self.holdsPerTurn)) {
            guard let step = hold.step(at: world.now()) else { continue }
            try await take(step, for: hold)
        }
        for hold in try await stored(await store.due(at: world.now(), limit: Self.holdsPerTurn)) {
            guard let expired = try await change(hold, to: .expired) else { continue }
            room.tell(expired)
            try await note(.changed(expired), durably: false)
        }
    }

    private func take(_ step: ClockStep, for hold: Hold) async throws(GateFailure) {
        let change = HoldChange(deliberation: hold.deliberation.after(step))
        // Somebody was first: the next turn looks again.
        guard let changed = try await stored(await store.change(hold.id, version: hold.version, change)) else { return }
        let act: Act =
            switch step {
            case .warn(let percent): .warned(percent: percent)
            case .escalate(let group): .escalated(to: group)
            case .silence(let silence): .unheard(silence)
            }
        try await note(.acted(changed, act), durably: false)
        guard case .silence(let silence) = step else { return }
        _ = await stop(.session(hold.session), silence.kind, by: .silence(hold.id))
    }
}

extension Terms.Silence {
    fileprivate var kind: Stop.Kind {
        switch self {
        case .freeze: .freeze
        case .kill: .kill
        }
    }
}
