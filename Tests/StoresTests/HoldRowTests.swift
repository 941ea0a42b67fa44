import Calls
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
    .killed(cause: "everything was killed by ada"),
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
}
