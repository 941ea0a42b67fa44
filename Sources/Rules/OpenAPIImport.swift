import Calls
import JSON

/// A description in OpenAPI 3 to a pack: a rule for each method of each path, reads of one resource together.
enum OpenAPIImport {
    /// Where operations are: hosts, and what their paths begin with.
    private struct Place: Hashable {
        var hosts: [String]
        var base: String
    }

    private static let methods: [Text] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"]
    private static let harmless: Set<String> = ["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"]

    static func draft(_ source: inout ImportSource, _ options: RuleImport.Options) -> PackDraft? {
        guard let root = source.document() else { return nil }
        guard let version = root["openapi"]?.text, version.hasPrefix("3.") else {
            let isOld = root["swagger"] != nil
            source.yaml.report(
                .wrongKind, isOld ? "this is Swagger 2, not OpenAPI 3" : "this is no OpenAPI 3 document",
                at: (root["openapi"] ?? root["swagger"] ?? root).span,
                help: isOld
                    ? "convert it first, for example with swagger2openapi" : "it begins with a line like openapi: 3.1.0"
            )
            return nil
        }
        guard let paths = root["paths"], !paths.members.isEmpty else {
            source.yaml.report(
                .missingKey, "the description has no paths", at: (root["paths"] ?? root).span,
                help: "an import needs at least one path with a method")
            return nil
        }
        let title = root["info"]?["title"]?.text ?? "an API without a title"
        var draft = PackDraft(
            name: options.pack ?? PackDraft.identifier(title),
            origin: "\(source.yaml.file.path), \(title) \(root["info"]?["version"]?.text ?? "")")
        let places = self.places(root["servers"], options, &draft)
        guard !places.isEmpty else {
            source.yaml.report(
                .missingKey, "no server of the description names a host", at: (root["servers"] ?? root).span,
                help: "say which it is: --host api.example.com")
            return nil
        }
        draft.hosts = unique(places.flatMap(\.hosts))
        var rules: [RuleProposal] = []
        for path in paths.members where path.key.hasPrefix("/") {
            if path.value["$ref"] != nil { draft.remarks.append("\(path.key) is elsewhere ($ref) and was left out") }
            for method in methods {
                guard let operation = path.value[method], operation.isMapping else { continue }
                let own = operation["servers"] ?? path.value["servers"]
                let found = own.map { self.places($0, options, &draft) } ?? places
                let rule = proposal(
                    method.asciiUppercased.string, path.key.string, operation, at: found.isEmpty ? places : found,
                    isOwn: own != nil, &draft)
                if let rule { rules.append(rule) }
                for place in found where own != nil {
                    draft.hosts = unique(draft.hosts + place.hosts)
                }
            }
        }
        guard !rules.isEmpty else {
            source.yaml.report(
                .missingKey, "no path has a method", at: paths.span, help: "an import needs at least one operation")
            return nil
        }
        for rule in grouped(rules) { draft.add(rule) }
        return draft
    }

    // MARK: Servers

    private static func places(
        _ servers: YAMLNode?, _ options: RuleImport.Options, _ draft: inout PackDraft
    ) -> [Place] {
        var places: [Place] = []
        for server in servers?.elements ?? [] {
            guard let url = server["url"]?.text else { continue }
            let (host, base) = split(url, server["variables"])
            let hosts = options.hosts.isEmpty ? [host].compactMap { $0 } : options.hosts
            if hosts.isEmpty {
                remark("the server \(url) names no host that a rule can name, and was left out", &draft)
            } else {
                if hosts == [host], host?.contains("*") == true {
                    remark("\(url) became \(host ?? ""): name the hosts that are yours", &draft)
                }
                if let same = places.firstIndex(where: { $0.base == base }) {
                    places[same].hosts = unique(places[same].hosts + hosts)
                } else {
                    places.append(Place(hosts: hosts, base: base))
                }
            }
        }
        if places.isEmpty, !options.hosts.isEmpty { return [Place(hosts: options.hosts, base: "")] }
        return places
    }

    private static func remark(_ text: String, _ draft: inout PackDraft) {
        if !draft.remarks.contains(text) { draft.remarks.append(text) }
    }

    /// `https://{region}.acme.com:8443/v1/` to `*.acme.com` and `/v1`; no host where a rule could not name one.
    private static func split(_ url: String, _ variables: YAMLNode?) -> (host: String?, base: String) {
        var rest = url[...]
        var host: String?
        if let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            host = self.host(String(rest[..<end]), variables)
            rest = rest[end...]
        }
        let base = rest.split(separator: "/").map { resolved(String($0), variables) }.joined(separator: "/")
        return (host, base.isEmpty ? "" : "/\(base)")
    }

    private static func host(_ text: String, _ variables: YAMLNode?) -> String? {
        guard !text.contains("@") else { return nil }
        var labels = text
        // A port is no part of what rules match.
        if let colon = labels.lastIndex(of: ":"), !labels[colon...].contains("]") { labels = String(labels[..<colon]) }
        if labels.hasPrefix("{"), !labels.contains(".") { labels = resolved(labels, variables) }
        let parts = labels.split(separator: ".").map { $0.contains("{") ? "*" : String($0) }
        let literals = parts.count { $0 != "*" }
        // `*.com` would speak for half of the world.
        guard literals > 0, literals == parts.count || literals > 1 else { return nil }
        let host = parts.joined(separator: ".").lowercased()
        guard case .success = HostPattern.parse(Text(host)) else { return nil }
        return host
    }

    /// A text with the defaults of its variables in their place.
    private static func resolved(_ text: String, _ variables: YAMLNode?) -> String {
        var text = text
        for variable in variables?.members ?? [] {
            text = text.replacing("{\(variable.key)}", with: variable.value["default"]?.text ?? "")
        }
        return text
    }

    // MARK: Operations

    private static func proposal(
        _ method: String, _ path: String, _ operation: YAMLNode, at places: [Place], isOwn: Bool,
        _ draft: inout PackDraft
    ) -> RuleProposal? {
        let parts = places.map { ImportedPath($0.base + path) }
        var templates: [PathTemplate] = []
        for part in parts {
            guard case .success(let template) = PathTemplate.parse(Text(part.template)) else {
                remark("\(method) \(path) has no path that a rule can name, and was left out", &draft)
                return nil
            }
            templates.append(template)
        }
        guard let first = parts.first, let host = places.first?.hosts.first else { return nil }
        let called = operation["operationId"]?.text ?? ""
        let own = called.split(whereSeparator: { "/.:".contains($0) }).last ?? ""
        let said = operation["summary"]?.text ?? operation["description"]?.text
        let opening = said.flatMap { WordFamily.words($0).first }.map(stem)
        let ending = ImportedPath(path).tail
        let (weight, ground) = RuleProposal.weigh(
            isRead: harmless.contains(method), isDelete: method == "DELETE",
            names: WordFamily.words(own) + (opening.map { [$0] } ?? []), tail: WordFamily.words(ending ?? ""),
            collection: method == "POST" ? ending.flatMap { WordFamily.words($0).last } : nil)
        var rule = RuleProposal(
            id: called.isEmpty ? "\(method.lowercased())-\(path)" : called,
            title: operation["summary"]?.text.map { String($0.prefix(100)) }, weight: weight, ground: ground, match: "")
        rule.methods = method == "GET" ? ["GET", "HEAD"] : [method]
        rule.paths = templates
        let hosts = unique(places.flatMap(\.hosts))
        rule.hosts = hosts.compactMap { try? HostPattern.parse(Text($0)).get() }
        rule.suffix = first.suffix
        if let suffix = first.suffix { rule.when = "request.path.endsWith('\(suffix)')" }
        rule.resource = ImportedPath(path).head
        rule.remarks = first.remarks
        if operation["deprecated"]?.text == "true" { rule.remarks.append("the description says that it is deprecated") }
        rule.ownHosts = isOwn ? hosts : nil
        rule.call = .http(
            method: method, host: host.replacing("**.", with: "").replacing("*", with: "x1"), segments: first.sample)
        return rule
    }

    /// `Deletes` begins a sentence as `delete` does.
    private static func stem(_ word: String) -> String {
        let short = word.hasSuffix("s") ? String(word.dropLast()) : word
        return WordFamily.naming([short]) != nil || WordFamily.reads.contains(short) ? short : word
    }

    // MARK: Together

    private struct Kinship: Hashable {
        var resource: String
        var methods: [String]
        var hosts: [String]?
    }

    /// Paths that one rule may list, so that a rule stays readable.
    private static let pathLimit = 32

    /// Plain reads of one resource are one rule, and so are PUT and PATCH of one path where their tiers agree.
    private static func grouped(_ rules: [RuleProposal]) -> [RuleProposal] {
        var result: [RuleProposal] = []
        var reads: [Kinship: Int] = [:]
        for rule in rules {
            if rule.weight == .tier(1), rule.suffix == nil, rule.remarks.isEmpty, rule.methods == ["GET", "HEAD"] {
                let kinship = Kinship(resource: rule.resource, methods: rule.methods, hosts: rule.ownHosts)
                if let place = reads[kinship], result[place].paths.count + rule.paths.count <= pathLimit {
                    result[place].paths += rule.paths
                    result[place].title = "Read \(rule.resource)"
                    continue
                }
                reads[kinship] = result.count
                var first = rule
                first.id = rule.resource.isEmpty ? "read" : "\(rule.resource).read"
                result.append(first)
            } else if let place = result.indices.suffix(methods.count).last(where: { result[$0].isTwin(of: rule) }) {
                result[place].methods += rule.methods
            } else {
                result.append(rule)
            }
        }
        for place in result.indices { result[place].match = match(result[place]) }
        return result
    }

    private static func match(_ rule: RuleProposal) -> String {
        let host = rule.ownHosts.map { "host: \(PackDraft.list($0)), " } ?? ""
        let paths = unique(rule.paths.map(\.spelling.string))
        return "{\(host)method: \(PackDraft.list(rule.methods)), path: \(PackDraft.list(paths))}"
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}

extension RuleProposal {
    /// PUT and PATCH of one path that weigh the same.
    fileprivate func isTwin(of other: RuleProposal) -> Bool {
        let changing: Set<String> = ["PUT", "PATCH"]
        return changing.isSuperset(of: methods) && changing.isSuperset(of: other.methods) && paths == other.paths
            && weight == other.weight && suffix == other.suffix && ownHosts == other.ownHosts
            && methods != other.methods
    }
}
