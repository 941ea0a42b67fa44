import Calls
import Crypto
import Holds
import JSON
import Testing

@testable import Stores

/// U+FDD0, which a literal cannot spell.
private let noncharacter = String(decoding: [0xEF, 0xB7, 0x90] as [UInt8], as: UTF8.self)

private let plain = Decision(by: Operator(uid: 0, name: "root"), at: Timestamp(milliseconds: -1))
private let everyState: [HoldState] = [
    .pending, .expired, .approved(Sample.decision), .rejected(plain), .sending(Sample.decision),
    .done(Answer(status: 200, delivery: .kept, decision: Sample.decision)),
    .done(Answer(status: 500, delivery: .lost, decision: Sample.decision)),
    .uncertain(cause: "reset \u{0} \" \\ \u{1F600}"), .stale(cause: ""),
    .killed(cause: "everything was killed by ada"), .withdrawn,
    .approved(
        Decision(
            by: Operator(uid: 0, name: "root"), at: Timestamp(milliseconds: 1),
            signature: Decision.Signature(signer: "ada", key: "SHA256:x"))),
    .resolved(Resolution(decision: plain, wasExecuted: true, isTold: true)),
    .resolved(Resolution(decision: Sample.decision, wasExecuted: false)),
]

struct HoldRowTests {
    @Test("every state comes back as it was", arguments: everyState)
    func states(state: HoldState) throws {
        let detail = try JSONDocument.parse(Array(state.detail.utf8)).root
        #expect(HoldState(name: state.name, detail: detail) == state)
        #expect(HoldState.names.contains(state.name))
    }

    @Test(
        "facts come back as they were, whatever text is in them",
        arguments: [
            "", "\u{0}\u{1}\u{1F}", "\u{FFFD}\u{10FFFD}" + noncharacter, "é e\u{301}", "\"\\/\u{2028}",
            String(repeating: "x", count: 100_000),
        ])
    func facts(summary: String) throws {
        let facts = Sample.facts(summary: summary)
        let back = try #require(Hold.Facts(try JSONDocument.parse(Array(facts.json.utf8)).root))
        #expect(back.json == facts.json)
        #expect(back.summaries.map { Array($0.utf8) } == [Array(summary.utf8)])
    }

    @Test("terms come back as they were; what an older version did not write is as it was then")
    func terms() throws {
        let terms = Terms(
            approvers: ["finance", "platform"], quorum: 3, decideWithin: .minutes(30), escalateTo: ["leads"],
            onSilence: .kill, needsSignature: true, detached: .never, withdrawsOnDisconnect: true,
            observations: [.init(path: "/v1/charges/ch_1", fields: ["amount", "disputed"])],
            idempotency: "Idempotency-Key")
        let facts = Sample.facts(terms: terms)
        #expect(Hold.Facts(try JSONDocument.parse(Array(facts.json.utf8)).root)?.terms == terms)
        let old = Sample.facts(terms: Terms(approvers: ["finance"], quorum: 2))
        #expect(!old.json.contains("decide_within") && !old.json.contains("observe"))
        #expect(Hold.Facts(try JSONDocument.parse(Array(old.json.utf8)).root)?.terms == old.terms)
        for damage in [#""quorum":2,"on_silence":"x""#, #""quorum":2,"observe":[1]"#, #""quorum":2,"signed":1"#] {
            let text = old.json.replacing(#""quorum":2"#, with: damage)
            #expect(Hold.Facts(try JSONDocument.parse(Array(text.utf8)).root) == nil, "\(damage)")
        }
    }

    @Test("what people did comes back as it was, and anything else is damage")
    func deliberation() throws {
        let (ada, now) = (Sample.decision.by, Sample.now)
        var deliberation = Deliberation()
        #expect(deliberation.json == "{}")
        deliberation.add(.init(decision: Sample.decision, groups: ["finance", "platform"]))
        deliberation.take(.init(by: ada, at: now), at: now)
        deliberation.ask(.init(by: ada, at: now, text: "why?"))
        deliberation.answer("because \u{1}")
        deliberation.noteTold(escalated: 2, warned: 1)
        deliberation.noteUnheard()
        let digests = (SHA256.digest([1]), SHA256.digest([2]))
        let back = try #require(Deliberation(try JSONDocument.parse(Array(deliberation.json.utf8)).root))
        #expect(back == deliberation)
        deliberation.note(.init(by: ada, at: now, before: digests.0, after: digests.1, changes: ["amount: 5 became 4"]))
        #expect(deliberation.votes.isEmpty)
        #expect(Deliberation(try JSONDocument.parse(Array(deliberation.json.utf8)).root) == deliberation)
        for damage in [
            "[]", #"{"votes":[1]}"#, #"{"votes":{}}"#, #"{"claim":{}}"#, #"{"warned":"x"}"#, #"{"unheard":1}"#,
        ] {
            #expect(Deliberation(try JSONDocument.parse(Array(damage.utf8)).root) == nil, "\(damage)")
        }
    }
}
