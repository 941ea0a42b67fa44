import Calls
import JSON
import Testing

@testable import Rules

@Suite("Explanation and coverage: why a call is judged as it is, and what tests leave out")
struct ExplanationTests {
    private let source = Sample.source(
        """
        - id: pay
          match: {host: x.test}
          let: {amount: int(body.amount)}
          when: "body.kind == 'pay'"
          tier: 3
          escalate: {4: "amount > 100 && body.to != 'bob'"}
        - {id: base, tier: 1, match: {host: x.test}}
        - {id: fall, kind: fallback, tier: 3, match: {}}
        - {id: exception, tier: 2, match: {host: x.test, path: /free}, supersedes: [pay], reason: r}
        """)

    @Test("every rule that fits has its standing, every part of its conditions its value")
    func parts() throws {
        let set = try Sample.set(source)
        let call = Sample.call("POST", "https://x.test/", document: Sample.form("kind=pay&amount=101&to=eve"))
        let explanation = set.explain(call, at: Sample.now)
        #expect(explanation.entries.map(\.rule) == ["pay", "base", "fall"])
        #expect(explanation.entries.map(\.standing) == [.decides, .counts, .notNeeded])
        let pay = try #require(explanation.entries.first)
        #expect(pay.conditions.map(\.place) == ["let amount", "when", "escalate 4"])
        #expect(pay.conditions.map(\.holds) == [nil, true, true])
        let parts = pay.conditions[2].parts.map { "\($0.depth) \($0.source) = \($0.value)" }
        #expect(
            parts == [
                "0 amount > 100 && body.to != 'bob' = true", "1 amount > 100 = true", "2 amount = 101",
                "1 body.to != 'bob' = true", "2 body.to = eve",
            ])
    }

    @Test("what failed is shown where it failed")
    func failures() throws {
        let set = try Sample.set(source)
        let explanation = set.explain(
            Sample.call("POST", "https://x.test/free", document: Sample.form("kind=pay")), at: Sample.now)
        let pay = try #require(explanation.entries.first { $0.rule == "pay" })
        #expect(pay.standing == .superseded && pay.failure == "missing_field: body.amount")
        #expect(pay.conditions[0].parts.map(\.isError) == [true, true])
        #expect(explanation.entries.first { $0.rule == "exception" }?.standing == .decides)
    }

    @Test("coverage names rules that were never hit and conditions that went one way only")
    func coverage() throws {
        let set = try Sample.set(source)
        var coverage = Coverage()
        #expect(coverage.gaps(in: set).map(\.what) == ["never hit", "never hit", "never hit", "never hit"])
        for form in ["kind=pay&amount=101&to=eve", "kind=pay&amount=5&to=eve"] {
            coverage.note(
                set.explain(Sample.call("POST", "https://x.test/", document: Sample.form(form)), at: Sample.now))
        }
        #expect(
            coverage.gaps(in: set).map { "\($0.rule): \($0.what)" } == [
                "pay: when never false", "fall: never hit", "exception: never hit",
            ])
        coverage.note(
            set.explain(
                Sample.call("POST", "https://x.test/free", document: Sample.form("kind=x&amount=1")), at: Sample.now))
        coverage.note(set.explain(Sample.call("POST", "https://y.test/"), at: Sample.now))
        #expect(coverage.gaps(in: set).isEmpty)
        #expect(coverage.summary(of: set) == "4 of 4 rules hit")
    }

    @Test("tidying changes blanks and nothing else")
    func tidy() throws {
        let untidy = "tiergate: 1  \r\n\n\n# remark \npack: p\nversion: 1\nrules: []\n\n\n"
        let tidy = RuleFormat.tidy(RuleSource(path: "f", bytes: Array(untidy.utf8)))
        #expect(
            tidy.map { String(decoding: $0, as: UTF8.self) }
                == "tiergate: 1\n\n# remark\npack: p\nversion: 1\nrules: []\n")
        let block = "a: |\n  x\n\n\n  y\n"
        #expect(RuleFormat.tidy(RuleSource(path: "f", bytes: Array(block.utf8))) == nil)
        #expect(RuleFormat.tidy(RuleSource(path: "f", bytes: Array("a: [".utf8))) == nil)
    }

    @Test("the schema is JSON and knows every key")
    func schema() throws {
        let root = try JSONDocument.parse(RuleSchema.document).root
        let rule = try #require(root["properties"]?["rules"]?["items"]?["properties"])
        #expect(rule.members.map(\.key.string) == RuleSchema.ruleNames)
        #expect(root["additionalProperties"]?.bool == false)
    }
}
