import Calls
import Holds
import Stores
import System

/// What operators ask a full store, a hundred holds at a time.
struct StoreQueries {
    let store: SQLiteHoldStore

    func measure(sessions: Int) async throws {
        let some = SessionID("uid:1000/run-\(sessions / 2)")
        let states = ["pending", "stale", "approved"]
        try await row("newest") { _ in HoldQuery() }
        try await row("pending") { _ in HoldQuery(states: ["pending"]) }
        try await row("three states") { _ in HoldQuery(states: states) }
        try await row("rejected, none") { _ in HoldQuery(states: ["rejected"]) }
        try await row("session") { HoldQuery(session: SessionID("uid:1000/run-\($0 * sessions / 400)")) }
        try await row("session, states") { _ in HoldQuery(states: states, session: some) }
        let ids = try await store.holds(HoldQuery(limit: 200)).map(\.id.description)
        for length in [2, 3, 4, 5, 6, 14] {
            try await row("id of \(length)") { HoldQuery(prefix: String(ids[$0 % ids.count].prefix(length))) }
            try await row("id of \(length), states") {
                HoldQuery(states: states, prefix: String(ids[$0 % ids.count].prefix(length)))
            }
        }
    }

    private func row(_ name: String, _ query: (Int) -> HoldQuery) async throws {
        var times: [Duration] = []
        var found = 0
        for round in 0..<200 {
            let query = query(round)
            times.append(
                try await ContinuousClock().measure { found = try await store.holds(query).count })
        }
        times.sort()
        let name = name + String(repeating: " ", count: max(0, 22 - name.utf8.count))
        StoreBench.say("list       \(name)   p50 \(shown(times[100])), p99 \(shown(times[198])), \(found) holds")
    }

    private func shown(_ time: Duration) -> String {
        let hundredths = Int(time / .microseconds(10))
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) ms"
    }
}
