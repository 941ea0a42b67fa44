import Calls
import JSON
import Testing

@testable import Rules

@Suite("PackReader: a file is right, or every mistake in it is named")
struct PackReaderTests {
    /// One rule around the given line, as `- id: r` with a tier and a match.
    private func codes(_ line: String, tier: String? = "tier: 1", match: String? = "match: {host: x.test}")
        -> [Diagnostic]
    {
        let rule = (["- id: r", tier.map { "  \($0)" }, match.map { "  \($0)" }] as [String?]).compactMap { $0 }
        return Sample.errors(Sample.source((rule + ["  \(line)"]).joined(separator: "\n")))
    }

    @Test(
        "keys of a rule: what is right passes",
        arguments: [
            "title: What it does", "tags: [owasp.asi02]", "category: deletion", "kind: fallback", "approvers: [a, b]",
            "approvers: a", "quorum: 16", "block: true", "final: true", "shadow: true", "idempotency: Idempotency-Key",
            "escalate_to: [leads]", "on_silence: kill", "signed: true", "detached: never", "on_disconnect: withdraw",
            "until: 2030-01-01", "threshold: 5 EUR", "summary: plain", "reason: because",
            "money: {minor: body.a, currency: body.b}", "money: {major: body.a, currency: \"'usd'\"}",
        ])
    func right(line: String) {
        #expect(codes(line).map(\.rendered) == [])
    }

    @Test(
        "keys of a rule: what is wrong is named",
        arguments: [
            ("tier: 5", Diagnostic.Code.duplicateKey), ("colour: red", .unknownKey), ("category: delete", .badValue),
            ("kind: ordinary", .badValue), ("on_silence: pass", .badValue), ("detached: often", .badValue),
            ("on_disconnect: keep", .badValue), ("quorum: 0", .badValue), ("quorum: 17", .badValue),
            ("quorum: two", .badValue),
            ("block: yes", .badValue), ("approvers: [Ops Team]", .badName), ("approvers: []", .badValue),
            ("idempotency: \"a b\"", .badName), ("until: soon", .badValue), ("threshold: 100", .badValue),
            ("money: {currency: body.b}", .missingKey),
            ("money: {minor: body.a, major: body.a, currency: body.b}", .missingKey),
            ("money: {minor: body.a}", .missingKey), ("money: {minor: 'body.', currency: body.b}", .syntax),
            ("money: 5", .wrongKind), ("summary: \"{{ nothing }}\"", .unknownName), ("summary: [a]", .wrongKind),
            ("summary: \"{{ params.owner }}\"", .unknownField), ("supersedes: [r]", .reasonMissing),
            ("title:", .wrongKind),
            ("when: \"1\"", .notBool), ("let: [a]", .wrongKind), ("escalate: {4: a}", .unknownName),
            ("observe: {fields: [x]}", .missingKey), ("schema: x", .notInThisVersion),
            ("decide_within: soon", .badValue), ("decide_within: 0h", .badValue), ("detached: true", .badValue),
            ("notify: ['A B']", .badName),
        ])
    func wrong(line: String, code: Diagnostic.Code) {
        let found = codes(line)
        #expect(found.contains { $0.code == code }, "\(found.map(\.rendered))")
        #expect(found.allSatisfy { $0.rule == "r" || $0.code == .duplicateKey })
    }

    @Test(
        "match: what is wrong is named",
        arguments: [
            ("{hots: x}", Diagnostic.Code.unknownKey, "did you mean host?"), ("{host: 'https://x'}", .badHost, nil),
            ("{host: [x.test, 'a*.b']}", .badHost, nil), ("{path: v1/x}", .badPath, nil),
            ("{path: '/a/{b'}", .badPath, nil),
            ("{method: POTS}", .badMethod, "did you mean POST?"),
            ("{method: 'G T'}", .badMethod, "for example [GET, HEAD]"),
            ("{aws: {action: 'a*b'}}", .badAction, nil), ("{aws: {actions: [x]}}", .unknownKey, "did you mean action?"),
            ("{header: ['a b']}", .badName, nil), ("{query: {some: [a]}}", .unknownKey, nil),
            ("[host]", .wrongKind, nil),
            ("{content: x}", .unknownKey, nil), ("{mcp: {srver: x}}", .unknownKey, "did you mean server?"),
            ("{graphql: {field: x}, grpc: {method: y}}", .badValue, "make two rules"),
            ("{host: {a: b}}", .wrongKind, nil),
        ] as [(String, Diagnostic.Code, String?)])
    func match(text: String, code: Diagnostic.Code, help: String?) {
        let found = codes("title: t", match: "match: \(text)")
        #expect(found.map(\.code) == [code], "\(found.map(\.rendered))")
        if let help { #expect(found.first?.help == help) }
    }

    @Test("a rule must say how far it reaches, and what it matches")
    func reach() {
        #expect(codes("title: t", tier: nil).map(\.code) == [.noTier])
        #expect(codes("block: true", tier: nil).isEmpty)
        #expect(codes("category: deploy", tier: nil).isEmpty)
        #expect(codes("title: t", match: nil).map(\.code) == [.missingKey])
        #expect(
            codes("category: deploy\n  money: {minor: body.a, currency: body.b}").map(\.code) == [.moneyNotFinancial])
    }

    @Test(
        "the file around the rules",
        arguments: [
            ("tiergate: 2\npack: p\nversion: 1\nrules: [{id: a, tier: 1, match: {}}]", Diagnostic.Code.formatVersion),
            ("pack: p\nversion: 1\nrules: [{id: a, tier: 1, match: {}}]", .missingKey),
            ("tiergate: 1\nversion: 1\nrules: [{id: a, tier: 1, match: {}}]", .missingKey),
            ("tiergate: 1\npack: p\nrules: [{id: a, tier: 1, match: {}}]", .missingKey),
            ("tiergate: 1\npack: p\nversion: 1", .missingKey),
            ("tiergate: 1\npack: p\nversion: 1\nrules: []", .badValue),
            ("tiergate: 1\npack: P Q\nversion: 1\nrules: [{id: a, tier: 1, match: {}}]", .badName),
            ("tiergate: 1\npack: p\nversion: 1\nrule: []\nrules: [{id: a, tier: 1, match: {}}]", .unknownKey),
            ("tiergate: 1\npack: p\nversion: 1\nrules: [{id: A, tier: 1, match: {}}]", .badName),
            ("tiergate: 1\npack: p\nversion: 1\nrules: [{tier: 1, match: {}}]", .missingKey),
            ("tiergate: 1\npack: p\nversion: 1\nrules: [x]", .wrongKind), ("[]", .wrongKind), ("just text", .wrongKind),
            ("tiergate: 1\npack: p\nversion: 1\nlists: [a]\nrules: [{id: a, tier: 1, match: {}}]", .wrongKind),
            ("tiergate: 1\npack: p\nversion: 1\nlists: {a: {b: c}}\nrules: [{id: a, tier: 1, match: {}}]", .wrongKind),
            (
                "tiergate: 1\npack: p\nversion: 1\ndefaults: {unmatched: 9}\nrules: [{id: a, tier: 1, match: {}}]",
                .badValue
            ),
            (
                "tiergate: 1\npack: p\nversion: 1\nhosts: [x.test]\ndefaults: {unmatched: 1}\nrules: [{id: a, tier: 1, match: {}}]",
                .unmatchedNotOwn
            ),
        ])
    func file(text: String, code: Diagnostic.Code) {
        let (set, diagnostics) = RuleSet.load(
            [RuleSource(path: "f.yaml", bytes: Array(text.utf8))], digest: "d", now: Sample.now)
        #expect(set == nil)
        #expect(diagnostics.filter { $0.severity == .error }.map(\.code) == [code], "\(diagnostics.map(\.rendered))")
    }

    @Test("a mistake in a reference is pointed at inside the text")
    func carets() {
        let found = codes("summary: \"Pay {{ 1 + nothing }} now\"")
        #expect(found.first?.span == SourceSpan(line: 9, column: 26, length: 7))
        let params = codes("summary: 'x {{ params.ownr }}'", match: "match: {path: '/repos/{owner}'}")
        #expect(params.first?.span == SourceSpan(line: 9, column: 20, length: 11))
        #expect(params.first?.help == "did you mean 'owner'?")
        #expect(params.first?.context == "rule r, summary")
        // An escape moves what follows: the whole text is pointed at.
        #expect(codes("summary: \"\\t{{ nothing }}\"").first?.span.column == 14)
    }

    @Test("all mistakes of all files come in one run, and nothing is loaded")
    func together() {
        let a = Sample.source(
            "- {id: a, tier: 9, match: {host: x.test}}\n- {id: b, tier: 1, match: {pth: /}}", pack: "a")
        let b = Sample.source("- {id: c, match: {host: x.test}}", pack: "b")
        let good = Sample.source("- {id: d, tier: 1, match: {host: x.test}}", pack: "d")
        let (set, diagnostics) = RuleSet.load([b, good, a], digest: "d", now: Sample.now)
        #expect(set == nil)
        let errors = diagnostics.filter { $0.severity == .error }
        // The tier that could not be read is missing too, and is not reported twice.
        #expect(errors.map(\.code) == [.badValue, .unknownKey, .noTier])
        #expect(errors.map(\.file) == ["rules/a.yaml", "rules/a.yaml", "rules/b.yaml"])
    }

    @Test("what has no effect, or ends, is a warning")
    func warnings() {
        func warnings(_ lines: String) -> [Diagnostic.Code] {
            let source = Sample.source("- {id: r, match: {host: x.test, path: /x}, \(lines)}")
            let (set, found) = RuleSet.load([source], digest: "d", now: Sample.now)
            #expect(set != nil)
            return found.map(\.code)
        }
        // now is 2026-09-21.
        #expect(warnings("tier: 1") == [.untested])
        #expect(warnings("tier: 1, shadow: true") == [])
        #expect(warnings("tier: 2, category: deletion, shadow: true") == [.noEffect])
        #expect(warnings("tier: 1, threshold: 5 USD, shadow: true") == [.noEffect])
        #expect(warnings("tier: 1, until: 2026-09-20, shadow: true") == [.hasEnded])
        #expect(warnings("tier: 1, until: 2026-09-30, shadow: true") == [.endsSoon])
        #expect(warnings("tier: 1, until: 2026-12-30, shadow: true") == [])
    }

    @Test("bytes of a pack can be changed at will: nothing worse than diagnostics comes of it")
    func mutations() throws {
        let seed = try #require(try ShippedPacksTests.sources().first { $0.path.contains("stripe") })
        var random = SystemRandomNumberGenerator()
        for _ in 0..<150 {
            var bytes = seed.bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                let other = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) { bytes[place] = bytes[other] } else { bytes.remove(at: place) }
            }
            let (set, diagnostics) = RuleSet.load([RuleSource(path: "f", bytes: bytes)], digest: "d", now: Sample.now)
            #expect((set == nil) == diagnostics.contains { $0.severity == .error })
        }
    }
}

@Suite("RuleSet.load: what only the whole set can tell")
struct RuleSetLoadTests {
    private let base = "- {id: a, tier: 4, match: {host: x.test}}"

    @Test("ids and packs are there once")
    func duplicates() {
        let twice = Sample.errors(Sample.source(base, pack: "one"), Sample.source(base, pack: "two"))
        #expect(twice.map(\.code) == [.duplicateRule])
        #expect(twice.first?.message == "the id a is taken at rules/one.yaml:6")
        let packs = Sample.errors(
            Sample.source(base, pack: "one"),
            Sample.source("- {id: b, tier: 1, match: {}}", pack: "one", path: "rules/z.yaml"))
        #expect(packs.map(\.code) == [.duplicatePack])
    }

    @Test(
        "exceptions name what there is, in no circle, with a reason",
        arguments: [
            ("- {id: b, tier: 1, match: {}, supersedes: [a], reason: r}", nil),
            ("- {id: b, tier: 1, match: {}, supersedes: [aa], reason: r}", Diagnostic.Code.supersedesUnknown),
            ("- {id: b, tier: 1, match: {}, supersedes: [b], reason: r}", .supersedesInCircle),
            (
                "- {id: b, tier: 1, match: {}, supersedes: [f], reason: r}\n- {id: f, tier: 1, match: {}, final: true}",
                .supersedesFinal
            ),
            (
                "- {id: b, tier: 1, match: {}, supersedes: [f], reason: r}\n- {id: f, tier: 1, match: {}, kind: fallback}",
                .badValue
            ),
            ("- {id: b, kind: fallback, tier: 1, match: {}, supersedes: [a], reason: r}", .badValue),
        ] as [(String, Diagnostic.Code?)])
    func exceptions(rules: String, code: Diagnostic.Code?) {
        #expect(Sample.errors(Sample.source(base + "\n" + rules)).map(\.code) == (code.map { [$0] } ?? []))
    }

    @Test("a circle is named at each of its rules")
    func circle() {
        let rules = """
            - {id: b, tier: 1, match: {}, supersedes: [c], reason: r}
            - {id: c, tier: 1, match: {}, supersedes: [d], reason: r}
            - {id: d, tier: 1, match: {}, supersedes: [b], reason: r}
            """
        #expect(Sample.errors(Sample.source(base + "\n" + rules)).map(\.rule) == ["b", "c", "d"])
    }

    @Test("a pack that speaks for certain hosts cannot take out another's rule")
    func vendor() {
        let vendor = "- {id: b, tier: 1, match: {}, supersedes: [a], reason: r}"
        let one = Sample.source(base, pack: "one")
        let found = Sample.errors(one, Sample.source(vendor, pack: "two", head: "hosts: [x.test]"))
        #expect(found.map(\.code) == [.supersedesOtherPack])
        #expect(Sample.errors(one, Sample.source(vendor, pack: "two")).isEmpty)
    }

    @Test("lists of hosts and paths cannot multiply beyond the limit")
    func routes() {
        func rule(_ hosts: Int, _ paths: Int) -> RuleSource {
            let hostList = (0..<hosts).map { "h\($0).test" }.joined(separator: ", ")
            let pathList = (0..<paths).map { "/p\($0)" }.joined(separator: ", ")
            return Sample.source("- {id: r, tier: 1, match: {host: [\(hostList)], path: [\(pathList)]}}")
        }
        #expect(Sample.errors(rule(10, 1000)).isEmpty)
        #expect(Sample.errors(rule(1001, 1000)).map(\.code) == [.overLimit])
    }

    @Test("a file with thousands of mistakes is refused with the first of them")
    func flood() {
        let rules = (0..<600).map { "- {id: r\($0), tear: 1, match: {}, supersedes: [none\($0)]}" }
        let found = Sample.errors(Sample.source(rules.joined(separator: "\n")))
        #expect(found.count == YAMLReader.diagnosticLimit)
    }

    @Test("a test names rules that exist")
    func tests() {
        let text = """
            tiergate: 1
            pack: p
            version: 1
            rules: [{id: alpha, tier: 1, match: {}}]
            tests: [{call: {method: GET, url: "https://x/"}, expect: {rules: [alpa]}}]
            """
        let (_, found) = RuleSet.load([RuleSource(path: "f", bytes: Array(text.utf8))], digest: "d", now: Sample.now)
        #expect(found.first { $0.code == .testOfUnknownRule }?.help == "did you mean alpha?")
    }
}
