import Calls
import JSON
import Testing

@testable import Rules

@Suite("Crowd: many conditions on one route, found by the value they ask for")
struct CrowdTests {
    private static let conditions = [
        "body.a == 'x1'", "body.a == 'x2'", "body.a == 5", "body.a == true", "body.a > 3", "body.a >= 3 && body.a < 7",
        "body.a < 0", "3 < body.a", "body.a == 'x1' && body.b == 2", "body.a > 9 && body.a < 2", "body.b > 1",
        "body.a != 'x1'", "body.a in ['x1', 'x2']", "has(body.a)", "body.a < -9223372036854775807 && body.c",
        "body.a <= 7 && body.a >= 7 && body.d == 1", "request.method == 'POST'", "params.p == 'v'",
    ]

    @Test("finds what asking every rule finds")
    func equivalence() throws {
        var random = SystemRandomNumberGenerator()
        let values = [
            "5", "7", "-1", "3.5", "1e2", "\"x1\"", "\"x2\"", "\"5\"", "true", "null", "{}", "[1]",
            "99999999999999999999",
        ]
        for round in 0..<12 {
            var rules = ["- {id: base, tier: 1, match: {host: x.test}}"]
            let count = round.isMultiple(of: 2) ? 120 : 20
            for number in 0..<count {
                let condition = Self.conditions.randomElement(using: &random) ?? ""
                let tier = Int.random(in: 2...4, using: &random)
                let extra = Int.random(in: 0..<8, using: &random) == 0 ? ", let: {v: body.b}" : ""
                rules.append(
                    "- {id: r\(number), tier: \(tier), match: {host: x.test, path: '/{p}'}, when: \"\(condition)\"\(extra)}"
                )
            }
            let set = try Sample.set(Sample.source(rules.joined(separator: "\n")))
            #expect(set.index.crowds.isEmpty == (count < 100))
            for _ in 0..<40 {
                var members = ["\"z\": 1"]
                if Int.random(in: 0..<6, using: &random) > 0 {
                    members.append("\"a\": \(values.randomElement(using: &random) ?? "1")")
                }
                if Bool.random(using: &random) {
                    members.append("\"b\": \(values.randomElement(using: &random) ?? "1")")
                }
                let call = Sample.call(
                    "POST", "https://x.test/v", document: try Sample.json("{\(members.joined(separator: ","))}"))
                let decision = set.decide(call, at: Sample.now)
                let (weight, winners) = linear(set, call)
                #expect(decision.weight == weight, "\(members)")
                #expect(
                    Set((0..<decision.winners.count).map { decision.winners[$0].candidate.rule }) == winners,
                    "\(members)")
            }
        }
    }

    /// Every rule by itself.
    private func linear(_ set: RuleSet, _ call: Call) -> (Int, Set<Int>) {
        var best = 1
        var winners: Set<Int> = []
        for number in set.rules.indices {
            let candidate = Candidate(order: 0, rule: number, path: 0)
            guard let member = set.member(candidate, set.traits[number], call, .http, Sample.now, .none, 0) else {
                continue
            }
            if Int(member.weight) > best { winners = [] }
            best = max(best, Int(member.weight))
            if Int(member.weight) == best { winners.insert(number) }
        }
        return (best, winners)
    }

    @Test("a value that is not there, or is no number, is an error for those that need one")
    func errors() throws {
        let rules = (0..<100).map {
            "- {id: r\($0), tier: 2, escalate: {4: 'body.b == 1'}, match: {host: x.test}, when: \"body.a > \($0)\"}"
        }
        let set = try Sample.set(
            Sample.source((["- {id: base, tier: 1, match: {host: x.test}}"] + rules).joined(separator: "\n")))
        #expect(set.index.crowds.count == 1)
        func judge(_ json: String) throws -> (Int, Int) {
            let decision = set.decide(
                Sample.call("POST", "https://x.test/", document: try Sample.json(json)), at: Sample.now)
            return (decision.weight, decision.winners.count)
        }
        #expect(try judge(#"{"a": 50, "b": 2}"#) == (2, 50))
        #expect(try judge(#"{"a": 0, "b": 2}"#) == (1, 1))
        #expect(try judge(#"{"b": 2}"#) == (4, 100))
        #expect(try judge(#"{"a": "50", "b": 2}"#) == (4, 100))
        #expect(try judge(#"{"a": 1.5, "b": 2}"#) == (2, 2))
    }
}
