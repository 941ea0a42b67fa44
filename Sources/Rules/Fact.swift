import CEL
import JSON

/// Where the value of a slot comes from: what a reference of a condition means, worked out when the rule is loaded.
enum Fact: Hashable, Sendable {
    enum Part: String, Hashable, Sendable {
        case method, scheme, host, port, path, query, headers
    }

    case request(Part)
    case requestQuery(Text)
    /// The name in small letters.
    case requestHeader(Text)
    case parameter(Text)
    case query(Text)
    case form([Text])
    case body([Text])
    case arguments([Text])
    case variables([Text])
    /// A field of the operation: `mcp.tool`.
    case operation(Text)
    case agent([Text])
    case session([Text])
    case now
    /// The n-th `let`.
    case binding(Int)
    /// A variable as a whole, which has no value of its own.
    case nothing

    init(_ reference: CEL.Reference, bindings: [Text]) {
        let path = reference.path
        switch reference.variable.string {
        case "now": self = .now
        case "body": self = .body(path)
        case "form": self = .form(path)
        case "args": self = .arguments(path)
        case "agent": self = .agent(path)
        case "session": self = .session(path)
        case "params": self = path.first.map(Fact.parameter) ?? .nothing
        case "query": self = path.first.map(Fact.query) ?? .request(.query)
        case "request":
            guard let part = path.first.flatMap({ Part(rawValue: $0.string) }) else {
                self = .nothing
                return
            }
            switch part {
            case .query where path.count == 2: self = .requestQuery(path[1])
            case .headers where path.count == 2: self = .requestHeader(path[1].asciiLowercased)
            default: self = .request(part)
            }
        case "graphql" where path.first == "variables": self = .variables(Array(path.dropFirst()))
        default:
            if let number = bindings.firstIndex(of: reference.variable) {
                self = .binding(number)
            } else {
                self = path.first.map(Fact.operation) ?? .nothing
            }
        }
    }

    /// Whether it is known only when the body is.
    var readsBody: Bool {
        switch self {
        case .form, .body, .arguments, .variables, .operation: true
        case .request, .requestQuery, .requestHeader, .parameter, .query, .agent, .session, .now, .binding, .nothing:
            false
        }
    }
}
