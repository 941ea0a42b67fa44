package import Calls
import JSON

/// One file to a pack, its rules and tests, with everything that is wrong in it reported.
struct PackReader {
    private(set) var pack: Pack?
    private(set) var rules: [Rule] = []
    private(set) var tests: [RuleTest] = []
    /// Rules that tests name, and where.
    private(set) var testedRules: [(id: String, span: SourceSpan)] = []
    var yaml: YAMLReader
    private let number: Int

    /// - Parameter number: the pack's place in the set.
    init(_ source: RuleSource, number: Int) {
        yaml = YAMLReader(source)
        self.number = number
        read()
    }

    private mutating func read() {
        guard let root = yaml.document(),
            let file = yaml.mapping(
                root, "a rule file",
                keys: ["tiergate", "pack", "version", "hosts", "defaults", "lists", "rules", "tests"])
        else { return }
        readFormat(file)
        let pack = readPack(file)
        self.pack = pack
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
        if let nodes = yaml.list(file["hosts"], "hosts") { pack.hosts = patterns(nodes, .badHost, HostPattern.parse) }
        readDefaults(file["defaults"], into: &pack)
        if let node = file["lists"], case .mapping(let members) = node.content {
            for member in members { pack.lists[member.key.string] = yaml.texts(member.value, "a list") }
        } else if let node = file["lists"] {
            yaml.report(.wrongKind, "lists must be a mapping, this is \(node.kind)", at: node.span)
        }
        return pack
    }

    private mutating func readDefaults(_ node: YAMLNode?, into pack: inout Pack) {
        guard let map = yaml.mapping(node, "defaults", keys: ["unmatched", "approvers", "quorum", "threshold"]) else {
            return
        }
        pack.unmatched = tier(map["unmatched"], "unmatched")
        if let node = map["unmatched"], pack.hosts != nil {
            yaml.report(
                .unmatchedNotOwn, "a pack that speaks for certain hosts cannot decide for calls to all others",
                at: node.span, help: "say it in a pack of your own, without hosts")
        }
        pack.approvers = names(map["approvers"], "approvers") ?? []
        pack.quorum = yaml.integer(map["quorum"], "quorum", in: 1...Self.quorumLimit) ?? 1
        if let threshold = money(map["threshold"]) { pack.threshold = threshold }
    }

    static let quorumLimit = 16

    // MARK: Rules

    private static let ruleKeys = [
        "id", "title", "tags", "category", "tier", "match", "kind", "money", "threshold", "summary", "approvers",
        "quorum", "block", "reason", "supersedes", "until", "final", "shadow", "idempotency",
    ]

    private mutating func readRule(_ node: YAMLNode, in pack: Pack) -> Rule? {
        defer { yaml.rule = nil }
        if case .mapping(let members) = node.content,
            case .scalar(let id, _)? = members.first(where: { $0.key == "id" })?.value.content
        {
            yaml.rule = visible(id.string, limit: 64)
        }
        guard let map = yaml.mapping(node, "a rule", keys: Self.ruleKeys, refused: RefusedKey.inRules),
            let idNode = yaml.required("id", of: map), let id = name(idNode, "a rule's id")
        else { return nil }
        var rule = Rule(id: id, pack: number, span: idNode.span)
        rule.title = yaml.text(map["title"], "title")?.string
        rule.tags = names(map["tags"], "tags") ?? []
        rule.category = yaml.choice(map["category"], "category", of: Category.self)
        rule.tier = tier(map["tier"], "tier")
        rule.isFallback = kind(map["kind"])
        rule.isBlock = yaml.bool(map["block"], "block") ?? false
        rule.isFinal = yaml.bool(map["final"], "final") ?? false
        rule.isShadow = yaml.bool(map["shadow"], "shadow") ?? false
        rule.approvers = names(map["approvers"], "approvers") ?? pack.approvers
        rule.quorum = yaml.integer(map["quorum"], "quorum", in: 1...Self.quorumLimit) ?? pack.quorum
        rule.idempotency = Self.headerName(map["idempotency"], &yaml)
        rule.match = readMatch(yaml.required("match", of: map), in: pack)
        readMoney(map, in: pack, into: &rule)
        readException(map, into: &rule)
        rule.summary = readSummary(map["summary"], paths: rule.match.paths)
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
        if let node = map["threshold"], rule.sum == nil, map["money"] == nil {
            yaml.report(
                .noEffect, "threshold has no effect without money", at: node.span, severity: .warning,
                help: "say where the amount stands: money: {minor: body.amount, currency: body.currency}")
        }
    }

    private mutating func readMoney(_ map: YAMLMapping, in pack: Pack, into rule: inout Rule) {
        let threshold = money(map["threshold"]) ?? pack.threshold
        guard let node = map["money"] else { return }
        if let category = rule.category, category != .financial, let place = map["category"] {
            yaml.report(
                .moneyNotFinancial, "a rule that counts money is financial, not \(category.rawValue)", at: place.span,
                help: "leave category out, or make two rules")
        }
        rule.category = .financial
        guard let sum = yaml.mapping(node, "money", keys: ["minor", "major", "currency"]) else { return }
        guard (sum["minor"] == nil) != (sum["major"] == nil) else {
            yaml.report(
                .missingKey, "money needs minor or major, one of the two", at: sum.span,
                help: "minor counts the smallest unit (cents), major the whole one")
            return
        }
        let amount = reference(sum["minor"] ?? sum["major"], paths: rule.match.paths, in: "money")
        let currency = reference(yaml.required("currency", of: sum), paths: rule.match.paths, in: "money")
        guard let amount, let currency, let threshold else { return }
        rule.sum = Rule.Sum(
            amount: amount, unit: sum["minor"] != nil ? .minor : .major, currency: currency, threshold: threshold)
    }

    private mutating func readException(_ map: YAMLMapping, into rule: inout Rule) {
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

    private mutating func readSummary(_ node: YAMLNode?, paths: [PathTemplate]) -> Summary? {
        guard let node, let text = yaml.text(node, "summary") else { return nil }
        do throws(ReferenceParser.Failure) {
            let summary = try Summary.parse(text)
            for reference in summary.references { check(reference, paths, at: node, in: "summary") }
            return summary
        } catch {
            yaml.report(
                error.code, error.message, at: yaml.file.span(of: error.range, in: node), in: "summary",
                help: error.help)
            return nil
        }
    }
}

extension PackReader {
    // MARK: Match

    private static let matchKeys = ["host", "method", "path", "query", "header", "aws"]

    private mutating func readMatch(_ node: YAMLNode?, in pack: Pack) -> Rule.Match {
        var match = Rule.Match()
        // What a pack that speaks for certain hosts does not say otherwise is about these hosts.
        if let hosts = pack.hosts { match.hosts = hosts }
        guard let map = yaml.mapping(node, "match", keys: Self.matchKeys, refused: RefusedKey.inMatch) else {
            return match
        }
        if let nodes = yaml.list(map["host"], "host") { match.hosts = patterns(nodes, .badHost, HostPattern.parse) }
        if let nodes = yaml.list(map["path"], "path") { match.paths = patterns(nodes, .badPath, PathTemplate.parse) }
        for node in yaml.list(map["method"], "method") ?? [] {
            if let method = method(node) { match.methods.append(method) }
        }
        match.query = presence(map["query"], "query") { yaml, node in yaml.text(node, "a parameter's name") }
        match.header = presence(map["header"], "header") { yaml, node in Self.headerName(node, &yaml) }
        if let aws = yaml.mapping(map["aws"], "aws", keys: ["service", "action"]) {
            let services = (yaml.texts(aws["service"], "service") ?? []).map(\.asciiLowercased)
            let actions = yaml.list(aws["action"], "action").map { patterns($0, .badAction, ActionGlob.parse) }
            match.operation = OperationPattern(services: services, actions: actions ?? [])
        }
        return match
    }

    /// A list of names that must all be there, or `{all: […], any: […]}`.
    private mutating func presence<Name>(
        _ node: YAMLNode?, _ what: String, _ read: (inout YAMLReader, YAMLNode) -> Name?
    ) -> Rule.Presence<Name> {
        var presence = Rule.Presence<Name>()
        if let node, case .mapping = node.content {
            let map = yaml.mapping(node, what, keys: ["all", "any"])
            for node in yaml.list(map?["all"], what) ?? [] {
                if let name = read(&yaml, node) { presence.all.append(name) }
            }
            for node in yaml.list(map?["any"], what) ?? [] {
                if let name = read(&yaml, node) { presence.any.append(name) }
            }
        } else {
            for node in yaml.list(node, what) ?? [] { if let name = read(&yaml, node) { presence.all.append(name) } }
        }
        return presence
    }

    private mutating func patterns<Pattern>(
        _ nodes: [YAMLNode], _ code: Diagnostic.Code, _ parse: (Text) -> Result<Pattern, Malformed>
    ) -> [Pattern] {
        var patterns: [Pattern] = []
        for node in nodes {
            guard let text = yaml.text(node) else { continue }
            switch parse(text) {
            case .success(let pattern): patterns.append(pattern)
            case .failure(let problem): yaml.report(code, problem.message, at: node.span, help: problem.help)
            }
        }
        return patterns
    }

    /// Registered methods and the usual others; anything else is allowed unless it looks like a slip.
    private static let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PURGE", "PROPFIND",
        "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "LINK", "UNLINK", "MERGE",
    ]

    private mutating func method(_ node: YAMLNode) -> Text? {
        guard let text = yaml.text(node, "a method") else { return nil }
        let capitals = text.asciiUppercased
        guard !capitals.isEmpty, capitals.utf8.allSatisfy({ $0 &- 0x41 < 26 || $0 == 0x2D || $0 == 0x5F }) else {
            yaml.report(
                .badMethod, "\(visible(text.string)) is no method", at: node.span, help: "for example [GET, HEAD]")
            return nil
        }
        if !Self.methods.contains(capitals.string), let meant = suggestion(for: capitals.string, among: Self.methods) {
            yaml.report(.badMethod, "\(capitals) is no method", at: node.span, help: "did you mean \(meant)?")
            return nil
        }
        return capitals
    }

    // MARK: Tests

    private mutating func readTest(_ node: YAMLNode, in pack: Pack) {
        guard let map = yaml.mapping(node, "a test", keys: ["call", "expect"]) else { return }
        let request = readRequest(yaml.required("call", of: map))
        let expectation = readExpectation(yaml.required("expect", of: map))
        guard let request, let expectation else { return }
        tests.append(
            RuleTest(
                request: request, expectation: expectation, pack: pack.name,
                source: "\(yaml.file.path):\(node.span.line)"))
    }

    private mutating func readRequest(_ node: YAMLNode?) -> RuleTest.Request? {
        let keys = ["method", "url", "headers", "form", "json", "body"]
        guard let map = yaml.mapping(node, "call", keys: keys, refused: RefusedKey.inCalls) else { return nil }
        var headers: [(name: String, value: String)] = []
        if let node = map["headers"], case .mapping(let members) = node.content {
            for member in members {
                if let value = yaml.text(member.value) { headers.append((member.key.string, value.string)) }
            }
        } else if let node = map["headers"] {
            yaml.report(.wrongKind, "headers must be a mapping, this is \(node.kind)", at: node.span)
        }
        if ["form", "json", "body"].filter({ map[$0] != nil }).count > 1 {
            yaml.report(.badValue, "a call has one body: form, json or body", at: map.span)
        }
        let hasType = headers.contains { $0.name.lowercased() == "content-type" }
        var body: [UInt8]?
        if let node = map["form"], case .mapping(let members) = node.content {
            body = TestBody.form(members)
            if !hasType { headers.append(("content-type", "application/x-www-form-urlencoded")) }
        } else if let node = map["form"] {
            yaml.report(.wrongKind, "form must be a mapping, this is \(node.kind)", at: node.span)
        } else if let node = map["json"] {
            body = TestBody.json(node)
            if !hasType { headers.append(("content-type", "application/json")) }
        } else {
            body = yaml.text(map["body"], "body")?.bytes
        }
        guard let method = yaml.text(yaml.required("method", of: map), "method"),
            let url = yaml.text(yaml.required("url", of: map), "url")
        else { return nil }
        return RuleTest.Request(method: method, url: url, headers: headers, body: body)
    }

    private mutating func readExpectation(_ node: YAMLNode?) -> RuleTest.Expectation? {
        let keys = ["tier", "category", "disposition", "rules", "summary", "approvers", "error"]
        guard let map = yaml.mapping(node, "expect", keys: keys) else { return nil }
        var expectation = RuleTest.Expectation()
        expectation.tier = tier(map["tier"], "tier")
        expectation.category = yaml.choice(map["category"], "category", of: Category.self)
        expectation.disposition = yaml.choice(map["disposition"], "disposition", of: Disposition.self)
        if let node = map["rules"], case .sequence(let ids) = node.content {
            expectation.rules = ids.compactMap { yaml.text($0, "a rule's id")?.string }
            testedRules += zip(expectation.rules ?? [], ids).map { ($0, $1.span) }
        } else if let node = map["rules"] {
            yaml.report(.wrongKind, "rules must be a list, this is \(node.kind)", at: node.span)
        }
        expectation.summaries = yaml.texts(map["summary"], "summary")?.map(\.string)
        if let node = map["approvers"], case .sequence(let groups) = node.content {
            expectation.approvers = groups.compactMap { yaml.text($0, "a group")?.string }
        } else if let node = map["approvers"] {
            expectation.approvers = names(node, "approvers")
        }
        expectation.error = yaml.text(map["error"], "error")?.string
        return expectation
    }

    // MARK: Values

    private mutating func tier(_ node: YAMLNode?, _ what: String) -> Tier? {
        guard let node, let text = yaml.text(node, what) else { return nil }
        if let tier = Tier(word: text.string) { return tier }
        let words = Tier.allCases.map(\.name)
        yaml.report(
            .badValue, "\(what) cannot be \(visible(text.string))", at: node.span,
            help: suggestion(for: text.string, among: words).map { "did you mean \($0)?" }
                ?? "it is 1 to 4, or one of \(words.joined(separator: ", "))")
        return nil
    }

    /// Small letters, digits, dots, dashes and underscores: what reads the same in a file, a URL and a terminal.
    private mutating func name(_ node: YAMLNode?, _ what: String) -> String? {
        guard let node, let text = yaml.text(node, what) else { return nil }
        let isName = text.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || ".-_".utf8.contains($0) }
        guard isName, !text.isEmpty, text.utf8.count <= 128 else {
            yaml.report(
                .badName, "\(what) cannot be \(visible(text.string, limit: 64))", at: node.span,
                help: "small letters, digits, dots, dashes and underscores, 128 at most")
            return nil
        }
        return text.string
    }

    private mutating func names(_ node: YAMLNode?, _ what: String) -> [String]? {
        guard let nodes = yaml.list(node, what) else { return nil }
        return nodes.compactMap { name($0, "a name in \(what)") }
    }

    private static func headerName(_ node: YAMLNode?, _ yaml: inout YAMLReader) -> String? {
        guard let node, let text = yaml.text(node, "a header's name") else { return nil }
        // RFC 9110 section 5.6.2.
        let isToken = text.utf8.allSatisfy {
            ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "!#$%&'*+-.^_`|~".utf8.contains($0)
        }
        guard isToken, !text.isEmpty else {
            yaml.report(.badName, "\(visible(text.string)) is no name of a header", at: node.span)
            return nil
        }
        return text.string
    }

    private mutating func money(_ node: YAMLNode?) -> Money? {
        guard let node, let text = yaml.text(node, "threshold") else { return nil }
        if let money = Money(text) { return money }
        yaml.report(
            .badValue, "threshold must be an amount and a currency of ISO 4217", at: node.span,
            help: "for example threshold: 100 USD")
        return nil
    }

    private mutating func reference(_ node: YAMLNode?, paths: [PathTemplate], in place: String) -> Reference? {
        guard let node, let text = yaml.text(node, place) else { return nil }
        do throws(ReferenceParser.Failure) {
            let reference = try ReferenceParser.parse(text)
            check(reference, paths, at: node, in: place)
            return reference
        } catch {
            yaml.report(
                error.code, error.message, at: yaml.file.span(of: error.range, in: node), in: place, help: error.help)
            return nil
        }
    }

    /// `params` is closed: each template of the rule must bind every name that is used.
    private mutating func check(_ reference: Reference, _ paths: [PathTemplate], at node: YAMLNode, in place: String) {
        for (root, steps) in reference.fields where root == .params {
            guard case .key(let name)? = steps.first?.selector, steps.count == 1 else {
                yaml.report(.badReference, "params has names, each with one text", at: node.span, in: place)
                continue
            }
            for path in paths where path.parameters[name] == nil {
                let known = path.parameters.keys.map(\.string).sorted()
                let span = yaml.file.span(of: "params.\(name)", in: node)
                yaml.report(
                    .unknownName, "the path \(visible(path.spelling.string)) binds no \(visible(name.string))",
                    at: span,
                    in: place,
                    help: suggestion(for: name.string, among: known).map { "did you mean \($0)?" }
                        ?? (known.isEmpty ? "write {\(name)} in the path" : "it binds \(known.joined(separator: ", "))")
                )
            }
        }
    }
}

extension RefusedKey {
    private static func cel(_ key: String) -> RefusedKey {
        RefusedKey(
            code: .needsCEL, message: "\(key) needs CEL, which this version does not have",
            help:
                "the pack is refused rather than read halfway; leave \(key) out, or make the rule strict enough without it"
        )
    }

    private static func later(_ key: String) -> RefusedKey {
        RefusedKey(
            code: .notInThisVersion, message: "\(key) is not in this version",
            help: "the pack is refused rather than read halfway; leave \(key) out")
    }

    static let inRules = Dictionary(
        uniqueKeysWithValues: ["when", "let", "escalate", "observe", "recipients", "schema"].map { ($0, cel($0)) }
            + ["decide_within", "detached", "on_disconnect", "agent_understands_202"].map { ($0, later($0)) })
    static let inMatch = Dictionary(uniqueKeysWithValues: ["mcp", "graphql", "grpc"].map { ($0, later($0)) })
    static let inCalls = Dictionary(uniqueKeysWithValues: ["mcp", "graphql", "grpc"].map { ($0, later($0)) })
}

extension Disposition: CaseIterable {
    package static var allCases: [Disposition] { [.pass, .hold, .refuse] }
}
