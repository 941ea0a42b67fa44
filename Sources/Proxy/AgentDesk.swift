import Calls
import Holds
import JSON

/// Where an agent speaks with the gate itself: how its own holds stand, answers to what people ask, taking a call back, and
/// questions to people that are about no call.
///
/// A host that is answered here in every variant and is never connected to. Whose request it is says the connection it came
/// by, as for every call; another session's holds are not there.
struct AgentDesk {
    let services: Services

    static let host: Text = "tiergate.internal"

    static func url(of hold: HoldID) -> String { "http://\(host)/v1/holds/\(hold)" }

    @inline(never)
    func answer(_ call: Call, _ record: Record, to exchange: Exchange) async throws(CallFailure) -> Outcome {
        record.method = call.method.string
        record.target = Record.redacted(call.target)
        record.principal = call.principal
        if case .killed(let stop) = services.gate.standing(of: call.session) { throw .gate(.killed(stop)) }
        let hold = try await carryOut(AgentRequest(call), call, record)
        record.hold = hold.id
        let content = AgentHoldReport(hold, usual: services.gate.usualTime(of: hold)).bytes
        guard await exchange.answer(content) else { return .undelivered(status: 200, received: 0) }
        return .answered(status: 200, received: 0)
    }

    private func carryOut(
        _ request: AgentRequest, _ call: Call, _ record: Record
    ) async throws(CallFailure) -> Hold {
        let (gate, session) = (services.gate, call.session)
        switch request {
        case .look(let id):
            return try await found { () async throws(DecisionFailure) in try await gate.hold(id, of: session) }
        case .answer(let id, let text):
            return try await found { () async throws(DecisionFailure) in
                try await gate.answer(id, text, of: session)
            }
        case .withdraw(let id):
            return try await found { () async throws(DecisionFailure) in
                try await gate.withdraw(id, of: session)
            }
        case .review(let question):
            do throws(GateFailure) {
                return try await gate.review(call, verdict(on: question), record)
            } catch {
                throw .gate(error)
            }
        }
    }

    private func verdict(on question: String) -> Verdict {
        Verdict(
            tier: .external, disposition: .hold, summaries: ["Review: \(VisibleText.show(question, limit: 500))"],
            reason: "the agent asks people for a decision; nothing is sent after it", rulesDigest: services.rules.digest
        )
    }

    private func found(
        _ body: () async throws(DecisionFailure) -> Hold
    ) async throws(CallFailure) -> Hold {
        do throws(DecisionFailure) {
            return try await body()
        } catch {
            // It stands; nothing is sent until the journal can be written.
            if case .journal(let hold, _) = error { return hold }
            throw .desk(problem(error))
        }
    }

    private func problem(_ failure: DecisionFailure) -> DeskProblem {
        switch failure {
        case .unknown(let id): .noSuchHold(id.description)
        case .store(let failure): .storeDown(reason: "\(failure)")
        case .digestDiffers(let hold), .notPossible(let hold), .notEntitled(let hold), .votedAlready(let hold),
            .ownEdit(let hold), .tooFar(let hold, _), .full(let hold, _, _), .journal(let hold, _),
            .notDetached(let hold),
            .notSigned(let hold, _), .claimedAlready(let hold), .overtaken(let hold), .notLonger(let hold),
            .notEditable(let hold, _), .editBlocked(let hold, _):
            .notPossible(hold)
        }
    }
}
