import Calls
import Client
import Holds
import System
import Wire

/// What an agent is told instead of an upstream's answer.
///
/// `init` is the one place where failures become responses. The agent sees a stable code and what to do; the cause is
/// the journal's. How a status reaches a model through the usual clients was measured: a `503` with `Retry-After` makes
/// SDKs come back by themselves, a `423` without it makes them stop and raise the text, a `403` likewise. A class, because
/// every call under way has room for one.
final class Refusal {
    let status: Int
    /// For five of the usual clients the only text that reaches the model.
    let phrase: String
    let code: String
    let title: String
    /// A sentence or two for the model: what did not happen, why, what to do.
    let detail: String
    let hold: HoldID?
    let retryAfter: Int?
    /// Whether SDKs are told to stop trying.
    let isFinal: Bool
    /// What a person wants to know of the agent.
    let question: String?
    /// What would be accepted instead.
    let suggestion: Suggestion?
    /// What follows a message without a reading is not the next message.
    private(set) var closes = false
    let outcome: Outcome

    /// Seconds of the first `Retry-After`, and the longest one: above 120 the model SDKs stop retrying.
    static let retryAfter = (first: 5, longest: 60)
    /// From this attempt on the answer is 423: the SDK raises, and the text reaches the model.
    static let patience = 3

    @inline(never)
    convenience init(_ failure: CallFailure) {
        switch failure {
        case .malformed(let error):
            self.init(error.status, error.code, "Refused", error.description)
            closes = true
        case .incomplete(let error):
            self.init(408, "incomplete_request", "Incomplete request", "The request did not arrive whole: \(error).")
            closes = true
        case .bodyTooLarge(let limit):
            self.init(
                413, "body_too_large", "Body too large",
                "The body must be judged whole and is over \(limit >> 20) MiB (setting hold.body).")
        case .busy:
            self.init(
                503, "busy", "Too many large calls",
                "NOT EXECUTED: the gate has no memory for another body now. Send the identical request again.",
                retryAfter: 5)
        case .unproven(let missing):
            let what =
                switch missing {
                case .noToken: "came without an agent's token, and its account needs one"
                case .wrongToken: "came with a token that is no agent's of this gate"
                }
            self.init(
                407, "agent_unproven", "Agent not proved",
                "NOT EXECUTED: the request \(what). Whoever runs the gate makes a token with `tiergate agents add NAME`; "
                    + "the proxy's address is then http://NAME:TOKEN@HOST:PORT. Or the agent's account is named in the "
                    + "setting agents.accounts.", phrase: "Agent token needed - NOT executed")
        case .unspoken(let unspoken):
            self.init(unspoken)
            closes = true
        case .unanswered(let unanswered):
            self.init(unanswered)
        case .overLimit(let limit, let retryAfter):
            self.init(
                429, limit.code, "Too much at once",
                "NOT EXECUTED: \(limit.sentence) Then send the identical request again.",
                phrase: "Too much at once (\(limit.code)) - NOT executed", retryAfter: retryAfter)
        case .spool(let failure):
            self.init(
                503, "spool_unavailable", "Cannot judge this call now", "The body could not be put aside.",
                cause: "\(failure)")
        case .gate(let failure):
            self.init(failure)
        case .upstream(let failure):
            self.init(failure)
        case .permit(.killed(let stop)):
            self.init(.killed(stop))
        case .permit(.frozen(let stop)):
            self.init(.frozen(stop))
        case .permit(.expired):
            self.init(unsent: "connecting took too long")
        case .permit(.rulesChanged):
            self.init(unsent: "the rules changed while connecting")
        case .permit(.voided):
            self.init(unsent: "an operator stopped everything while connecting, and has resumed since")
        case .lostAfterSending(let cause, let hold):
            // A call that passed by itself can be read again or undone: its client may do as it does without a gate.
            let advice = hold == nil ? "" : " Do not repeat it before you have found out."
            self.init(
                502, "outcome_unknown", "Outcome unknown",
                "The request was sent and no complete answer came back (\(cause)): it MAY have been executed.\(advice)",
                hold: hold, isFinal: hold != nil, outcome: .uncertain(cause: cause))
        case .held(let hold, let attempt, let usual):
            if let question = hold.deliberation.openQuestion {
                self.init(asked: question, hold)
            } else {
                self.init(held: hold, attempt: attempt, usual: usual)
            }
        case .desk(let problem):
            self.init(problem)
        case .underWay(let hold, let attempt):
            self.init(
                hold, "under_way", "Being executed",
                "This call (\(hold.what)) was approved and is BEING EXECUTED as \(hold.id); its answer is not there yet. "
                    + "Send the identical request again later to collect the result; do not change it, and do not look "
                    + "for another way.", phrase: "Being executed \(hold.id) - ask again", attempt: attempt)
        case .frozen(let hold, let attempt):
            self.init(
                hold, "frozen", "Paused by an operator",
                "NOT EXECUTED. This call (\(hold.what)) is approved as \(hold.id), and an operator has paused everything but "
                    + "reading. Send the identical request again later to collect the result; do not change it, and do "
                    + "not look for another way.", phrase: "Paused by operator \(hold.id) - NOT executed",
                attempt: attempt)
        case .killed(let stop, let hold, let mayHaveLeft):
            self.init(killed: stop, hold, mayHaveLeft)
        case .unreadable(let hold, let reason):
            self.init(
                503, "hold_unreadable", "State unknown",
                "This call (\(hold.what)) is held as \(hold.id), and the gate cannot read how it stands now. Send the "
                    + "identical request again later; do not change it, and do not look for another way.",
                cause: reason,
                hold: hold.id, retryAfter: 30)
        case .rejected(let hold, let decision):
            self.init(rejected: hold, decision)
        case .expired(let hold):
            self.init(
                423, "expired", "Nobody decided in time",
                "NOT EXECUTED. This call (\(hold.what)) was held and nobody decided in time; that is not a rejection. "
                    + "Send the identical request again if it is still wanted.",
                phrase: "Expired \(hold.id) - NOT executed", hold: hold.id, isFinal: true,
                outcome: .parked(status: 423))
        case .withdrawn(let hold):
            self.init(
                423, "withdrawn", "Taken back",
                "NOT EXECUTED. This call (\(hold.what)) was taken back before anybody decided. Send the identical request "
                    + "again if it is still wanted; it will be held again.",
                phrase: "Taken back \(hold.id) - NOT executed", hold: hold.id, isFinal: true,
                outcome: .parked(status: 423))
        case .uncertain(let hold, let cause):
            self.init(
                423, "outcome_unknown", "Outcome unknown",
                "This call (\(hold.what)) was approved and sent, and no complete answer came back (\(cause)): it MAY "
                    + "have been executed. A person is finding out. Do not repeat it, and do not look for another way.",
                phrase: "Outcome unknown \(hold.id)", hold: hold.id, isFinal: true, outcome: .parked(status: 423))
        case .notExecuted(let hold):
            self.init(
                423, "not_executed", "Not executed",
                "NOT EXECUTED: a person found out that this call (\(hold.what)) was not carried out. Send the identical "
                    + "request again if it is still wanted; it will be held again.",
                phrase: "Not executed \(hold.id)", hold: hold.id, isFinal: true, outcome: .parked(status: 423))
        case .answerLost(let hold):
            self.init(
                423, "answer_lost", "Executed, answer lost",
                "EXECUTED ONCE: this call (\(hold.what)) was carried out; its answer is lost. "
                    + "Sending it again asks for a second execution.",
                phrase: "Executed \(hold.id) - answer lost", hold: hold.id, isFinal: true,
                outcome: .parked(status: 423))
        case .gone(let hold):
            self.init(
                499, "client_gone", "Client gone", "The call is held; the client hung up.", hold: hold.id,
                outcome: .parked(status: 499))
        }
    }

    private convenience init(_ failure: GateFailure) {
        switch failure {
        case .blocked(let reason):
            self.init(
                403, "blocked", "Blocked by a rule",
                "NOT EXECUTED. A rule forbids this call (\(Refusal.withoutSource(reason))). Nobody can approve it here; do not look for "
                    + "another way.", phrase: "Blocked by rule - NOT executed", isFinal: true)
        case .killed(let stop):
            // Calls that had left before are not this one: of them nobody says what became of them here.
            self.init(
                403, "killed", "Stopped by an operator",
                "NOT EXECUTED. \(stop.scope.told) stopped, and no call is let through, reading included; calls that were "
                    + "under way at that moment MAY have been executed. Only an operator can resume it, at the gate "
                    + "itself. Do not send this again, and do not look for another way.",
                phrase: "Stopped by operator - NOT executed", cause: stop.description, isFinal: true)
            closes = true
        case .frozen(let stop):
            self.init(
                503, "frozen", "Paused by an operator",
                "NOT EXECUTED. \(stop.scope.told) paused: reading passes, everything else waits until an operator resumes "
                    + "it. Send the identical request again later; do not change it, and do not look for another way.",
                phrase: "Paused by operator - NOT executed", cause: stop.description, retryAfter: 30)
        case .full(let limit, let value):
            self.init(
                503, "queue_full", "Too many calls are held",
                "NOT EXECUTED, and not queued: the limit \(limit) of \(value) is reached. Wait for decisions, then "
                    + "send the identical request again.", phrase: "Queue full - NOT executed", retryAfter: 30)
        case .idempotencyConflict(let hold):
            self.init(
                422, "idempotency_conflict", "Idempotency-Key used for another request",
                "NOT EXECUTED. The same Idempotency-Key belongs to the different request of hold \(hold). Use a new "
                    + "key for a new request.", hold: hold, isFinal: true)
        case .notReadWhole:
            self.init(
                503, "rules_changed", "Not sent",
                "NOT EXECUTED: the rules changed while the body was on its way. Send the identical request again.",
                retryAfter: 1)
        case .storeDown(let reason):
            self.init(
                503, "store_unavailable", "Calls cannot be held now",
                "NOT EXECUTED by this request: the call needs a person's approval, and the gate cannot hold it now. "
                    + Refusal.sentBefore, cause: reason, retryAfter: 30)
        case .journalDown(let reason):
            self.init(
                503, "journal_unavailable", "Calls cannot be recorded now",
                "NOT EXECUTED by this request: the gate cannot write its journal, and nothing passes unrecorded. "
                    + Refusal.sentBefore, cause: reason, retryAfter: 30)
        }
    }

    /// The call was refused before its hold was looked for: nobody may say here that it was never executed.
    private static let sentBefore =
        "The identical request may have been executed where it was sent before: send it again later to learn how it "
        + "stands, and do not look for another way."

    /// `rule a.b (/etc/…/x.yaml:3): tier 4` without the place in the file, which is the operator's to know.
    static func withoutSource(_ reason: String) -> String {
        guard let open = reason.firstRange(of: " ("), let close = reason.firstRange(of: "): "),
            open.upperBound < close.lowerBound
        else { return reason }
        return String(reason[..<open.lowerBound] + reason[reason.index(after: close.lowerBound)...])
    }

    private convenience init(_ failure: UpstreamFailure) {
        switch failure {
        case .unresolved(let host, let reason):
            self.init(502, "unresolved", "Upstream unknown", "The name \(host) has no address.", cause: reason)
        case .forbidden(let host, let address, let kind):
            self.init(
                403, "forbidden_address", "Upstream address forbidden",
                "\(host) leads to \(address) (\(kind)). If it is meant to, add the range to upstream.allow.",
                isFinal: true)
        case .loop(let name):
            self.init(508, "loop", "Loop", "\(name) is this gate itself.", isFinal: true)
        case .unreachable(_, .system(_, let code)) where IOError.isOutOfDescriptors(code):
            self.init(
                503, "busy", "Too many calls at once",
                "NOT EXECUTED: the gate has no room for another connection to an upstream now. Send the identical "
                    + "request again.", retryAfter: 5)
        case .unreachable(let name, let reason):
            self.init(
                502, "unreachable", "Upstream unreachable", "NOT EXECUTED: \(name) cannot be reached (\(reason)).")
        case .timedOut(let name, let phase):
            self.init(
                504, "unreachable", "Upstream unreachable",
                "NOT EXECUTED: \(name) cannot be reached: \(phase.description) in time (\(phase.setting)).")
        case .proxyRefused(let name, let proxy, let reason):
            self.init(
                502, "proxy_refused", "Proxy refused",
                "NOT EXECUTED: the proxy \(proxy) does not lead to \(name): \(reason).")
        case .untrusted(let name, let reason):
            self.init(
                502, "untrusted_upstream", "Upstream not trusted",
                "NOT EXECUTED: \(name) did not prove who it is: \(reason).", isFinal: true)
        }
    }

    private convenience init(unsent cause: String) {
        self.init(
            503, "permit_expired", "Not sent", "NOT EXECUTED: \(cause). Send the identical request again.",
            retryAfter: 1)
    }

    /// - Parameter mayHaveLeft: the call may be on its way for another connection.
    private convenience init(killed stop: Stop?, _ hold: Hold, _ mayHaveLeft: Bool) {
        let became = mayHaveLeft ? "It MAY have been executed." : "NOT EXECUTED."
        self.init(
            403, "killed", "Stopped by an operator",
            "\(became) This call (\(hold.what)) was held as \(hold.id) when an operator stopped it. Only an operator can "
                + "resume, at the gate itself. Do not send this again, and do not look for another way.",
            phrase: "Stopped by operator - \(mayHaveLeft ? "outcome unknown" : "NOT executed")",
            cause: stop?.description, hold: hold.id, isFinal: true, outcome: .parked(status: 403))
        closes = true
    }

    /// The agent is to come again: by itself at first, then only when it is told to.
    convenience init(
        _ hold: Hold, _ code: String, _ title: String, _ detail: String, phrase: String, attempt: Int
    ) {
        let isFinal = attempt >= Refusal.patience
        let seconds = min(Refusal.retryAfter.longest, Refusal.retryAfter.first * attempt * attempt)
        let status = hold.facts.terms.status ?? (isFinal ? 423 : 503)
        self.init(
            status, code, title, detail + EditNotice.sentence(of: hold), phrase: phrase, hold: hold.id,
            retryAfter: isFinal ? nil : seconds,
            isFinal: isFinal, outcome: .parked(status: status))
    }

    init(
        _ status: Int, _ code: String, _ title: String, _ detail: String, phrase: String? = nil, cause: String? = nil,
        hold: HoldID? = nil, retryAfter: Int? = nil, isFinal: Bool = false, question: String? = nil,
        suggestion: Suggestion? = nil, outcome: Outcome? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.phrase = phrase ?? title
        self.hold = hold
        self.retryAfter = retryAfter
        self.isFinal = isFinal
        self.question = question
        self.suggestion = suggestion
        self.outcome = outcome ?? .refused(code: code, status: status, cause: cause ?? detail)
    }
}

extension Hold {
    /// The call in a few words, for the agent that made it.
    var what: String { facts.summaries.first ?? "\(facts.method) \(facts.target)" }
}

extension Scope {
    /// In the agent's words; what else is behind the gate is not for it to know.
    fileprivate var told: String {
        switch self {
        case .everything: "Everything behind this gate is"
        case .agent: "This agent is"
        case .session: "This session is"
        }
    }
}
