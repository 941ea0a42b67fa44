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
    private func candidates(for name: String) async throws(OperatorProblem) -> [Hold] {
        let prefix = name.hasPrefix("h_") ? name : "h_" + name
        guard prefix.utf8.count <= 14 else { return [] }
        return try await found { () async throws(DecisionFailure) in
            try await gate.holds(HoldQuery(prefix: prefix, limit: 20))
        }
    }

    private func view(_ hold: Hold, _ request: RequestView? = nil) -> HoldView {
        HoldView(hold, isAwaited: gate.isAwaited(hold.id), now: now(), request: request)
    }

    // MARK: Deciding

    private func decide(
        _ action: DecisionAction, _ name: String, head: RequestHead, body: [UInt8], peer: Peer
    ) async throws(OperatorProblem) -> OperatorReply {
        guard access.mayDecide(uid: peer.person.uid, groups: peer.groups) else {
            throw .notEntitled(name: peer.person.name, advice: access.advice(to: peer.person.name))
        }
        guard let id = HoldID(name) else {
            throw .wholeIDRequired(
                VisibleText.show(name, limit: 100), try await candidates(for: name).map { view($0) })
        }
        let order = try DecisionOrder(action, body, limits: limits)
        let digest = try precondition(head)
        let decision = Decision(
            by: peer.person, at: now(), reason: order.reason, isImmediate: order.isImmediate)
        // Asked before the decision, which wakes whoever waits.
        let isAwaited = gate.isAwaited(id)
        let entitlement = access.entitlement(of: peer)
        let outcome = try await outcome(of: action) { () async throws(DecisionFailure) in
            switch action {
            case .approve: try await gate.approve(id, digest: digest, decision: decision, as: entitlement)
            case .reject: try await gate.reject(id, digest: digest, decision: decision, as: entitlement)
            case .reopen: try await gate.reopen(id, digest: digest, decision: decision, as: entitlement)
            case .resolve:
                try await gate.resolve(
                    id, digest: digest, wasExecuted: order.wasExecuted, decision: decision, as: entitlement)
            case .edit:
                try await gate.edit(
                    id, digest: digest, order.edit, by: peer.person, as: entitlement, describe: RequestView.changes)
            }
        }
        // What is stopped now is sent when it is resumed.
        let isImmediate =
            if case .approved(let decision) = outcome.hold.state { decision.isImmediate } else { false }
        if action == .approve, isImmediate,
            gate.standing(of: outcome.hold.session) == .running
        {
            sendNow(outcome.hold)
        }
        let report = HoldReport(
            hold: view(outcome.hold),
            next: next(action, outcome.hold, order, isImmediate: isImmediate, isAwaited: isAwaited),
            warning: outcome.warning, weakness: boundary.weakness)
        return .ok(JSONWriter.object(report.write), digest: outcome.hold.digest)
    }

    /// `If-Match` with the digest that the person saw (RFC 9110 section 13.1.1; RFC 6585 section 3).
    private func precondition(_ head: RequestHead) throws(OperatorProblem) -> Digest {
        guard head.fields.contains("if-match") else { throw .preconditionRequired }
        guard head.fields.count(of: "if-match") == 1, let tag = head.fields.text("if-match")?.string,
            tag.utf8.count == 66, tag.hasPrefix("\""), tag.hasSuffix("\""),
            let digest = Digest(hexadecimal: tag.dropFirst().dropLast())
        else { throw .malformedPrecondition }
        return digest
    }

    /// What happens now, for the one who decided.
    private func next(
        _ action: DecisionAction, _ hold: Hold, _ order: DecisionOrder, isImmediate: Bool, isAwaited: Bool
    ) -> String {
        if action == .approve, let stop = gate.standing(of: hold.session).stop {
            return "Nothing is sent before `tiergate resume`: \(StopView(stop).sentence)."
        }
        switch action {
        case .approve where hold.state.isUndecided:
            return "It goes when \(hold.missing)."
        case .approve where isAwaited: return "The agent is waiting: the call is sent now."
        case .approve where isImmediate:
            return "The call is sent now, without the agent; the answer is kept until it asks again."
        case .approve:
            return "Nobody is waiting: the agent's next identical call is sent, until \(hold.expires)."
        case .reject: return "The identical call gets the same answer, with your reason, until the hold is reopened."
        case .reopen: return "It waits for a decision again, until \(hold.expires)."
        case .resolve where order.wasExecuted:
            return "The agent is told once that its call was executed and the answer is lost."
        case .resolve: return "The agent's next identical call is a new action, judged anew."
        case .edit:
            return "It is judged anew, what was said before counts no more, and somebody else than you lets it go."
        }
    }

    // MARK: Failures of the gate, in this module's words

    func found<R>(_ body: () async throws(DecisionFailure) -> R) async throws(OperatorProblem) -> R {
        do throws(DecisionFailure) {
            return try await body()
        } catch {
            throw problem(error, "read")
        }
    }

    private func outcome(
        of action: DecisionAction, _ body: () async throws(DecisionFailure) -> Hold
    ) async throws(OperatorProblem) -> (hold: Hold, warning: String?) {
        do throws(DecisionFailure) {
            return (try await body(), nil)
        } catch {
            // The decision stands, and whoever is told that it failed would decide once more.
            if case .journal(let hold, let reason) = error {
                return (hold, "The journal could not be written (\(reason)); nothing is sent until it can.")
            }
            throw problem(error, action.rawValue)
        }
    }

    private func problem(_ failure: DecisionFailure, _ action: String) -> OperatorProblem {
        switch failure {
        case .unknown(let id): .unknownHold(id.description)
        case .digestDiffers(let hold): .digestDiffers(view(hold))
        case .notPossible(let hold), .journal(let hold, _): .notPossible(action: action, view(hold))
        case .notEntitled(let hold): .notOfGroup(hold.facts.terms.approvers, view(hold))
        case .votedAlready(let hold): .votedAlready(view(hold), missing: hold.missing)
        case .ownEdit(let hold): .ownEdit(view(hold))
        case .notDetached(let hold): .notDetached(view(hold))
        case .notEditable(let hold, let reason): .notEditable(view(hold), reason: reason)
        case .editBlocked(let hold, let reason): .editBlocked(view(hold), reason: reason)
        case .tooFar(let hold, let longest): .tooFar(view(hold), longest: longest)
        case .full(let hold, let limit, let value): .holdFull(view(hold), limit: limit, value: value)
        case .store(.unavailable(let reason)): .storeDown(reason: reason)
        case .store(.damaged(let reason)): .storeDamaged(reason: reason)
        case .store(.impossible(let from, let to)): .storeDamaged(reason: "no step from \(from) to \(to)")
        }
    }
}
