import Calls
import Client
import Holds
import JSON
import System
import Testing
import Wire

@testable import Proxy

/// A hold as the tests of this module need one.
func sampleHold(_ state: HoldState = .pending, terms: Terms = Terms()) throws -> Hold {
    let digest = try #require(Digest([UInt8](repeating: 7, count: 32)))
    let facts = Hold.Facts(
        method: "POST", target: "https://api.stripe.com/v1/payouts", principal: "nobody", tier: .irreversible,
        category: .financial, flags: [], summaries: ["Pay out 25.00 USD"],
        reason: "rule stripe.payouts (x.yaml:1): tier 4",
        rules: ["stripe.payouts"], terms: terms, rulesDigest: "d", bodyLength: 3)
    return Hold(
        id: try #require(HoldID("h_000000000000")), session: SessionID("local"), call: CallID("c_x"), digest: digest,
        repeatKey: digest, idempotency: nil, created: Timestamp(milliseconds: 0), facts: facts,
        expires: Timestamp(milliseconds: 86_400_000), state: state)
}

let someone = Decision(
    by: Operator(uid: 1000, name: "grace"), at: Timestamp(milliseconds: 5), reason: "not today")

@Suite struct RefusalTests {
    @Test(
        "SDKs come back after the first answers, and stop and raise from the third on",
        arguments: [
            (1, 503, 5, false), (2, 503, 20, false), (3, 423, nil, true), (9, 423, nil, true),
        ] as [(Int, Int, Int?, Bool)])
    func patience(attempt: Int, status: Int, retryAfter: Int?, isFinal: Bool) throws {
        let refusal = Refusal(.held(try sampleHold(), attempt: attempt))
        #expect(refusal.status == status)
        #expect(refusal.retryAfter == retryAfter)
        #expect(refusal.fields(.problem).contains("x-should-retry") == isFinal)
        #expect(refusal.phrase == "Held for approval h_000000000000 - NOT executed")
        #expect(refusal.fields(.problem).text("tiergate-hold") == "h_000000000000")
    }

    @Test("no status is one that a client takes for success or repeats by itself without being asked")
    func statuses() throws {
        let hold = try sampleHold()
        let failures: [CallFailure] = [
            .rejected(hold, someone), .expired(hold), .uncertain(hold, cause: "reset"), .answerLost(hold),
            .lostAfterSending(cause: "reset", hold: hold.id), .gate(.blocked(reason: "r")),
            .gate(.idempotencyConflict(hold.id)),
        ]
        for failure in failures {
            let refusal = Refusal(failure)
            #expect(refusal.status >= 400 && ![408, 409, 425, 429, 500, 503, 504].contains(refusal.status))
            #expect(refusal.retryAfter == nil)
            #expect(refusal.isFinal)
        }
    }

    @Test(
        "what keeps a call from its upstream is told by a code, with the setting that a time comes from",
        arguments: UpstreamPhase.allCases.map { (UpstreamFailure.timedOut("api.test:443", $0), 504, "unreachable") } + [
            (.unresolved(host: "api.test", reason: "there is no such name"), 502, "unresolved"),
            (.forbidden(host: "api.test", address: "10.0.0.1", kind: "private"), 403, "forbidden_address"),
            (.loop("api.test:443"), 508, "loop"),
            (.unreachable("api.test:443", reason: .truncated), 502, "unreachable"),
            (.untrusted("api.test:443", reason: "r"), 502, "untrusted_upstream"),
            (.proxyRefused("api.test:443", proxy: "proxy.test:3128", reason: "r"), 502, "proxy_refused"),
        ])
    func upstreams(failure: UpstreamFailure, status: Int, code: String) {
        let refusal = Refusal(.upstream(failure))
        #expect(refusal.status == status && refusal.code == code)
        if case .timedOut(_, let phase) = failure { #expect(refusal.detail.contains(phase.setting)) }
        if case .proxyRefused = failure { #expect(refusal.detail.contains("proxy.test:3128")) }
    }

    @Test("only a held call's client is told to stop when its answer is lost", arguments: [true, false])
    func lost(isHeld: Bool) throws {
        let refusal = Refusal(.lostAfterSending(cause: "reset", hold: isHeld ? try sampleHold().id : nil))
        #expect(refusal.isFinal == isHeld)
        #expect(refusal.detail.contains("Do not repeat") == isHeld)
    }

    @Test("a rejection, time running out and nobody knowing are three different words") func words() throws {
        let hold = try sampleHold()
        let details = [
            Refusal(.rejected(hold, someone)).detail, Refusal(.expired(hold)).detail,
            Refusal(.uncertain(hold, cause: "reset")).detail,
        ]
        #expect(details[0].contains("rejected") && details[0].contains("not today"))
        #expect(details[1].contains("not a rejection"))
        #expect(details[2].contains("MAY have been executed") && !details[2].contains("NOT EXECUTED"))
    }

    @Test("one JSON body has what each SDK looks for") func body() throws {
        let refusal = Refusal(.held(try sampleHold(), attempt: 1))
        let body = try JSONDocument.parse(refusal.body(.problem)).root
        #expect(body["detail"]?.text == body["message"]?.text)
        #expect(body["error"]?["message"]?.text == body["message"]?.text)
        #expect(body["status"]?.integer == 503)
        #expect(body["code"]?.integer == 503)
        #expect(body["hold"]?.text == "h_000000000000")
    }

    @Test(
        "what people usually take is told in one unit, where it is known",
        arguments: [
            (nil, nil), (30_000, "less than a minute"), (60_000, "about 1 minute"), (260_000, "about 4 minutes"),
            (7_200_000, "about 2 hours"), (172_800_000, "about 2 days"),
        ] as [(Int64?, String?)])
    func usual(milliseconds: Int64?, told: String?) throws {
        let usual = milliseconds.map { Interval(milliseconds: $0) }
        let detail = Refusal(.held(try sampleHold(), attempt: 1, usual: usual)).detail
        #expect(detail.contains("People usually take \(told ?? "") for") == (told != nil), "\(detail)")
        #expect(detail.contains("It waits until 1970-01-02T00:00:00.000Z."))
    }

    @Test("a question comes to the model at once, with the way to answer it") func question() throws {
        let hold = try sampleHold()
        var deliberation = Deliberation()
        deliberation.ask(.init(by: someone.by, at: someone.at, text: "Which customer?"))
        let asked = Refusal(.held(hold.with(deliberation: deliberation), attempt: 1))
        #expect(asked.status == 423 && asked.isFinal && asked.retryAfter == nil && asked.code == "needs_information")
        #expect(asked.detail.contains("asks: Which customer? Answer with POST"))
        let body = try JSONDocument.parse(asked.body(.problem)).root
        #expect(body["question"]?.text == "Which customer?")
        #expect(body["hold_url"]?.text == "http://tiergate.internal/v1/holds/h_000000000000")
        deliberation.answer("Ann")
        #expect(Refusal(.held(hold.with(deliberation: deliberation), attempt: 1)).code == "held")
    }

    @Test("a rejection tells what would be accepted, in words and as a patch") func suggestion() throws {
        let patch = #"[{"op":"replace","path":"/amount","value":2000}]"#
        let decision = Decision(
            by: someone.by, at: someone.at, reason: "too much",
            suggestion: Suggestion(text: "at most 20 USD", patch: patch))
        let refusal = Refusal(.rejected(try sampleHold(), decision))
        #expect(refusal.detail.contains("Reason: too much. What would be accepted: at most 20 USD."))
        #expect(refusal.detail.contains(patch))
        let body = try JSONDocument.parse(refusal.body(.problem)).root
        #expect(body["suggestion"]?["text"]?.text == "at most 20 USD")
        #expect(body["suggestion"]?["patch"]?[0]?["value"]?.integer == 2000)
        #expect(
            try JSONDocument.parse(Refusal(.rejected(sampleHold(), someone)).body(.problem)).root["suggestion"] == nil)
    }

    @Test("a rule may say which status a call that waits is answered with", arguments: [1, 3])
    func ownStatus(attempt: Int) throws {
        let refusal = Refusal(.held(try sampleHold(terms: Terms(status: 409)), attempt: attempt))
        #expect(refusal.status == 409 && refusal.outcome == .parked(status: 409))
        #expect(Refusal(.rejected(try sampleHold(terms: Terms(status: 409)), someone)).status == 403)
    }

    @Test("a rejection is not spelled like a hold, for AWS's SDKs either") func awsRejection() throws {
        let text = String(decoding: Refusal(.rejected(try sampleHold(), someone)).body(.aws(.s3)), as: UTF8.self)
        #expect(text.contains("<Code>Rejected</Code>"))
        #expect(text.contains("Reason: not today. Do not"))
    }

    @Test("a message without a reading ends its connection, a held call does not") func closing() throws {
        #expect(Refusal(.malformed(.ambiguousLength)).closes)
        #expect(Refusal(.incomplete(.timedOut)).closes)
        #expect(!Refusal(.held(try sampleHold(), attempt: 1)).closes)
    }

    @Test(
        "an agent is told the rule, not where its file is",
        arguments: [
            ("rule a.b (/etc/tiergate/rules/x.yaml:3): tier 4", "rule a.b: tier 4"),
            ("no rule speaks for GET x", "no rule speaks for GET x"),
        ])
    func source(reason: String, told: String) { #expect(Refusal.withoutSource(reason) == told) }

    @Test(
        "a refusal from before the hold was looked for does not say that the call was never executed",
        arguments: [GateFailure.storeDown(reason: "locked"), .journalDown(reason: "disk full")])
    func beforeTheHold(failure: GateFailure) {
        let detail = Refusal(.gate(failure)).detail
        #expect(detail.hasPrefix("NOT EXECUTED by this request: "))
        #expect(detail.contains("may have been executed where it was sent before"))
        #expect(!Refusal(.gate(.full(limit: "hold.max_pending", value: 1))).detail.contains("sent before"))
    }

    @Test("who has proved nothing is told how to; the code and the phrase say it too", arguments: [true, false])
    func unproven(isWrong: Bool) throws {
        let refusal = Refusal(.unproven(isWrong ? .wrongToken : .noToken))
        #expect(refusal.status == 407 && refusal.code == "agent_unproven" && refusal.retryAfter == nil)
        #expect(refusal.fields(.problem).text("proxy-authenticate") == "Basic realm=\"tiergate\", charset=\"UTF-8\"")
        #expect(refusal.detail.contains("tiergate agents add NAME") && refusal.phrase.contains("NOT executed"))
        #expect(Refusal(.busy).fields(.problem).contains("proxy-authenticate") == false)
    }

    @Test(
        "a limit has its code, its setting and the time to wait",
        arguments: [
            (.connections(9), "connection_limit", "session.max_connections"),
            (.memory, "memory_limit", "session.max_body_memory"), (.rate(50), "rate_limit", "session.rate"),
            (.sessions, "session_limit", "as many agents as it can"),
        ] as [(SessionLimit, String, String)])
    func limits(limit: SessionLimit, code: String, part: String) {
        let refusal = Refusal(.overLimit(limit, retryAfter: 3))
        #expect(refusal.status == 429 && refusal.code == code && !refusal.isFinal)
        #expect(refusal.detail.contains(part) && refusal.detail.contains("NOT EXECUTED"))
        #expect(refusal.fields(.problem).text("retry-after") == "3")
    }

    @Test("no descriptor for an upstream is a busy gate, not an upstream that cannot be reached") func descriptors() {
        let full = Refusal(.upstream(.unreachable("api.test", reason: .system("socket", 24))))
        #expect(full.status == 503 && full.code == "busy" && full.retryAfter == 5)
        #expect(Refusal(.upstream(.unreachable("api.test", reason: .system("connect", 111)))).code == "unreachable")
    }

    @Test("the journal's cause stays in the journal") func causes() {
        let refusal = Refusal(.gate(.storeDown(reason: "/var/lib/tiergate/holds.db: disk full")))
        #expect(!refusal.detail.contains("/var/lib"))
        guard case .refused(_, _, let cause) = refusal.outcome else { Issue.record("no outcome"); return }
        #expect(cause.contains("/var/lib"))
    }
}
