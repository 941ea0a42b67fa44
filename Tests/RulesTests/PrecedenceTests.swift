import Calls
import JSON
import Testing

@testable import Rules

@Suite("RuleSet: what counts, and in which order nothing counts")
struct PrecedenceTests {
    private func judge(_ set: RuleSet, _ call: Call) -> Verdict { set.judge(call, at: Sample.now) }

    @Test("the strictest of the rules that match decides, and its obligations are asked for")
    func maximum() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: a, tier: 1, match: {host: x.test}}
                - {id: b, category: deletion, match: {host: x.test, method: DELETE}, approvers: [ops, dev], quorum: 2}
                - {id: c, tier: 4, match: {host: x.test, path: /danger/**}, approvers: [sec]}
                """))
        let read = judge(set, Sample.call("GET", "https://x.test/"))
        #expect(read.tier == .readOnly && read.disposition == .pass && read.matches.map(\.rule) == ["a"])
        let both = judge(set, Sample.call("DELETE", "https://x.test/danger/1"))
        #expect(both.tier == .irreversible && both.disposition == .hold && both.category == .deletion)
        #expect(both.matches.map(\.rule) == ["b", "c"])
        #expect(both.terms.approvers == ["dev", "ops", "sec"] && both.terms.quorum == 2)
        #expect(both.reason == "rule b (rules/test.yaml:7): category deletion, and 1 more")
    }

    @Test("a fallback speaks where nothing claims, the default where no fallback does either")
    func fallbacks() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: known, tier: 2, match: {host: x.test, method: DELETE}}
                - {id: any.delete, kind: fallback, category: deletion, match: {method: DELETE}}
                """))
        #expect(judge(set, Sample.call("DELETE", "https://x.test/")).tier == .reversible)
        #expect(judge(set, Sample.call("DELETE", "https://y.test/")).matches.map(\.rule) == ["any.delete"])
        let unmatched = judge(set, Sample.call("GET", "https://y.test/p?key=secret"))
        #expect(unmatched.tier == .external && unmatched.disposition == .hold && unmatched.matches.isEmpty)
        #expect(unmatched.reason == "no rule speaks for GET y.test/p: such calls are tier 3, external")
        #expect(unmatched.summaries == ["GET y.test/p"])
    }

    @Test("the default is the strictest that the site's packs declare")
    func unmatched() throws {
        let rule = "- {id: ID, tier: 1, match: {host: x.test}}"
        let one = Sample.source(
            rule.replacing("ID", with: "one"), pack: "one", head: "defaults: {unmatched: 2, approvers: [a], quorum: 2}")
        let two = Sample.source(
            rule.replacing("ID", with: "two"), pack: "two", head: "defaults: {unmatched: irreversible}")
        let call = Sample.call("GET", "https://y.test/")
        let single = judge(try Sample.set(one), call)
        #expect(single.tier == .reversible && single.terms.approvers == ["a"] && single.terms.quorum == 2)
        #expect(judge(try Sample.set(one, two), call).tier == .irreversible)
    }

    @Test("outside its hosts a pack can raise, and silences nothing")
    func hosts() throws {
        let own = Sample.source("- {id: any.get, kind: fallback, tier: 2, match: {method: GET}}", pack: "own")
        let vendor = Sample.source(
            """
            - {id: v.read, tier: 1, match: {host: "*", method: GET}}
            - {id: v.raise, tier: 4, match: {host: "*", path: /raise}}
            """, pack: "vendor", head: "hosts: ['*.v.test']")
        let set = try Sample.set(own, vendor)
        #expect(judge(set, Sample.call("GET", "https://api.v.test/")).tier == .readOnly)
        #expect(judge(set, Sample.call("GET", "https://other.test/")).tier == .reversible)
        #expect(judge(set, Sample.call("GET", "https://other.test/raise")).tier == .irreversible)
        let alone = try Sample.set(vendor)
        #expect(judge(alone, Sample.call("GET", "https://other.test/")).tier == .external)
    }

    @Test("an exception takes out what it names, and is in the verdict with its reason")
    func exceptions() throws {
        let rules = """
            - {id: delete, category: deletion, match: {host: x.test, method: DELETE}}
            - id: scratch
              tier: 2
              match: {host: x.test, method: DELETE, path: /scratch/**}
              supersedes: [delete]
              reason: rebuilt nightly
              until: UNTIL
            """
        let call = Sample.call("DELETE", "https://x.test/scratch/1")
        let live = judge(try Sample.set(Sample.source(rules.replacing("UNTIL", with: "2030-01-01"))), call)
        #expect(live.tier == .reversible && live.matches.map(\.rule) == ["scratch"])
        #expect(
            live.supersedings == [
                Verdict.Superseding(
                    rule: "scratch", superseded: "delete", from: .irreversible, to: .reversible,
                    reason: "rebuilt nightly")
            ])
        let ended = judge(try Sample.set(Sample.source(rules.replacing("UNTIL", with: "2020-01-01"))), call)
        #expect(ended.tier == .irreversible && ended.supersedings.isEmpty)
    }

    @Test("an exception that is itself taken out takes nothing out")
    func chains() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: a, tier: 4, match: {host: x.test}}
                - {id: b, tier: 1, match: {host: x.test}, supersedes: [a], reason: r}
                - {id: c, tier: 2, match: {host: x.test}, supersedes: [b], reason: r}
                """))
        let verdict = judge(set, Sample.call("GET", "https://x.test/"))
        #expect(verdict.tier == .irreversible && verdict.matches.map(\.rule) == ["a"])
        #expect(verdict.supersedings.map(\.superseded) == ["b"])
    }

    @Test("a rule that fails takes its highest tier, supersedes nothing and claims nothing")
    func failures() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: pay, match: {host: x.test}, money: {minor: body.amount, currency: "'usd'"}, approvers: [finance]}
                - {id: strict, tier: 4, match: {host: x.test}, approvers: [strict]}
                - id: small
                  match: {host: x.test}
                  money: {minor: body.amount, currency: "'usd'"}
                  supersedes: [strict, pay]
                  reason: r
                - {id: fall, kind: fallback, tier: 4, match: {}, approvers: [fall]}
                """))
        let known = judge(set, Sample.call("POST", "https://x.test/", document: Sample.form("amount=5")))
        #expect(known.tier == .external && known.matches.map(\.rule) == ["small"] && known.matches[0].failure == nil)
        let unknown = judge(set, Sample.call("POST", "https://x.test/"))
        #expect(
            unknown.tier == .irreversible
                && unknown.matches.map(\.rule) == ["pay", "small", "strict"])
        #expect(unknown.matches.compactMap(\.failure) == ["missing_field: body.amount", "missing_field: body.amount"])
    }

    @Test("if every rule that speaks has failed, fallbacks and the default count too")
    func failuresAlone() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: pay, match: {host: x.test}, money: {minor: body.amount, currency: "'usd'"}}
                - {id: fall, kind: fallback, category: privilege, match: {}, approvers: [fall]}
                """))
        let verdict = judge(set, Sample.call("POST", "https://x.test/"))
        #expect(verdict.matches.map(\.rule) == ["fall", "pay"] && verdict.terms.approvers == ["fall"])
        #expect(verdict.reason == "fallback rule fall (rules/test.yaml:7): category privilege, and 1 more")
    }

    @Test("blocking ranks above every tier, and can be superseded like any rule")
    func blocks() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: all, tier: 4, match: {host: x.test}, approvers: [ops]}
                - {id: no, title: Never this, block: true, match: {host: x.test, path: /no/**}}
                - {id: but, tier: 1, match: {host: x.test, path: /no/but}, supersedes: [no, all], reason: r}
                """))
        let refused = judge(set, Sample.call("GET", "https://x.test/no/x"))
        #expect(
            refused.disposition == .refuse && refused.tier == .irreversible && refused.matches.map(\.rule) == ["no"])
        #expect(refused.reason == "rule no (rules/test.yaml:7): blocked, Never this")
        #expect(judge(set, Sample.call("GET", "https://x.test/no/but")).disposition == .pass)
        #expect(judge(set, Sample.call("GET", "https://x.test/yes")).disposition == .hold)
    }

    @Test("a shadow rule is told apart and counts for nothing")
    func shadows() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: read, tier: 1, match: {host: x.test}}
                - {id: trial, tier: 4, match: {host: x.test, path: /p}, supersedes: [read], reason: r, shadow: true}
                """))
        let call = Sample.call("GET", "https://x.test/p")
        #expect(judge(set, call).tier == .readOnly)
        #expect(set.shadows(call, at: Sample.now).map(\.rule) == ["trial"])
        #expect(set.shadows(Sample.call("GET", "https://x.test/q"), at: Sample.now).isEmpty)
    }

    @Test("the strictest operation of a call decides")
    func operations() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: read, tier: 1, match: {host: iam.test, aws: {service: iam, action: [List*, Get*]}}}
                - {id: keys, category: privilege, match: {host: iam.test, aws: {service: iam, action: "*AccessKey"}}}
                """))
        func tier(_ actions: String...) -> Tier {
            let operations = actions.map { Operation.aws(service: "iam", action: Text($0)) }
            return judge(set, Sample.call("POST", "https://iam.test/", operations: operations)).tier
        }
        #expect(tier("ListUsers") == .readOnly)
        #expect(tier("createaccesskey") == .irreversible)
        #expect(tier("ListUsers", "CreateAccessKey") == .irreversible)
        #expect(tier("ListUsers", "PassRole") == .external)
        let many = (0...RuleSet.operationLimit).map { _ in Operation.aws(service: "iam", action: "ListUsers") }
        #expect(judge(set, Sample.call("POST", "https://iam.test/", operations: many)).tier == .irreversible)
        #expect(judge(set, Sample.call("POST", "https://iam.test/", operations: many.dropLast())).tier == .readOnly)
    }

    @Test(
        "money up to the threshold is tier 3, anything else tier 4",
        arguments: [
            ("amount=10000&currency=usd", Tier.external, nil), ("amount=10001&currency=usd", .irreversible, nil),
            ("amount=0&currency=USD", .external, nil), ("amount=100&currency=eur", .irreversible, nil),
            ("amount=100&currency=zzz", .irreversible, nil), ("amount=100", .external, nil),
            ("currency=usd", .irreversible, "missing_field: body.amount"),
            ("amount=100&amount=900000&currency=usd", .irreversible, "repeated_name: body.amount"),
            ("amount=-5&currency=usd", .irreversible, "bad_amount: body.amount is not a plain decimal number"),
            ("amount=0xDB&currency=usd", .irreversible, "bad_amount: body.amount is not a plain decimal number"),
            ("amount=1e2&currency=usd", .irreversible, "bad_amount: body.amount is not a plain decimal number"),
            ("amount=1,000&currency=usd", .irreversible, "bad_amount: body.amount is not a plain decimal number"),
            ("amount=1.0&currency=usd", .irreversible, "bad_amount: body.amount is not a plain decimal number"),
            ("amount=007&currency=usd", .irreversible, "bad_amount: body.amount is not a plain decimal number"),
            ("amount=%201&currency=usd", .irreversible, "bad_amount: body.amount is not a plain decimal number"),
            (
                "amount=99999999999999999999999&currency=usd", .irreversible,
                "bad_amount: body.amount is not a plain decimal number"
            ),
        ] as [(String, Tier, String?)])
    func money(form: String, tier: Tier, failure: String?) throws {
        let set = try Sample.set(
            Sample.source(
                """
                - id: pay
                  match: {host: x.test}
                  money: {minor: body.amount, currency: body.?currency.orValue('usd')}
                  summary: "Pay {{ money(body.amount, body.?currency.orValue('usd')) }}"
                """))
        let verdict = judge(set, Sample.call("POST", "https://x.test/", document: Sample.form(form)))
        #expect(verdict.tier == tier && verdict.category == .financial)
        #expect(verdict.matches.map(\.failure) == [failure])
        if failure != nil {
            #expect(verdict.summaries == ["Pay ?money(body.amount, body.?currency.orValue('usd'))"])
        }
    }
}
