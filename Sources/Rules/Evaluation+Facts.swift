import CEL
import Calls
import JSON

extension Evaluation {
    /// The value of a slot, or why it has none.
    func value(of fact: Fact, _ candidate: Candidate) -> Value {
        switch fact {
        case .request(let part): return request(part)
        case .requestQuery(let name):
            let values = call.target.query.filter { $0.name == name }
            return values.isEmpty ? .absent(.noSuchKey) : .list(values.map { .text($0.value) })
        case .requestHeader(let name):
            let values = call.fields.values(of: name.string)
            return values.isEmpty
                ? .absent(.noSuchKey) : .list(values.map { .text(Text(String(decoding: $0, as: UTF8.self))) })
        case .parameter(let name):
            let template = set.rules[candidate.rule].match.paths[candidate.path]
            guard let place = template.parameters[name], place < call.target.segments.count else {
                return .absent(.noSuchKey)
            }
            return .text(call.target.segments[place])
        case .query(let name): return parameter([name], in: call.target.query)
        case .form(let path):
            switch call.document {
            case .form(let parameters): return parameter(path, in: parameters)
            case .multipart(let parts): return self.part(path, in: parts)
            case .none: return parameter(path, in: [])
            case .json: return .absent(.notMap)
            case .opaque: return .absent(.ambiguous)
            }
        case .body(let path):
            switch call.document {
            case .form(let parameters): return parameter(path, in: parameters)
            case .multipart(let parts): return self.part(path, in: parts)
            case .none: return parameter(path, in: [])
            case .json(let document): return member(path, of: document, from: 0)
            case .opaque: return .absent(.ambiguous)
            }
        case .arguments(let path): return member(path, of: arguments)
        case .variables(let path):
            guard case .graphql(_, _, _, _, _, _, let variables) = operation else { return .absent(.unbound) }
            return member(path, of: variables)
        case .operation(let field): return self.field(field)
        case .agent(let path): return agent(path)
        case .session(let path): return session(path)
        case .now:
            return Instant(milliseconds: now.milliseconds).map(Value.timestamp) ?? .absent(.unbound)
        case .binding, .nothing: return .absent(.unbound)
        }
    }

    private func request(_ part: Fact.Part) -> Value {
        let target = call.target
        switch part {
        case .method: return .text(call.method)
        case .scheme: return .text(Text(target.scheme.rawValue))
        case .host: return .text(target.authority.host)
        case .port: return .int(Int64(target.authority.port))
        case .path: return .text(Self.judged(target.path))
        case .query: return Self.lists(target.query.map { ($0.name, $0.value) })
        case .headers:
            return Self.lists(
                (0..<call.fields.count).map { index in
                    (
                        Text(String(decoding: call.fields.name(at: index), as: UTF8.self)).asciiLowercased,
                        Text(String(decoding: call.fields.value(at: index), as: UTF8.self))
                    )
                })
        }
    }

    /// Without the trailing slash that templates do not look at either: what a condition asks of the end of a path is not
    /// slipped by it.
    private static func judged(_ path: Text) -> Text {
        guard path.utf8.count > 1, path.hasSuffix("/") else { return path }
        return Text(String(decoding: path.utf8.dropLast(), as: UTF8.self))
    }

    /// Names with all their values, in the order in which the names came.
    private static func lists(_ pairs: [(name: Text, value: Text)]) -> Value {
        var names: [Text] = []
        var values: [Text: [Value]] = [:]
        for (name, value) in pairs {
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(.text(value))
        }
        return MapValue(names.map(Value.text), names.map { .list(values[$0] ?? []) }).map(Value.map)
            ?? .absent(.ambiguous)
    }

    /// A parameter's one value. One reader takes the first of two, another the last: whoever asks for one has none.
    private func parameter(_ path: [Text], in parameters: [Parameter]) -> Value {
        guard let name = path.first else { return whole(parameters) }
        var found: Text?
        for parameter in parameters where parameter.name == name {
            guard found == nil else { return .absent(.ambiguous) }
            found = parameter.value
        }
        guard let found else { return .absent(path.count == 1 ? .noSuchKey : .noContainer) }
        return path.count == 1 ? .text(found) : .absent(.notMap)
    }

    /// A part that is no text is there, and has no value that a rule could compare.
    private func part(_ path: [Text], in parts: [FormPart]) -> Value {
        let texts = parts.map { part in
            if case .text(let text) = part.content { Parameter(part.name, text) } else { Parameter(part.name, "") }
        }
        guard let name = path.first else { return whole(texts) }
        for part in parts where part.name == name {
            switch part.content {
            case .text: continue
            case .json(let document):
                guard parts.count(where: { $0.name == name }) == 1 else { return .absent(.ambiguous) }
                return member(Array(path.dropFirst()), of: document, from: 0)
            case .bytes: return .absent(.notMap)
            }
        }
        return parameter(path, in: texts)
    }

    private func whole(_ parameters: [Parameter]) -> Value {
        // Nil where a name is there twice.
        MapValue(parameters.map { .text($0.name) }, parameters.map { .text($0.value) }).map(Value.map)
            ?? .absent(.ambiguous)
    }

    private func member(_ path: [Text], of node: JSONNode?) -> Value {
        guard let node else {
            return path.isEmpty
                ? MapValue([], []).map(Value.map) ?? .null : .absent(path.count == 1 ? .noSuchKey : .noContainer)
        }
        let (document, index) = node.place
        return member(path, of: document, from: index)
    }

    private func member(_ path: [Text], of document: JSONDocument, from index: Int) -> Value {
        switch document.find(path, from: index) {
        case .value(let index): Value(document, at: index)
        case .noSuchKey: .absent(.noSuchKey)
        case .noContainer: .absent(.noContainer)
        case .notObject: .absent(.notMap)
        }
    }

    private var arguments: JSONNode? {
        switch operation {
        case .mcp(_, _, let args), .graphql(_, _, _, _, _, let args, _), .jsonrpc(_, let args): args
        default: nil
        }
    }

    private func field(_ name: Text) -> Value {
        let text: Text?
        switch (operation, name.string) {
        case (.aws(let service, _), "service"): text = service
        case (.aws(_, let action), "action"): text = action
        case (.mcp(let server, _, _), "server"): text = server
        case (.mcp(_, let tool, _), "tool"): text = tool
        case (.mcp, "session"): text = call.fields.text("mcp-session-id") ?? ""
        case (.jsonrpc(let method, _), "method"): text = method
        case (.graphql(let operation, _, _, _, _, _, _), "operation"): text = operation
        case (.graphql(_, let name, _, _, _, _, _), "name"): text = name ?? ""
        case (.graphql(_, _, let field, _, _, _, _), "field"): text = field
        case (.graphql(_, _, let field, let alias, _, _, _), "alias"): text = alias ?? field
        case (.graphql(_, _, _, _, let depth, _, _), "depth"): return .int(Int64(depth))
        case (.grpc(let service, _), "service"): text = service
        case (.grpc(_, let method), "method"): text = method
        case (.sql(let kind), "kind"): text = kind
        case (.dns(let name, _), "name"): text = name
        case (.dns(_, let type), "type"): text = type
        default: text = nil
        }
        return text.map(Value.text) ?? .absent(.unbound)
    }

    private func agent(_ path: [Text]) -> Value {
        if path.first == "id" { return .text(Text(call.session.agent.description)) }
        let context = context.known
        switch path.first?.string {
        case "owner": return context.owner.map(Value.text) ?? .absent(.unbound)
        case "groups": return context.groups.map { .list($0.map(Value.text)) } ?? .absent(.unbound)
        case "autonomy": return context.autonomy.map(Value.text) ?? .absent(.unbound)
        case "labels":
            guard let labels = context.labels else { return .absent(.unbound) }
            return entry(path, labels.map { ($0.name, .text($0.value)) })
        default: return .absent(.unbound)
        }
    }

    private func session(_ path: [Text]) -> Value {
        let context = context.known
        switch path.first?.string {
        case "calls": return context.calls.map(Value.int) ?? .absent(.unbound)
        case "holds": return context.holds.map(Value.int) ?? .absent(.unbound)
        case "failures": return context.failures.map(Value.int) ?? .absent(.unbound)
        case "confidence": return context.confidence.map(Value.double) ?? .absent(.unbound)
        case "flags": return context.flags.map { .list($0.map(Value.text)) } ?? .absent(.unbound)
        case "money":
            guard let money = context.money else { return .absent(.unbound) }
            return entry(path, money.map { ($0.currency, .int($0.minor)) })
        default: return .absent(.unbound)
        }
    }

    /// A map of the context, or the value that it has for the key below it.
    private func entry(_ path: [Text], _ entries: [(Text, Value)]) -> Value {
        guard path.count > 1 else {
            return MapValue(entries.map { .text($0.0) }, entries.map(\.1)).map(Value.map) ?? .absent(.ambiguous)
        }
        return entries.first { $0.0 == path[1] }?.1 ?? .absent(.noSuchKey)
    }
}

extension Instant {
    fileprivate init?(milliseconds: Int64) {
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        self.init(seconds: seconds, nanoseconds: (milliseconds - seconds * 1000) * 1_000_000)
    }
}

extension Target {
    /// The path as it is sent, without the query.
    fileprivate var path: Text {
        guard let mark = spelling.utf8.firstIndex(of: UInt8(ascii: "?")) else { return spelling }
        return Text(String(spelling.string[..<mark]))
    }
}
