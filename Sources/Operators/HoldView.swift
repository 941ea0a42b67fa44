package import Calls
import Holds
import JSON

/// One hold as operators see it: what the API says, what `--json` prints, what screens are made from.
///
/// Every text that came from a call is `VisibleText` already, and nothing secret is in it.
package struct HoldView: Hashable, Sendable {
    package let id: String
    package let digest: String
    package let state: String
    /// Where it stands, as a sentence that begins with the id: who decided and when, what became of it.
    package let standing: String
    /// What a person may do with it now: names of `DecisionAction`.
    package let steps: [String]

    package let created: String
    package let expires: String
    package let age: Interval
    /// Nil where time does not end it.
    package let timeLeft: Interval?
    package let session: String
    package let call: String
    /// The agent's connection is waiting for the decision.
    package let isAwaited: Bool

    package let method: String
    package let target: String
    package let bodyLength: Int
    package let principal: String
    package let summaries: [String]
    package let money: String?

    package let tier: Tier
    package let category: String?
    package let flags: [String]
    package let reason: String
    package let rules: [String]
    package let rulesDigest: String
    package let consequences: [String]
    package let approvers: [String]
    package let quorum: Int
    /// Who has approved so far, for which groups.
    package let votes: [VoteView]
    /// What an approval still needs, as the end of a sentence; nil where the next one is enough.
    package let missing: String?
    /// A decision counts only with the signature of a person's key.
    package let needsSignature: Bool
    /// Whether anything says who speaks for a group; where not, whoever may decide speaks for each.
    package let keepsGroups: Bool
    /// Who has taken it on.
    package let claim: ClaimView?
    /// What people have changed about it, one after the other.
    package let edits: [EditView]
    /// What the agent was asked, and what it said.
    package let questions: [QuestionView]

    package let decision: DecisionView?
    package let answer: AnswerView?
    /// Why it is uncertain, stale or killed.
    package let cause: String?
    /// What a person found out about an uncertain one.
    package let wasExecuted: Bool?
    /// The call itself; nil in lists.
    package let request: RequestView?
}

/// Who decided, when, and what was said.
package struct DecisionView: Hashable, Sendable {
    package let by: String
    package let uid: UInt32
    package let at: String
    package let reason: String?
    package let isImmediate: Bool
    /// Whose key signed it, and which.
    package let signer: String?
    package let key: String?
    /// What would be accepted: in words, and as a JSON Patch.
    package let suggestion: String?
    package let suggestedPatch: String?
}

/// One person's yes.
package struct VoteView: Hashable, Sendable {
    package let by: String
    package let at: String
    package let groups: [String]
    /// The key that it was signed with.
    package let key: String?
}

/// Who has taken a hold on, and when.
package struct ClaimView: Hashable, Sendable {
    package let by: String
    package let at: String
}

/// What a person asked the agent; the answer is its own claim.
package struct QuestionView: Hashable, Sendable {
    package let by: String
    package let at: String
    package let text: String
    package let answer: String?
}

/// What the upstream said, and where that is.
package struct AnswerView: Hashable, Sendable {
    package let status: Int
    package let delivery: String
}

extension HoldView {
    init(
        _ hold: Hold, isAwaited: Bool, now: Timestamp, keepsGroups: Bool = false, request: RequestView? = nil
    ) {
        let facts = hold.facts
        let parts = hold.state.parts
        id = hold.id.description
        digest = hold.digest.description
        state = hold.state.name
        standing = hold.standing(at: now)
        steps = hold.steps(at: now)
        created = hold.created.description
        expires = hold.expires.description
        age = max(Interval(milliseconds: 0), now - hold.created)
        timeLeft = hold.state.canExpire ? max(Interval(milliseconds: 0), hold.expires - now) : nil
        session = VisibleText.show(hold.session.description)
        call = hold.call.description
        self.isAwaited = isAwaited
        method = VisibleText.show(facts.method)
        target = VisibleText.show(facts.target, limit: RequestView.valueLimit)
        bodyLength = facts.bodyLength
        principal = VisibleText.show(facts.principal)
        summaries = facts.summaries.map { VisibleText.show($0, limit: RequestView.valueLimit) }
        tier = facts.tier
        category = facts.category?.rawValue
        flags = facts.flags.map(\.rawValue)
        reason = VisibleText.show(facts.reason, limit: RequestView.valueLimit)
        money = Consequence.money(in: summaries + [reason])
        rules = facts.rules
        rulesDigest = facts.rulesDigest
        consequences = Consequence.sentences(tier: facts.tier, category: facts.category, flags: facts.flags)
        approvers = facts.terms.approvers
        quorum = facts.terms.quorum
        votes = hold.deliberation.votes.map(VoteView.init)
        let isOpen = hold.state.isUndecided && now < hold.expires
        missing = isOpen && hold.needsSeveral ? hold.missing : nil
        needsSignature = facts.terms.needsSignature
        self.keepsGroups = keepsGroups
        claim = hold.deliberation.claim.map { ClaimView(by: $0.by.name, at: $0.at.description) }
        questions = hold.deliberation.questions.map(QuestionView.init)
        edits = hold.deliberation.edits.map(EditView.init)
        decision = parts.decision.map(DecisionView.init)
        answer = parts.answer.map { AnswerView(status: $0.status, delivery: $0.delivery.rawValue) }
        cause = parts.cause.map { VisibleText.show($0) }
        wasExecuted = parts.wasExecuted
        self.request = request
    }
}

extension DecisionView {
    fileprivate init(_ decision: Decision) {
        by = decision.by.name
        uid = decision.by.uid
        at = decision.at.description
        reason = decision.reason.map { VisibleText.show($0) }
        isImmediate = decision.isImmediate
        signer = decision.signature?.signer
        key = decision.signature?.key
        suggestion = decision.suggestion?.text.map { VisibleText.show($0) }
        suggestedPatch = decision.suggestion?.patch.map { VisibleText.show($0, limit: RequestView.valueLimit) }
    }
}

extension VoteView {
    fileprivate init(_ vote: Deliberation.Vote) {
        by = vote.decision.person
        at = vote.decision.at.description
        groups = vote.groups
        key = vote.decision.signature?.key
    }
}

extension QuestionView {
    fileprivate init(_ question: Deliberation.Question) {
        by = question.by.name
        at = question.at.description
        text = VisibleText.show(question.text, limit: RequestView.valueLimit)
        answer = question.answer.map { VisibleText.show($0, limit: RequestView.valueLimit) }
    }
}

extension HoldState {
    fileprivate var parts: (decision: Decision?, answer: Answer?, cause: String?, wasExecuted: Bool?) {
        switch self {
        case .pending, .expired, .withdrawn: (nil, nil, nil, nil)
        case .approved(let decision), .rejected(let decision), .sending(let decision): (decision, nil, nil, nil)
        case .done(let answer): (answer.decision, answer, nil, nil)
        case .uncertain(let cause), .stale(let cause), .killed(let cause): (nil, nil, cause, nil)
        case .resolved(let resolution): (resolution.decision, nil, nil, resolution.wasExecuted)
        }
    }
}

extension Hold {
    /// What an approval still needs: `1 more of finance and 2 more of platform agree`.
    var missing: String {
        let terms = facts.terms
        guard !terms.approvers.isEmpty else { return "\(terms.quorum - deliberation.votes.count) more agree" }
        let open = terms.approvers.map { ($0, terms.quorum - deliberation.count(of: $0)) }.filter { $0.1 > 0 }
        return open.map { "\($0.1) more of \($0.0)" }.joined(separator: " and ") + " agree"
    }

    /// Whether one person cannot be enough.
    fileprivate var needsSeveral: Bool {
        facts.terms.quorum > 1 || facts.terms.approvers.count > 1 || !deliberation.votes.isEmpty
    }

    fileprivate func steps(at now: Timestamp) -> [String] {
        switch state {
        case .pending, .stale: now < expires ? DecisionAction.ofUndecided.map(\.rawValue) : []
        case .rejected: ["reopen"]
        case .uncertain: ["resolve"]
        case .approved, .expired, .killed, .withdrawn, .sending, .done, .resolved: []
        }
    }

    /// Goes on after the id.
    fileprivate func standing(at now: Timestamp) -> String {
        switch state {
        case .pending:
            now < expires
                ? deliberation.votes.isEmpty ? "waits for a decision." : "waits until \(missing)."
                : "can be decided no more: its time ended at \(expires)."
        case .approved(let decision): "was approved by \(decision.told), and is not sent yet."
        case .rejected(let decision): "was rejected by \(decision.told)."
        case .expired: "was not sent: its time ended at \(expires)."
        case .withdrawn: "was taken back by the agent, and not sent."
        case .killed(let cause): "was ended by the kill switch, and not sent: \(VisibleText.show(cause))."
        case .sending(let decision): "was approved by \(decision.told), and is being sent."
        case .done(let answer): "was approved by \(answer.decision.told); \(answer.told)."
        case .uncertain(let cause): "was sent, and nobody knows whether it was carried out: \(cause)."
        case .resolved(let found):
            "was resolved by \(found.decision.told): \(found.wasExecuted ? "executed" : "not executed")."
        case .stale: "was approved, has changed since, and waits for a decision again."
        }
    }
}

extension Decision {
    fileprivate var told: String { "\(person) at \(at)" }
}

extension Answer {
    fileprivate var told: String {
        switch delivery {
        case .kept: "the upstream answered \(status), kept until the agent asks again"
        case .delivered: "the upstream answered \(status), and the agent has it"
        case .lost: "the upstream answered \(status), too large to keep for an agent that had left"
        }
    }
}
