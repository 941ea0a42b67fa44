import Calls
import Holds
import JSON

/// One of an agent's holds as the agent is told of it: where it stands and what to do; nothing of who decides.
struct AgentHoldReport {
    private let hold: Hold
    private let usual: Interval?

    init(_ hold: Hold, usual: Interval?) {
        self.hold = hold
        self.usual = usual
    }

    var bytes: [UInt8] {
        JSONWriter.object { body in
            body.field("id", hold.id.description)
            body.field("state", hold.state.name)
            body.field("message", sentence)
            body.field("summary", hold.what)
            body.field("created", hold.created.description)
            body.field("expires", hold.expires.description)
            if let usual { body.field("usual_seconds", usual.milliseconds / 1000) }
            if hold.state.isUndecided, let question = hold.deliberation.openQuestion {
                body.field("question", question)
                body.field("answer_url", "\(AgentDesk.url(of: hold.id))/answer")
            }
            if let decision {
                body.object("decision") {
                    $0.field("approved", isApproved)
                    $0.field("reason", decision.reason)
                    if let suggestion = decision.suggestion { $0.object("suggestion", suggestion.write) }
                }
            }
        }
    }

    /// What a person said: of several the last; an approval is still known when its time is over.
    private var decision: Decision? {
        switch hold.state {
        case .approved(let decision), .rejected(let decision), .sending(let decision): decision
        case .done(let answer): answer.decision
        case .expired: hold.deliberation.satisfies(hold.facts.terms) ? hold.deliberation.votes.last?.decision : nil
        case .pending, .stale, .killed, .withdrawn, .uncertain, .resolved: nil
        }
    }

    private var isApproved: Bool { if case .rejected = hold.state { false } else { true } }

    private var sentence: String {
        switch hold.state {
        case .pending, .stale:
            hold.deliberation.isAsking ? "A person asks something; answer it." : "It waits for a person's decision."
        case .approved where hold.facts.isReview: "A person says yes."
        case .approved: "A person approved it. Send the identical request again now: it is sent then, once."
        case .rejected where hold.facts.isReview: "A person says no."
        case .rejected: "NOT EXECUTED. A person rejected it; do not send it again."
        case .sending: "It is being executed. Send the identical request again later to collect the result."
        case .done: "It was executed. The identical request collects the result once, if it has not been collected yet."
        case .expired where hold.facts.isReview && decision != nil: "A person said yes."
        case .expired: "NOT EXECUTED. Its time is over; that is not a rejection."
        case .withdrawn: "NOT EXECUTED. It was taken back."
        case .killed: "NOT EXECUTED. An operator stopped it."
        case .uncertain: "It MAY have been executed. A person is finding out; do not repeat it."
        case .resolved(let found):
            found.wasExecuted ? "It was executed; the answer is lost." : "NOT EXECUTED, as a person found out."
        }
    }
}
