import Calls
import Holds
import JSON
package import Wire

/// What the operator socket answers.
extension OperatorServer {
    package func reply(to head: RequestHead, body: [UInt8], from peer: Peer) async -> OperatorReply {
        do throws(OperatorProblem) {
            switch try Route(head, limits: limits) {
            case .health: return reportHealth()
            case .sessions: return try await listSessions()
            case .list(let query): return try await list(query)
            case .show(let name): return try await show(name)
            case .decide(let action, let name):
                return try await decide(action, name, head: head, body: body, peer: peer)
            case .draft(let name): return try await draft(name)
            case .nonce(let name): return try await drawNonce(for: name, peer)
            case .stops: return listStops()
            case .change(let action): return try await change(action, body: body, from: peer)
            }
        } catch {
            return .problem(error, boundary)
        }
    }

    private func reportHealth() -> OperatorReply {
        let report = HealthView(
            health(), version: version, boundary: boundary, waiting: gate.waitingCount, stops: gate.stops,
            now: now())
        return .ok(JSONWriter.object(report.write))
    }

    // MARK: Looking

    private func list(_ query: HoldQuery) async throws(OperatorProblem) -> OperatorReply {
        var query = query
        let limit = query.limit
        // One more than is shown tells whether there are more.
        query.limit += 1
        let holds = try await found { () async throws(DecisionFailure) in try await gate.holds(query) }
        let report = HoldList(
            holds: holds.prefix(limit).map { view($0) }, isComplete: holds.count <= limit, weakness: boundary.weakness,
            stops: gate.stops.map(StopView.init))
        return .ok(JSONWriter.object(report.write))
    }

    private func show(_ name: String) async throws(OperatorProblem) -> OperatorReply {
        let hold = try await hold(named: name)
        let call = try await found { () async throws(DecisionFailure) in try await gate.request(of: hold) }
        let request = RequestView(call)
        let report = HoldReport(
            hold: view(hold, request), next: nil, warning: nil, weakness: boundary.weakness,
            seen: try await seen(of: hold).map { SightingView($0, request) })
        return .ok(JSONWriter.object(report.write), digest: hold.digest)
    }

    private func seen(of hold: Hold) async throws(OperatorProblem) -> [Sighting] {
        guard !hold.facts.terms.observations.isEmpty else { return [] }
        do throws(GateFailure) {
            return try await gate.seen(of: hold) ?? []
        } catch {
            throw .storeDown(reason: "\(error)")
        }
    }

    /// The body as a person changes it in an editor.
    private func draft(_ name: String) async throws(OperatorProblem) -> OperatorReply {
        let hold = try await hold(named: name)
        let call = try await found { () async throws(DecisionFailure) in try await gate.request(of: hold) }
        do throws(CallEditFailure) {
            return .ok(JSONWriter.object(try Draft(call).write), digest: hold.digest)
        } catch {
            throw .notEditable(view(hold), reason: error.description)
        }
    }

    /// The hold of this id, or the only one whose id begins like this; `h_` need not be said.
    private func hold(named name: String) async throws(OperatorProblem) -> Hold {
        if let id = HoldID(name) {
            return try await found { () async throws(DecisionFailure) in try await gate.hold(id) }
        }
        let candidates = try await candidates(for: name)
        guard let first = candidates.first else { throw .unknownHold(VisibleText.show(name, limit: 100)) }
        guard candidates.count == 1 else {
            throw .ambiguousPrefix(VisibleText.show(name, limit: 100), candidates.map { view($0) })
        }
        return first
    }

    /// Holds whose id begins like this, as many as a message can name.
    func candidates(for name: String) async throws(OperatorProblem) -> [Hold] {
        let prefix = name.hasPrefix("h_") ? name : "h_" + name
        guard prefix.utf8.count <= 14 else { return [] }
        return try await found { () async throws(DecisionFailure) in
            try await gate.holds(HoldQuery(prefix: prefix, limit: 20))
        }
    }

    func view(_ hold: Hold, _ request: RequestView? = nil) -> HoldView {
        HoldView(
            hold, isAwaited: gate.isAwaited(hold.id), now: now(), keepsGroups: access.keepsGroups, request: request)
    }
}
