import Calls
import JSON

/// One file to a pack, its rules and tests, with everything that is wrong in it reported.
struct PackReader {
    private(set) var pack: Pack?
    private(set) var rules: [Rule] = []
    var tests: [RuleTest] = []
    /// Rules that tests name, and where.
    var testedRules: [(id: String, span: SourceSpan)] = []
    var yaml: YAMLReader
    var knownHosts: [Text: HostPattern] = [:]
    private let number: Int
    private let source: RuleSource

    /// - Parameter number: the pack's place in the set.
    init(_ source: RuleSource, number: Int) {
        yaml = YAMLReader(source)
        self.number = number
        self.source = source
        read()
    }

    private mutating func read() {
        guard let root = yaml.document(),
            let file = yaml.mapping(
                root, "a rule file",
                keys: RuleSchema.file.map(\.name))
        else { return }
        readFormat(file)
        let pack = readPack(file)
        self.pack = pack
        if case .unlisted = source.standing, !pack.isOwn {
            yaml.report(
                .notPinned, "the pack \(pack.name) claims what it declares, because there is no list of grants here",
                at: file.keySpan("pack") ?? file.span, severity: .warning,
                help: "to have each change of it looked at, run: tiergate rules grant \(pack.name)")
        }
        if !pack.isGranted {
            yaml.report(
                .notGranted, "the pack \(pack.name) is not granted: its rules can only raise",
                at: file.keySpan("pack") ?? file.span, severity: .warning,
                help: "read it, then run: tiergate rules grant \(pack.name)")
        }
        for node in yaml.list(yaml.required("rules", of: file), "rules") ?? [] {
            if let rule = readRule(node, in: pack) { rules.append(rule) }
        }
        for node in yaml.list(file["tests"], "tests") ?? [] { readTest(node, in: pack) }
    }

    private mutating func readFormat(_ file: YAMLMapping) {
        guard let node = yaml.required("tiergate", of: file) else { return }
        if yaml.text(node) != "1" {
            yaml.report(.formatVersion, "this version reads format 1", at: node.span, help: "write tiergate: 1")
        }
    }

    private mutating func readPack(_ file: YAMLMapping) -> Pack {
        var pack = Pack(name: "", version: "", file: yaml.file.path)
        pack.name = name(yaml.required("pack", of: file), "a pack's name") ?? ""
        pack.version = yaml.text(yaml.required("version", of: file), "version")?.string ?? ""
        pack.servers = yaml.texts(file["mcp"], "mcp") ?? []
        if let nodes = yaml.list(file["hosts"], "hosts") { pack.hosts = patterns(nodes, .badHost, HostPattern.parse) }
        switch source.standing {
        case .granted, .unlisted: pack.isGranted = true
        case .ungranted: pack.isGranted = false
        }
        readDefaults(file["defaults"], into: &pack)
        if let node = file["lists"], case .mapping(let members) = node.content {
            for member in members { readList(member, into: &pack) }
        } else if let node = file["lists"] {
            yaml.report(.wrongKind, "lists must be a mapping, this is \(node.kind)", at: node.span)
        }
        return pack
    }

    private mutating func readDefaults(_ node: YAMLNode?, into pack: inout Pack) {
        guard let map = yaml.mapping(node, "defaults", keys: RuleSchema.defaults.map(\.name)) else { return }
        pack.unmatched = tier(map["unmatched"], "unmatched")
        pack.ambiguous = yaml.choice(map["ambiguous"], "ambiguous", of: Pack.Ambiguity.self)
        if let node = map["unmatched"] ?? map["ambiguous"], !pack.isOwn {
            yaml.report(
                .unmatchedNotOwn, "a pack that speaks for certain hosts cannot decide for all other calls",
                at: node.span, help: "say it in a pack of your own, without hosts")
        }
        pack.approvers = names(map["approvers"], "approvers") ?? []
        pack.notify = names(map["notify"], "notify") ?? []
        pack.decideWithin = duration(map["decide_within"], "decide_within")
        pack.escalateTo = names(map["escalate_to"], "escalate_to") ?? []
        pack.onSilence = yaml.choice(map["on_silence"], "on_silence", of: Terms.Silence.self)
        pack.quorum = yaml.integer(map["quorum"], "quorum", in: 1...Self.quorumLimit) ?? 1
        if let threshold = money(map["threshold"]) { pack.threshold = threshold }
    }

    static let quorumLimit = 16

    private enum Disconnect: String, CaseIterable { case withdraw }

    private mutating func readList(_ member: YAMLNode.Member, into pack: inout Pack) {
        guard PathTemplate.isIdentifier(member.key) else {
            yaml.report(
                .badName, "\(visible(member.key.string)) is no name of a list", at: member.keySpan,
                help: "letters, digits and underscores, so that conditions can say lists.name")
            return
        }
        pack.lists.append((member.key, yaml.texts(member.value, "a list") ?? []))
    }

    // MARK: Rules

    private mutating func readRule(_ node: YAMLNode, in pack: Pack) -> Rule? {
        defer { yaml.rule = nil }
        if case .mapping(let members) = node.content,
            case .scalar(let id, _)? = members.first(where: { $0.key == "id" })?.value.content
        {
            yaml.rule = visible(id.string, limit: 64)
        }
        guard let map = yaml.mapping(node, "a rule", keys: RuleSchema.ruleNames, refused: RefusedKey.inRules),
            let idNode = yaml.required("id", of: map), let id = name(idNode, "a rule's id")
        else { return nil }
        let rule = Rule(id: id, pack: number, span: idNode.span)
        rule.title = yaml.text(map["title"], "title")?.string
        rule.tags = names(map["tags"], "tags") ?? []
        rule.category = yaml.choice(map["category"], "category", of: Category.self)
        rule.tier = tier(map["tier"], "tier")
        rule.isFallback = kind(map["kind"])
        rule.isBlock = yaml.bool(map["block"], "block") ?? false
        rule.isFinal = yaml.bool(map["final"], "final") ?? false
        rule.isShadow = yaml.bool(map["shadow"], "shadow") ?? false
        rule.approvers = names(map["approvers"], "approvers") ?? pack.approvers
        rule.notify = names(map["notify"], "notify") ?? pack.notify
        rule.decideWithin = duration(map["decide_within"], "decide_within") ?? pack.decideWithin
        rule.escalateTo = names(map["escalate_to"], "escalate_to") ?? pack.escalateTo
        rule.onSilence = yaml.choice(map["on_silence"], "on_silence", of: Terms.Silence.self) ?? pack.onSilence
        rule.needsSignature = yaml.bool(map["signed"], "signed") ?? false
        rule.detached = yaml.choice(map["detached"], "detached", of: Terms.Detached.self)
        rule.withdrawsOnDisconnect = yaml.choice(map["on_disconnect"], "on_disconnect", of: Disconnect.self) != nil
        rule.quorum = yaml.integer(map["quorum"], "quorum", in: 1...Self.quorumLimit) ?? pack.quorum
        rule.idempotency = Self.headerName(map["idempotency"], &yaml)
        rule.match = readMatch(yaml.required("match", of: map), in: pack)
        readConditions(map, in: pack, into: rule)
        readException(map, into: rule)
        checkTier(map, rule, at: idNode.span)
        return rule
    }

    private mutating func kind(_ node: YAMLNode?) -> Bool {
        guard let node, let text = yaml.text(node, "kind") else { return false }
        if text != "fallback" {
            yaml.report(
                .badValue, "kind cannot be \(visible(text.string))", at: node.span,
                help: "the only kind is fallback; an ordinary rule has none")
        }
        return true
    }

    private mutating func checkTier(_ map: YAMLMapping, _ rule: Rule, at span: SourceSpan) {
        if map["tier"] == nil, map["category"] == nil, map["money"] == nil, !rule.isBlock {
            yaml.report(
                .noTier, "the rule does not say how far its calls reach", at: span,
                help: "add tier: 1 to 4, a category, or block: true")
        }
        if let node = map["tier"], let tier = rule.tier, tier < rule.floor {
            let cause = rule.isBlock ? "block" : rule.category.map { "category \($0.rawValue)" } ?? "money"
            yaml.report(
                .noEffect,
                "tier \(tier.rawValue) has no effect: \(cause) makes the rule tier \(rule.floor.rawValue) or more",
                at: node.span, severity: .warning, help: "leave one of the two out")
        }
        if let node = map["threshold"], rule.conditions.sum == nil, map["money"] == nil {
            yaml.report(
                .noEffect, "threshold has no effect without money", at: node.span, severity: .warning,
                help: "say where the amount stands: money: {minor: body.amount, currency: body.currency}")
        }
    }

    private mutating func readException(_ map: YAMLMapping, into rule: Rule) {
        rule.reason = yaml.text(map["reason"], "reason")?.string
        if let node = map["until"], let text = yaml.text(node, "until") {
            rule.until = CivilDate(text)
            if rule.until == nil {
                yaml.report(
                    .badValue, "until must be a day", at: node.span, help: "for example 2027-06-30; the day counts")
            }
        }
        for node in yaml.list(map["supersedes"], "supersedes") ?? [] {
            guard let id = name(node, "a rule's id") else { continue }
            rule.supersedes.append(Rule.Superseded(id: id, span: node.span))
        }
        guard let node = map["supersedes"] else { return }
        if rule.reason == nil {
            yaml.report(
                .reasonMissing, "an exception needs a reason", at: node.span,
                help: "add reason: with who decided it and why; it goes into the journal")
        }
        if rule.isFallback {
            yaml.report(.badValue, "a fallback cannot supersede", at: node.span, help: "leave kind: fallback out")
        }
    }
}
