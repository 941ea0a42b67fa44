import Calls
import Holds
import JSON
import System
import Wire

/// What people do about a hold over the socket: each step names the digest that they saw.
extension OperatorServer {
    func decide(
        _ action: DecisionAction, _ name: String, head: RequestHead, body: [UInt8], peer: Peer
    ) async throws(OperatorProblem) -> OperatorReply {
        if let objection = peer.objection { throw .ownCall(objection) }
        guard let id = HoldID(name) else {
            throw .wholeIDRequired(
                VisibleText.show(name, limit: 100), try await candidates(for: name).map { view($0) })
        }
        let order = try DecisionOrder(action, body, limits: limits)
        let digest = try precondition(head)
        let hold = try await found { () async throws(DecisionFailure) in try await gate.hold(id) }
        let signature = try await admit(peer, to: action, order, on: hold, digest)
        let decision = Decision(
            by: peer.person, at: now(), reason: order.reason, isImmediate: order.isImmediate,
            suggestion: order.suggestion, signature: signature)
        let entitlement = access.entitlement(
            of: peer, signingAs: signature?.signer, on: hold.facts.terms.approvers)
        // Asked before the decision, which wakes whoever waits.
        let isAwaited = gate.isAwaited(id)
        let receiver = try receiver(of: order, on: hold)
        let outcome = try await outcome(of: action, peer) { () async throws(DecisionFailure) in
            switch action {
            case .approve: try await gate.approve(id, digest: digest, decision: decision, as: entitlement)
            case .reject: try await gate.reject(id, digest: digest, decision: decision, as: entitlement)
            case .reopen: try await gate.reopen(id, digest: digest, decision: decision, as: entitlement)
            case .resolve:
                try await gate.resolve(
                    id, digest: digest, wasExecuted: order.wasExecuted, decision: decision, as: entitlement)
            case .claim: try await gate.claim(id, digest: digest, by: peer.person, as: entitlement)
            case .handover:
                try await gate.handOver(id, digest: digest, by: peer.person, to: receiver, as: entitlement)
            case .extend:
                try await gate.extend(
                    id, digest: digest, by: peer.person, until: now() + order.time, reason: order.reason,
                    as: entitlement)
            case .edit:
                try await gate.edit(
                    id, digest: digest, order.edit, by: peer.person, as: entitlement, describe: RequestView.changes)
            case .ask:
                try await gate.ask(
                    id, digest: digest, order.question ?? "", by: peer.person, as: entitlement)
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

    /// Whether this person may take the step; the signature, verified, where there is one.
    private func admit(
        _ peer: Peer, to action: DecisionAction, _ order: DecisionOrder, on hold: Hold, _ digest: Digest
    ) async throws(OperatorProblem) -> Decision.Signature? {
        if let objection = kinship.objection(to: peer.person, on: hold.session) { throw .ownCall(objection) }
        let approvers = hold.facts.terms.approvers
        let signer = order.signature.map { $0.signer ?? peer.person.name }
        guard access.mayDecide(peer, signingAs: signer, on: approvers) else {
            throw .notEntitled(
                name: peer.person.name,
                advice: access.advice(to: peer.person.name) + access.advice(to: peer.person.name, on: approvers))
        }
        guard let signed = order.signature, let signer else { return nil }
        return try await verify(signed, by: signer, action.words(order), order.reason, hold.id, digest, peer)
    }

    /// Whom it is handed to: somebody who may decide it, too.
    private func receiver(of order: DecisionOrder, on hold: Hold) throws(OperatorProblem) -> Operator? {
        guard let name = order.receiver else { return nil }
        let shown = VisibleText.show(name, limit: 100)
        guard let uid = Accounts.uid(named: name) else {
            throw .cannotReceive(view(hold), "There is no account \(shown) on this machine.")
        }
        let peer = Peer(
            person: Operator(uid: uid, name: Accounts.name(of: uid)), groups: Accounts.groups(of: uid))
        let approvers = hold.facts.terms.approvers
        guard access.mayDecide(peer, signingAs: nil, on: approvers),
            access.entitlement(of: peer, signingAs: nil, on: approvers).covers(approvers),
            kinship.objection(to: peer.person, on: hold.session) == nil
        else { throw .cannotReceive(view(hold), "\(shown) may not decide it.") }
        return peer.person
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
        case .approve where hold.facts.isReview: return "The agent is told so when it asks again; nothing is sent."
        case .approve where isAwaited: return "The agent is waiting: the call is sent now."
        case .approve where isImmediate:
            return "The call is sent now, without the agent; the answer is kept until it asks again."
        case .approve:
            return "Nobody is waiting: the agent's next identical call is sent, until \(hold.expires)."
        case .reject where hold.facts.isReview: return "The agent is told so, with your reason, when it asks again."
        case .reject: return "The identical call gets the same answer, with your reason, until the hold is reopened."
        case .reopen: return "It waits for a decision again, until \(hold.expires)."
        case .resolve where order.wasExecuted:
            return "The agent is told once that its call was executed and the answer is lost."
        case .resolve: return "The agent's next identical call is a new action, judged anew."
        case .claim: return "Others see that you look at it; `tiergate handover` gives it back."
        case .handover:
            return hold.deliberation.claim.map { "It is \($0.by.name)'s now." } ?? "Nobody has taken it on now."
        case .extend: return "It can be decided until \(hold.expires)."
        case .edit:
            return "It is judged anew, what was said before counts no more, and somebody else than you lets it go."
        case .ask:
            return
                "The agent is told so\(isAwaited ? " now" : " when it comes again"), and how to answer; it can be decided until "
                + "\(hold.expires)."
        }
    }

    // MARK: Failures of the gate, in this module's words

    func found<R>(_ body: () async throws(DecisionFailure) -> R) async throws(OperatorProblem) -> R {
        do throws(DecisionFailure) {
            return try await body()
        } catch {
            throw problem(error, "read", nil)
        }
    }

    private func outcome(
        of action: DecisionAction, _ peer: Peer, _ body: () async throws(DecisionFailure) -> Hold
    ) async throws(OperatorProblem) -> (hold: Hold, warning: String?) {
        do throws(DecisionFailure) {
            return (try await body(), nil)
        } catch {
            // The decision stands, and whoever is told that it failed would decide once more.
            if case .journal(let hold, let reason) = error {
                return (hold, "The journal could not be written (\(reason)); nothing is sent until it can.")
            }
            throw problem(error, action.rawValue, peer.person)
        }
    }

    private func problem(_ failure: DecisionFailure, _ action: String, _ person: Operator?) -> OperatorProblem {
        switch failure {
        case .unknown(let id): .unknownHold(id.description)
        case .digestDiffers(let hold): .digestDiffers(view(hold))
        case .notPossible(let hold), .journal(let hold, _): .notPossible(action: action, view(hold))
        case .notEntitled(let hold):
            .notOfGroup(
                hold.facts.terms.approvers, view(hold),
                advice: access.advice(to: person?.name ?? "NAME", on: hold.facts.terms.approvers))
        case .votedAlready(let hold): .votedAlready(view(hold), missing: hold.missing)
        case .notSigned(let hold, let isShared):
            .notSigned(view(hold), account: isShared ? person?.name ?? "it" : nil, canSign: signatures != nil)
        case .claimedAlready(let hold): .claimedAlready(view(hold))
        case .overtaken(let hold): .overtaken(action: action, view(hold))
        case .notLonger(let hold): .notLonger(view(hold))
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
