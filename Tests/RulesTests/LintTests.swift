import JSON
import Testing

@testable import Rules

@Suite("Lints: what loads and is yet hardly meant")
struct LintTests {
    private func codes(_ sources: RuleSource...) -> Set<Diagnostic.Code> {
        let (set, diagnostics) = RuleSet.load(sources, digest: "d", now: Sample.now)
        #expect(set != nil, "\(diagnostics.map(\.rendered).joined(separator: "\n"))")
        let lints: Set<Diagnostic.Code> = [
            .hostWithoutPath, .unreachable, .crowdedRoute, .mixedTypes, .silentWithoutField, .trueWithoutField,
            .shadowed, .alwaysSame,
        ]
        let found = diagnostics.filter { lints.contains($0.code) }
        #expect(found.allSatisfy { $0.severity == .warning && $0.help != nil && $0.rule != nil })
        return Set(found.map(\.code))
    }

    private func codes(_ rules: String) -> Set<Diagnostic.Code> { codes(Sample.source(rules)) }

    @Test(
        "writes to a whole host that pass are pointed at",
        arguments: [
            ("{host: a.test}", "tier: 2", true), ("{host: a.test, method: [GET, POST]}", "tier: 1", true),
            ("{host: a.test, method: [GET, HEAD]}", "tier: 1", false), ("{host: a.test}", "tier: 3", false),
            ("{host: a.test, path: /x}", "tier: 2", false), ("{host: a.test, query: dry}", "tier: 2", false),
            ("{host: a.test}", "tier: 2\n    escalate: {4: \"has(body.x)\"}", false),
            ("{host: a.test}", "tier: 2\n    when: \"has(body.x)\"", false), ("{mcp: {tool: x}}", "tier: 2", false),
        ])
    func wholeHost(match: String, rest: String, isFound: Bool) {
        #expect(codes("  - id: r\n    match: \(match)\n    \(rest)").contains(.hostWithoutPath) == isFound)
    }

    @Test(
        "a field compared with a text and with a number is pointed at",
        arguments: [
            ("body.x == '1' || body.x == 2", true), ("body.x == '1' || body.y == 2", false),
            ("body.x == 1 || body.x > 2", false), ("body.x == '1' || int(body.x) == 2", false),
        ])
    func mixed(when: String, isFound: Bool) {
        let rule = "  - id: r\n    match: {host: a.test, path: /x}\n    tier: 3\n    when: \"\(when)\""
        #expect(codes(rule).contains(.mixedTypes) == isFound)
    }

    @Test("a text compared with a number by size is an error where the types are known")
    func typed() {
        let rule = "  - id: r\n    match: {host: a.test, path: /x}\n    tier: 3\n    when: \"form.x > 2\""
        #expect(Sample.errors(Sample.source(rule)).map(\.code) == [.typeMismatch])
        #expect(Sample.errors(Sample.source(rule.replacing("form.x", with: "int(form.x)"))).isEmpty)
    }

    @Test(
        "an exception that holds or fails where a field is missing is pointed at",
        arguments: [
            ("!has(body.live)", .trueWithoutField), ("body.?mode.orValue('') != 'live'", .trueWithoutField),
            ("body.mode == 'test'", .silentWithoutField), ("has(body.mode) && body.mode == 'test'", nil),
            ("body.?mode.orValue('') == 'test'", nil), ("has(body.mode) && body.mode != 'live'", nil),
            ("body.data.mode == 'test'", nil), ("request.host == 'a.test'", nil), ("size(body) > 0", nil),
        ] as [(String, Diagnostic.Code?)])
    func missing(when: String, code: Diagnostic.Code?) {
        let rules = """
              - id: big
                match: {host: a.test, path: /x}
                tier: 4
              - id: small
                match: {host: a.test, path: /x}
                tier: 2
                when: "\(when)"
                reason: It was decided.
            """
        #expect(codes(rules + "\n    supersedes: [big]") == Set([code].compactMap { $0 }))
        // A rule that takes nothing out may take a missing field for what the API takes it for.
        #expect(codes(rules) == [.shadowed])
    }

    @Test(
        "a fallback that another rule always silences is pointed at",
        arguments: [
            ("{host: '*', method: DELETE}", "", true), ("{method: [DELETE, PUT]}", "", true),
            ("{host: a.test, method: DELETE}", "", false), ("{method: PUT}", "", false),
            ("{method: DELETE, path: /x}", "", false), ("{method: DELETE}", "\n    when: \"has(body.x)\"", false),
            ("{method: DELETE}", "\n    shadow: true", false), ("{method: DELETE}", "\n    until: 2099-01-01", false),
        ])
    func silenced(match: String, rest: String, isFound: Bool) {
        let rules = """
              - id: f
                kind: fallback
                match: {method: DELETE}
                tier: 4
              - id: r
                match: \(match)
                tier: 3
            """
        #expect(codes(rules + rest).contains(.unreachable) == isFound)
    }

    @Test(
        "a rule that a stricter one always outdoes is pointed at",
        arguments: [
            ("{host: a.test, path: '/x/**'}", "tier: 4", true), ("{host: '*', method: [POST, PUT]}", "tier: 3", true),
            ("{host: a.test, path: '/x/**'}", "tier: 2", false), ("{host: a.test, path: /x}", "tier: 4", false),
            ("{host: b.test}", "tier: 4", false), ("{host: a.test, method: PUT}", "tier: 4", false),
            ("{host: a.test}", "tier: 4\n    when: \"has(body.x)\"", false),
            ("{host: a.test}", "tier: 4\n    shadow: true", false),
            ("{host: a.test}", "tier: 4\n    kind: fallback", false),
            ("{host: a.test}", "tier: 4\n    until: 2099-01-01", false),
            ("{host: a.test, query: dry}", "tier: 4", false), ("{mcp: {tool: x}}", "tier: 4", false),
        ])
    func shadowed(match: String, rest: String, isFound: Bool) {
        let small = "  - id: small\n    match: {host: a.test, method: POST, path: '/x/**'}\n    tier: 2\n"
        let big = "  - id: big\n    match: \(match)\n    \(rest)"
        #expect(codes(small + big).contains(.shadowed) == isFound)
    }

    @Test(
        "a rule that supersedes, escalates or is in a pack that may claim more is not",
        arguments: [
            "supersedes: [big]\n    reason: It was decided.", "escalate: {4: \"has(body.x)\"}", "block: true",
            "shadow: true",
        ])
    func unshadowed(rest: String) {
        let small = "  - id: small\n    match: {host: a.test, path: /x}\n    tier: 2\n    \(rest)\n"
        let big = "  - id: big\n    match: {host: a.test, path: '/**'}\n    tier: 3"
        #expect(!codes(small + big).contains(.shadowed))
        #expect(codes("  - id: small\n    match: {host: a.test, path: /x}\n    tier: 2\n" + big).contains(.shadowed))
        // One that may not claim does not silence the fallbacks that the smaller one silences.
        let own = Sample.source("  - id: small\n    match: {host: a.test, path: /x}\n    tier: 2")
        let other = Sample.source(big.replacing("a.test", with: "'*'"), pack: "other", head: "hosts: [a.test]\n")
        #expect(!codes(own, other).contains(.shadowed))
    }

    @Test(
        "comparisons that exclude one another, or leave nothing out, are pointed at",
        arguments: [
            ("body.x == 'a' && body.x == 'b'", true), ("body.x == 'a' && body.y == 'b'", false),
            ("body.x != 'a' || body.x != 'b'", true), ("body.x != 'a' && body.x != 'b'", false),
            ("body.x == 'a' || body.x == 'b'", false), ("body.x == 'a' && body.x != 'a'", true),
            ("body.x == 'a' || body.x != 'a'", true), ("body.x > 5 && body.x < 3", true),
            ("body.x > 3 && body.x < 5", false), ("body.x > 3 && body.x < 4", false),
            ("body.x > 3 && body.x <= 3", true), ("body.x >= 3 && body.x <= 3", false),
            ("body.x == 7 && body.x < 5", true), ("body.x == 4 && body.x < 5", false),
            ("body.x < 9 || body.x > 5", true), ("body.x < 5 || body.x > 9", false),
            ("body.x == 1 && body.x == 1.0", false), ("body.x == true && body.x == false", true),
            ("has(body.z) && body.x == 'a' && body.x == 'b'", true),
        ])
    func foregone(when: String, isFound: Bool) {
        let rule = "  - id: r\n    match: {host: a.test, path: /x}\n    tier: 3\n    when: \"\(when)\""
        #expect(codes(rule).contains(.alwaysSame) == isFound)
        let escalation = "  - id: r\n    match: {host: a.test, path: /x}\n    tier: 3\n    escalate: {4: \"\(when)\"}"
        #expect(codes(escalation).contains(.alwaysSame) == isFound)
    }

    @Test("a pack that may not claim silences no fallback")
    func unclaimed() {
        let fallback = "  - id: f\n    kind: fallback\n    match: {method: DELETE}\n    tier: 4"
        let rule = "  - id: r\n    match: {host: '*', method: DELETE}\n    tier: 3"
        let other = Sample.source(rule, pack: "other", head: "hosts: [a.test]\n")
        #expect(!codes(Sample.source(fallback), other).contains(.unreachable))
    }

    @Test("more rules on one route than are quickly asked are pointed at", arguments: [64, 65])
    func crowd(count: Int) {
        func rules(_ when: (Int) -> String, method: (Int) -> String = { _ in "POST" }) -> String {
            (0..<count).map {
                "  - id: r\($0)\n    match: {host: a.test, path: /x, method: \(method($0))}\n    tier: 3\n    when: \"\(when($0))\""
            }.joined(separator: "\n")
        }
        #expect(codes(rules { "has(body.f\($0))" }).contains(.crowdedRoute) == (count > 64))
        #expect(!codes(rules { "body.x == 'v\($0)'" }).contains(.crowdedRoute))
        #expect(!codes(rules({ "has(body.f\($0))" }) { $0 % 2 == 0 ? "POST" : "PUT" }).contains(.crowdedRoute))
    }
}
