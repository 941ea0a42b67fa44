import CEL
import Calls
import JSON

/// What the conditions of a rule may name. A field of another protocol is no name at all, so using it is an error at load
/// and not a condition that is never true.
struct Vocabulary {
    /// Of the operation that the rule is for; nil for rules that are for HTTP alone.
    let kind: OperationPattern.Kind?
    /// What every path template of the rule binds.
    let parameters: [Text]
    /// Lists of the pack.
    let lists: [(name: Text, values: [Text])]

    private static let texts = ValueType.map(.string, .list(.string))

    private static let request = ValueType.record(
        "request",
        [
            "method": .string, "scheme": .string, "host": .string, "port": .int, "path": .string, "query": texts,
            "headers": texts,
        ])
    private static let agent = ValueType.record(
        "agent",
        [
            "id": .string, "owner": .string, "groups": .list(.string), "labels": .map(.string, .string),
            "autonomy": .string,
        ])
    private static let session = ValueType.record(
        "session",
        [
            "calls": .int, "holds": .int, "failures": .int, "money": .map(.string, .int), "confidence": .double,
            "flags": .list(.string),
        ])

    private static let common = [
        Environment.Variable("request", request, hasPaths: true),
        Environment.Variable("query", .map(.string, .string), hasPaths: true),
        Environment.Variable("agent", agent, hasPaths: true), Environment.Variable("session", session, hasPaths: true),
        Environment.Variable("now", .timestamp),
    ]

    private static let bodies = [
        Environment.Variable("body", .dyn, hasPaths: true),
        Environment.Variable("form", .map(.string, .string), hasPaths: true),
    ]

    var variables: [Environment.Variable] {
        var variables = Self.common
        variables.append(
            Environment.Variable(
                "params", .record("params", Dictionary(parameters.map { ($0, .string) }) { first, _ in first }),
                hasPaths: true))
        if !lists.isEmpty { variables.append(listsVariable) }
        guard let kind else { return variables + Self.bodies }
        variables.append(
            Environment.Variable(Text(kind.word), .record(Text(kind.word), Self.fields(of: kind)), hasPaths: true))
        switch kind {
        // What these carry is the operation's own, taken out of the body.
        case .mcp, .graphql, .jsonrpc: return variables + [Environment.Variable("args", .dyn, hasPaths: true)]
        case .grpc, .dns: return variables
        case .aws, .sql: return variables + Self.bodies
        }
    }

    private static func fields(of kind: OperationPattern.Kind) -> [Text: ValueType] {
        switch kind {
        case .aws: ["service": .string, "action": .string]
        case .mcp: ["server": .string, "tool": .string, "session": .string]
        case .graphql:
            [
                "operation": .string, "name": .string, "field": .string, "alias": .string, "depth": .int,
                "variables": .dyn,
            ]
        case .grpc: ["service": .string, "method": .string]
        case .jsonrpc: ["method": .string]
        case .sql: ["kind": .string]
        case .dns: ["name": .string, "type": .string]
        }
    }

    private var listsVariable: Environment.Variable {
        let keys = lists.map { Value.text($0.name) }
        let values = lists.map { Value.list($0.values.map(Value.text)) }
        let type = ValueType.record("lists", Dictionary(lists.map { ($0.name, .list(.string)) }) { first, _ in first })
        return Environment.Variable("lists", type, constant: MapValue(keys, values).map(Value.map) ?? .null)
    }

    /// Names that other rules could use, for the help where one of them is missing here.
    static func home(of name: String) -> String? {
        switch name {
        case "body", "form": "rules that match no operation, or aws or sql"
        case "args": "rules that match mcp, graphql or jsonrpc"
        case "lists": "packs that declare lists"
        default:
            OperationPattern.Kind.allCases.map(\.word).contains(name) ? "rules whose match has \(name)" : nil
        }
    }
}
