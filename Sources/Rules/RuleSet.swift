import Calls
import JSON

/// All rules in force: immutable, judged with from any thread, swapped whole.
package final class RuleSet: Sendable {
    let rules: [Rule]
    let packs: [Pack]
    let index: RuleIndex
    /// Of each rule, what most decisions need.
    let traits: [Traits]
    /// Rules for operations: they do not depend on the head alone.
    let operationRules: [Int]
    let hasShadows: Bool
    /// Whether a rule asks how many holds the session has: whoever judges counts them first.
    package let readsHolds: Bool
    /// `file:line` of each rule.
    let sources: [String]
    /// Of each rule, what is said where it alone decides and nothing in it has to be looked at: most verdicts.
    let plain: [Plain]
    /// Rules by the ids that others supersede them under.
    let numbers: [String: Int]
    let unmatched: Tier
    /// What becomes of a call with more operations than rules look at.
    let ambiguous: Pack.Ambiguity
    /// Who is asked where no rule speaks.
    let unmatchedApprovers: [String]
    let unmatchedQuorum: Int
    /// SHA-256 of the files, in hexadecimal: what verdicts name.
    package let digest: String
    package let tests: [RuleTest]

    init(_ packs: [Pack], _ rules: [Rule], ranks: [Int], tests: [RuleTest], digest: String) {
        self.packs = packs
        self.rules = rules
        let traits = zip(rules, ranks).map { Traits($0, in: packs[$0.pack], rank: $1) }
        self.traits = traits
        let sources = rules.map { "\(packs[$0.pack].file):\($0.span.line)" }
        self.sources = sources
        plain = rules.indices.map { Plain($0, rules, packs, sources) }
        self.tests = tests
        self.digest = digest
        operationRules = rules.indices.filter { rules[$0].match.operation != nil }
        hasShadows = rules.contains(where: \.isShadow)
        readsHolds = rules.contains { $0.conditions.facts.contains(.session(["holds"])) }
        index = RuleIndex(rules, orders: traits.map(\.order))
        numbers = Dictionary(rules.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let deciders = packs.filter { $0.unmatched != nil && $0.isOwn }
        ambiguous = packs.contains { $0.isOwn && $0.ambiguous == .hold } ? .hold : .refuse
        unmatched = deciders.compactMap(\.unmatched).max() ?? .external
        unmatchedApprovers = Set(deciders.flatMap(\.approvers)).sorted()
        unmatchedQuorum = deciders.map(\.quorum).max() ?? 1
    }

    struct Plain: Sendable {
        let matches: [Verdict.Match]
        let reason: String

        init(_ number: Int, _ rules: [Rule], _ packs: [Pack], _ sources: [String]) {
            let rule = rules[number]
            matches = [
                Verdict.Match(
                    rule: rule.id, pack: packs[rule.pack].name, source: sources[number], tier: rule.floor, failure: nil)
            ]
            let kind = rule.isFallback ? "fallback rule" : "rule"
            reason = "\(kind) \(rule.id) (\(sources[number])): \(rule.ground)"
        }
    }

    /// What each pack asks for and has: its file, the hosts and servers it speaks for, and whether it is granted.
    package var claims: [(pack: String, file: String, declares: [String], isGranted: Bool)] {
        packs.map {
            ($0.name, $0.file, ($0.hosts ?? []).map(\.spelling.string) + $0.servers.map { "mcp \($0)" }, $0.isGranted)
        }
    }

    package var ruleCount: Int { rules.count }
    package var packNames: [String] { packs.map { "\($0.name) \($0.version)" }.sorted() }

    func pack(of rule: Rule) -> Pack { packs[rule.pack] }

    /// The order in which people are told: the site's own packs first, then by pack and id.
    func precedes(_ a: Int, _ b: Int) -> Bool {
        let (left, right) = (rules[a], rules[b])
        let (leftPack, rightPack) = (pack(of: left), pack(of: right))
        if leftPack.isOwn != rightPack.isOwn { return leftPack.isOwn }
        return (leftPack.name, left.id) < (rightPack.name, right.id)
    }
}
