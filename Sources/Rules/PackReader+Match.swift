import Calls
import JSON

extension PackReader {
    mutating func readMatch(_ node: YAMLNode?, in pack: Pack) -> Rule.Match {
        var match = Rule.Match()
        // What a pack that speaks for certain hosts does not say otherwise is about these hosts.
        if let hosts = pack.hosts { match.hosts = hosts }
        guard let map = yaml.mapping(node, "match", keys: RuleSchema.matchNames) else { return match }
        if let nodes = yaml.list(map["host"], "host") { match.hosts = hosts(nodes) }
        if let nodes = yaml.list(map["path"], "path") { match.paths = patterns(nodes, .badPath, PathTemplate.parse) }
        for node in yaml.list(map["method"], "method") ?? [] {
            if let method = method(node) { match.methods.append(method) }
        }
        match.query = presence(map["query"], "query") { yaml, node in yaml.text(node, "a parameter's name") }
        match.header = presence(map["header"], "header") { yaml, node in Self.headerName(node, &yaml) }
        match.operation = operation(map)
        // A server of the Model Context Protocol is named by the site, wherever it is.
        if match.operation?.kind == .mcp, map["host"] == nil { match.hosts = [.every] }
        return match
    }

    /// The rules of a pack name few hosts, each of them often.
    private mutating func hosts(_ nodes: [YAMLNode]) -> [HostPattern] {
        if nodes.count == 1, case .scalar(let text, _) = nodes[0].content, let known = knownHosts[text] {
            return [known]
        }
        let hosts = patterns(nodes, .badHost, HostPattern.parse)
        for host in hosts { knownHosts[host.spelling] = host }
        return hosts
    }

    /// The one operation that a rule is for: two would both have to hold, and no operation is two things.
    private mutating func operation(_ match: YAMLMapping) -> OperationPattern? {
        var pattern: OperationPattern?
        for kind in OperationPattern.Kind.allCases {
            guard let node = match[kind.word] else { continue }
            if let other = pattern {
                yaml.report(
                    .badValue, "no operation is both \(other.kind.word) and \(kind.word)", at: node.span,
                    help: "make two rules")
            }
            let keys = kind.keys
            guard let map = yaml.mapping(node, kind.word, keys: [keys.scope, keys.name].compactMap { $0 }) else {
                continue
            }
            let scopes = keys.scope.flatMap { key in yaml.texts(map[key], key) } ?? []
            let names = yaml.list(map[keys.name], keys.name).map {
                patterns($0, .badAction) { NameGlob.parse($0, foldsCase: kind.foldsCase) }
            }
            pattern = OperationPattern(
                kind: kind,
                scopes: scopes.contains("*") ? [] : scopes.map(kind.scope),
                names: names ?? [])
        }
        return pattern
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

    mutating func patterns<Pattern>(
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
}
