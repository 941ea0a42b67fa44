import Calls
import JSON
import Testing

@testable import Rules

@Suite("Grants: which packs may claim")
struct GrantsTests {
    @Test("a file is granted by its digest or as the site's own, and in no other way")
    func standing() {
        let (known, other) = (String(repeating: "ab", count: 32), String(repeating: "ac", count: 32))
        var grants = Grants(
            Array(
                "# a remark\n\(known)  stripe/stripe.yaml\nown  acme.yaml\nnonsense\n<<<<<<< HEAD\nabc  short.yaml\n"
                    .utf8))
        #expect(grants.entries.map(\.path) == ["stripe/stripe.yaml", "acme.yaml"])
        #expect(grants.standing(of: "stripe/stripe.yaml", digest: known) == .granted)
        #expect(grants.standing(of: "stripe/stripe.yaml", digest: other) == .ungranted)
        #expect(grants.standing(of: "acme.yaml", digest: "whatever") == .granted)
        #expect(grants.standing(of: "other.yaml", digest: known) == .ungranted)
        grants.grant("other.yaml", .digest(known))
        grants.grant("acme.yaml", .digest(other))
        let again = Grants(grants.bytes)
        #expect(again.standing(of: "other.yaml", digest: known) == .granted)
        #expect(again.standing(of: "acme.yaml", digest: known) == .ungranted)
        #expect(again.entries.map(\.path) == ["acme.yaml", "other.yaml", "stripe/stripe.yaml"])
    }

    private func source(_ standing: RuleSource.Standing, head: String, _ rules: String) -> RuleSource {
        let source = Sample.source(rules, pack: "vendor", head: head)
        return RuleSource(path: source.path, bytes: source.bytes, standing: standing)
    }

    @Test(
        "what is not granted silences nothing, and is warned of",
        arguments: [
            (.granted, "hosts: [v.test]", true), (.ungranted, "hosts: [v.test]", false),
            (.unlisted, "hosts: [v.test]", true), (.unlisted, "", true), (.ungranted, "", false),
        ] as [(RuleSource.Standing, String, Bool)])
    func claims(standing: RuleSource.Standing, head: String, mayClaim: Bool) throws {
        let source = source(standing, head: head, "- {id: r, tier: 1, match: {host: v.test}}")
        let (loaded, diagnostics) = RuleSet.load([source], digest: "d", now: Sample.now)
        let set = try #require(loaded)
        #expect(
            set.judge(Sample.call("GET", "https://v.test/"), at: Sample.now).tier == (mayClaim ? .readOnly : .external))
        #expect(diagnostics.contains { $0.code == .notGranted } == !mayClaim)
        let isUnlisted = if case .unlisted = standing { true } else { false }
        #expect(diagnostics.contains { $0.code == .notPinned } == (isUnlisted && !head.isEmpty))
    }

    @Test(
        "a server of the Model Context Protocol is claimed by the pack that declares it", arguments: ["files", "other"])
    func servers(declared: String) throws {
        let set = try Sample.set(
            source(
                .granted, head: "mcp: [\(declared)]",
                "- {id: r, tier: 1, match: {mcp: {server: [files, x], tool: read}}}"))
        let call = Sample.call("POST", "https://h/", operations: [.mcp(server: "files", tool: "read", args: nil)])
        #expect(set.judge(call, at: Sample.now).tier == (declared == "files" ? .readOnly : .external))
    }

    @Test("a pack that is not granted takes out no rule of another, and decides no default")
    func exceptions() {
        let own = Sample.source("- {id: strict, tier: 4, match: {host: v.test}}", pack: "own")
        let exception = source(
            .ungranted, head: "", "- {id: r, tier: 1, match: {host: v.test}, supersedes: [strict], reason: r}")
        #expect(Sample.errors(own, exception).map(\.code) == [.supersedesOtherPack])
        let unmatched = source(
            .ungranted, head: "defaults: {unmatched: 1}", "- {id: r, tier: 1, match: {host: v.test}}")
        #expect(Sample.errors(own, unmatched).map(\.code) == [.unmatchedNotOwn])
    }
}
