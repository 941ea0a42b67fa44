import Calls
import Holds
import JSON

/// Which agents there are, and what they take.
extension OperatorServer {
    func listSessions() async throws(OperatorProblem) -> OperatorReply {
        let states = sessions()
        var pending = try await pendingBySession()
        var views: [SessionView] = []
        for state in states {
            views.append(SessionView(state, pending: try await pending.take(state.id, from: self)))
        }
        views += pending.rest.map { SessionView($0.key, pending: $0.value) }.sorted { $0.session < $1.session }
        return .ok(JSONWriter.object(SessionList(sessions: views, weakness: boundary.weakness).write))
    }

    private func pendingBySession() async throws(OperatorProblem) -> PendingCounts {
        let holds = try await undecided(of: nil)
        return PendingCounts(
            rest: holds.reduce(into: [:]) { $0[$1.session, default: 0] += 1 }, isWhole: holds.count < limits.listed)
    }

    fileprivate func undecided(of session: SessionID?) async throws(OperatorProblem) -> [Hold] {
        try await found { () async throws(DecisionFailure) in
            try await gate.holds(
                HoldQuery(states: ["pending", "stale"], session: session, limit: limits.listed))
        }
    }
}

/// Undecided holds by session, from the store: counted together where one list has all of them.
private struct PendingCounts {
    var rest: [SessionID: Int]
    let isWhole: Bool

    mutating func take(_ session: SessionID, from server: OperatorServer) async throws(OperatorProblem) -> Int {
        let counted = rest.removeValue(forKey: session) ?? 0
        return isWhole ? counted : try await server.undecided(of: session).count
    }
}
