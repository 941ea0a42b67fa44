import Calls
import Holds
import JSON
import Wire

/// The kill switch over the operator socket.
extension OperatorServer {
    func listStops() -> OperatorReply {
        let warnings = gate.stopsAreSaved ? [] : [Self.unsaved]
        return reply(StopReportView(stops: gate.stops, warnings: warnings, weakness: boundary.weakness))
    }

    func change(_ action: StopAction, body: [UInt8], from peer: Peer) async throws(OperatorProblem) -> OperatorReply {
        guard access.mayDecide(uid: peer.person.uid, groups: peer.groups) else {
            throw .notEntitled(name: peer.person.name, advice: access.advice(to: peer.person.name))
        }
        let order = try StopOrder(action, body, limits: limits)
        guard let kind = action.kind else {
            // What was stopped may be the one who asks; stopping is anybody's who may decide.
            if let objection = peer.objection ?? objection(to: peer, on: order.scope) { throw .ownCall(objection) }
            return try await resume(order, peer)
        }
        let report = await gate.stop(order.scope, kind, by: .person(peer.person, reason: order.reason))
        var warnings = report.failures.map { Self.warning($0) }
        if !report.isComplete {
            warnings.append("More holds of \(order.scope) are being ended; none of them is sent meanwhile.")
        }
        if report.stop.kind != kind {
            warnings.append("\(order.scope) was killed before, and stays so: a freeze takes nothing back.")
        }
        return reply(
            StopReportView(
                stops: gate.stops, stop: report.stop, killed: report.killed, sending: report.sending,
                warnings: warnings, weakness: boundary.weakness))
    }

    private func objection(to peer: Peer, on scope: Scope) -> String? {
        guard case .session(let session) = scope else { return kinship.objection(to: peer.person) }
        return kinship.objection(to: peer.person, on: session)
    }

    private func resume(_ order: StopOrder, _ peer: Peer) async throws(OperatorProblem) -> OperatorReply {
        // It would stop everything again at the next start, and somebody put it there.
        if order.scope == .everything, let path = stopFile() { throw .stopFilePresent(path) }
        let decision = Decision(by: peer.person, at: now(), reason: order.reason)
        do throws(ResumeFailure) {
            let resumption = try await gate.resume(order.scope, by: decision)
            for hold in resumption.immediate { sendNow(hold) }
            return reply(
                StopReportView(
                    stops: resumption.remaining, stop: resumption.lifted,
                    warnings: resumption.failure.map { [Self.warning($0)] } ?? [], weakness: boundary.weakness))
        } catch {
            switch error {
            case .notStopped(let stops): throw .notStopped(order.scope, stops)
            case .stoppedAgain: throw .stoppedAgain(order.scope)
            case .journal(let reason): throw .journalDown(reason: reason)
            }
        }
    }

    private func reply(_ report: StopReportView) -> OperatorReply { .ok(JSONWriter.object(report.write)) }

    private static let unsaved =
        "The store does not have this yet: a gate that is started again now does not know of it. It is tried again every "
        + "second; until then a file `kill` in the state directory stops a gate that is started."

    private static func warning(_ failure: GateFailure) -> String {
        switch failure {
        case .storeDown(let reason): "\(unsaved) (\(reason))"
        case .journalDown(let reason): "The journal could not be written (\(reason)); it is written when it can be."
        case .blocked, .killed, .frozen, .full, .idempotencyConflict, .notReadWhole: "\(failure)"
        }
    }
}
