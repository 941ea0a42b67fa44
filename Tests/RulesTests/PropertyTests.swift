import Calls
import JSON
import Testing

@testable import Rules

/// Random packs over a small world, so that rules meet often.
private struct World {
    var random = SystemRandomNumberGenerator()

    mutating func pick(_ words: [String]) -> String { words.randomElement(using: &random) ?? "" }

    /// - Parameter hosts: what the pack speaks for; nil is a pack of the site.
    mutating func pack(_ name: String, hosts: String?, exceptions: Bool = true) -> RuleSource {
        var rules: [String] = []
        let count = Int.random(in: 1...6, using: &random)
        for number in 0..<count {
            var keys = ["id: \(name).\(number)"]
            var match = ["host: '\(pick(["*", "a.test", "b.test", "*.test"]))'"]
            if Bool.random(using: &random) { match.append("method: \(pick(["GET", "POST", "[GET, POST]"]))") }
            if Bool.random(using: &random) { match.append("path: \(pick(["/x", "'/{p}'", "/**", "/x/**"]))") }
            if Int.random(in: 0..<5, using: &random) == 0 { match.append("aws: {action: \(pick(["Get*", "PutX"]))}") }
            keys.append("match: {\(match.joined(separator: ", "))}")
            switch Int.random(in: 0..<8, using: &random) {
            case 0: keys.append("money: {minor: body.amount, currency: body.?currency.orValue('usd')}")
            case 1: keys.append("category: \(pick(["deletion", "privilege"]))")
            case 2: keys.append("block: true")
            default: keys.append("tier: \(pick(["1", "2", "3", "4"]))")
            }
            let isFallback = Int.random(in: 0..<4, using: &random) == 0
            if isFallback { keys.append("kind: fallback") }
            if exceptions, !isFallback, number > 0, Int.random(in: 0..<3, using: &random) == 0 {
                keys.append("supersedes: [\(name).\(Int.random(in: 0..<number, using: &random))], reason: r")
            }
            keys.append("approvers: [g\(number)]")
            rules.append("- {\(keys.joined(separator: ", "))}")
        }
        return Sample.source(rules.joined(separator: "\n"), pack: name, head: hosts.map { "hosts: ['\($0)']" } ?? "")
    }

    /// A pack that loads: exceptions may happen to name a fallback, which is an error.
    mutating func loadable(_ name: String, hosts: String?) -> RuleSource {
        let source = pack(name, hosts: hosts)
        return Sample.errors(source).isEmpty ? source : pack(name, hosts: hosts, exceptions: false)
    }

    mutating func call(hosts: [String] = ["a.test", "b.test", "c.test", "d.example"]) -> Call {
        let form = pick(["", "amount=5", "amount=999999", "amount=x", "amount=1&amount=2"])
        let operations: [Calls.Operation] =
            switch Int.random(in: 0..<3, using: &random) {
            case 0: [.aws(service: "s", action: Text(pick(["GetX", "PutX", "Run"])))]
            case 1: [.aws(service: "s", action: "GetX"), .http]
            default: []
            }
        return Sample.call(
            pick(["GET", "POST", "DELETE"]), "https://\(pick(hosts))\(pick(["/", "/x", "/y", "/x/z", "/x/"]))",
            document: form.isEmpty ? .none : Sample.form(form), operations: operations)
    }
}

@Suite("Rules as a whole: what no pack may break")
struct PropertyTests {
    private func weight(_ verdict: Verdict) -> Int { verdict.disposition == .refuse ? 5 : verdict.tier.rawValue }

    @Test("adding a pack with hosts lowers no call elsewhere")
    func vendorsLowerNothing() throws {
        var world = World()
        for _ in 0..<150 {
            let own = world.loadable("own", hosts: nil)
            let vendor = world.loadable("vendor", hosts: "a.test")
            let before = try Sample.set(own)
            let after = try Sample.set(own, vendor)
            for _ in 0..<30 {
                let call = world.call(hosts: ["b.test", "c.test", "d.example"])
                let (was, now) = (before.judge(call, at: Sample.now), after.judge(call, at: Sample.now))
                #expect(weight(was) <= weight(now), "\(was.reason) → \(now.reason)")
            }
        }
    }

    @Test("adding a pack that is not granted lowers no call at all")
    func ungrantedLowerNothing() throws {
        var world = World()
        for round in 0..<150 {
            let own = world.loadable("own", hosts: nil)
            let source = world.loadable("vendor", hosts: round.isMultiple(of: 2) ? "a.test" : nil)
            let vendor = RuleSource(path: source.path, bytes: source.bytes, standing: .ungranted)
            let before = try Sample.set(own)
            let after = try Sample.set(own, vendor)
            for _ in 0..<30 {
                let call = world.call()
                let (was, now) = (before.judge(call, at: Sample.now), after.judge(call, at: Sample.now))
                #expect(weight(was) <= weight(now), "\(was.reason) → \(now.reason)")
            }
        }
    }

    @Test("looking only as far as necessary finds what looking at everything finds")
    func earlyStop() throws {
        var world = World()
        for _ in 0..<150 {
            let set = try Sample.set(world.loadable("own", hosts: nil), world.loadable("vendor", hosts: "a.test"))
            for _ in 0..<30 {
                let call = world.call()
                let enough = set.decide(call, at: Sample.now)
                let all = set.decide(call, at: Sample.now, .exhaustive)
                #expect(enough.weight == all.weight && enough.isUnmatched == all.isUnmatched)
                #expect(Self.rules(enough) == Self.rules(all) && enough.supersedings == all.supersedings)
            }
        }
    }

    private static func rules(_ decision: borrowing Decision) -> Set<Int> {
        var rules: Set<Int> = []
        for place in 0..<decision.winners.count { rules.insert(decision.winners[place].candidate.rule) }
        return rules
    }

    @Test("the order of files and of rules means nothing")
    func order() throws {
        var world = World()
        for _ in 0..<100 {
            let (a, b) = (world.loadable("aa", hosts: nil), world.loadable("bb", hosts: "b.test"))
            let text = String(decoding: a.bytes, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let rules = lines.filter { $0.hasPrefix("  - ") }
            let shuffled = lines.filter { !$0.hasPrefix("  - ") && !$0.isEmpty } + rules.shuffled(using: &world.random)
            let moved = RuleSource(path: "rules/zz.yaml", bytes: Array((shuffled.joined(separator: "\n") + "\n").utf8))
            let (one, other) = (try Sample.set(a, b), try Sample.set(b, moved))
            for _ in 0..<20 {
                let call = world.call()
                let (x, y) = (one.judge(call, at: Sample.now), other.judge(call, at: Sample.now))
                #expect(x.tier == y.tier && x.disposition == y.disposition && x.category == y.category)
                #expect(x.matches.map(\.rule) == y.matches.map(\.rule) && x.terms.approvers == y.terms.approvers)
                #expect(Set(x.supersedings) == Set(y.supersedings) && x.summaries == y.summaries)
            }
        }
    }

    @Test("the head promises no less than the whole call turns out to be")
    func outlook() throws {
        var world = World()
        for _ in 0..<150 {
            let set = try Sample.set(world.loadable("own", hosts: nil), world.loadable("vendor", hosts: "a.test"))
            for _ in 0..<30 {
                let call = world.call()
                let outlook = set.outlook(method: call.method, target: call.target, fields: call.fields, at: Sample.now)
                let verdict = set.judge(call, at: Sample.now)
                #expect(verdict.tier <= outlook.highest, "\(verdict.reason)")
                if !outlook.needsBody {
                    let blind = Call(
                        id: call.id, session: call.session, method: call.method, target: call.target,
                        fields: call.fields,
                        body: .none, document: .opaque("not read"), operations: [], principal: .none)
                    #expect(set.judge(blind, at: Sample.now).tier == verdict.tier)
                }
            }
        }
    }

    @Test("a body that cannot be read never makes a call smaller")
    func unreadable() throws {
        var world = World()
        for _ in 0..<100 {
            let set = try Sample.set(world.loadable("own", hosts: nil))
            for _ in 0..<20 {
                let call = world.call()
                let blind = Call(
                    id: call.id, session: call.session, method: call.method, target: call.target, fields: call.fields,
                    body: call.body, document: .opaque("not read"), operations: call.operations, principal: .none)
                let (read, unread) = (set.judge(call, at: Sample.now), set.judge(blind, at: Sample.now))
                #expect(weight(read) <= weight(unread) || !read.supersedings.isEmpty || !unread.supersedings.isEmpty)
            }
        }
    }
}

@Suite("RuleTest: a call and what should come of it")
struct RuleTestTests {
    private func tests(_ lines: String) throws -> [RuleTest] {
        let text = """
            tiergate: 1
            pack: p
            version: 1
            rules: [{id: a, tier: 1, match: {}}]
            tests:
            \(lines)
            """
        let (set, found) = RuleSet.load(
            [RuleSource(path: "f.yaml", bytes: Array(text.utf8))], digest: "d", now: Sample.now)
        return try #require(set, "\(found.map(\.rendered))").tests
    }

    @Test("bodies are encoded as their kind says")
    func bodies() throws {
        let tests = try tests(
            #"""
              - call: {method: POST, url: "https://x/", form: {"a b": "c&d=é", n: [1, 2]}}
                expect: {tier: 1}
              - call: {method: POST, url: "https://x/", json: {n: 1, z: 007, b: true, s: "1", o: {x: [null, ~, 1.5]}, t: "a\"b"}}
                expect: {tier: 1}
              - call: {method: PUT, url: "https://x/", headers: {Content-Type: text/csv}, body: "1,2"}
                expect: {tier: 1}
              - call: {method: GET, url: "https://x/"}
                expect: {}
            """#)
        func body(_ number: Int) -> String? { tests[number].request.body.map { String(decoding: $0, as: UTF8.self) } }
        #expect(body(0) == "a%20b=c%26d%3D%C3%A9&n=1&n=2")
        #expect(tests[0].request.headers.map(\.value) == ["application/x-www-form-urlencoded"])
        #expect(body(1) == #"{"n":1,"z":"007","b":true,"s":"1","o":{"x":[null,"~",1.5]},"t":"a\"b"}"#)
        #expect(tests[1].request.headers.map(\.value) == ["application/json"])
        #expect(body(2) == "1,2" && tests[2].request.headers.map(\.value) == ["text/csv"])
        #expect(body(3) == nil && tests[3].request.headers.isEmpty)
        #expect(tests.map(\.source) == ["f.yaml:6", "f.yaml:8", "f.yaml:10", "f.yaml:12"])
    }

    @Test("what differs is said, each in a sentence")
    func mismatch() throws {
        let test = try #require(
            try tests(
                """
                  - call: {method: GET, url: "https://x/"}
                    expect: {tier: 4, category: deletion, disposition: hold, rules: [a], summary: Gone, approvers: [x], error: missing_field}
                """
            ).first)
        let wrong = Verdict(tier: .readOnly, disposition: .pass, summaries: ["Kept"], reason: "", rulesDigest: "")
        #expect(
            test.mismatch(with: wrong) == [
                "tier is 1, expected 4", "category is none, expected deletion", "disposition is pass, expected hold",
                "rules is [], expected [\"a\"]", "no summary \"Gone\" among [\"Kept\"]",
                "approvers is [], expected [\"x\"]", "no failure missing_field among []",
            ])
        let match = Verdict.Match(
            rule: "a", pack: "p", source: "f:1", tier: .irreversible, failure: "missing_field: body.x")
        let right = Verdict(
            tier: .irreversible, category: .deletion, disposition: .hold, matches: [match], summaries: ["Gone"],
            reason: "",
            terms: Terms(approvers: ["x"]), rulesDigest: "")
        #expect(test.mismatch(with: right) == [])
    }
}
