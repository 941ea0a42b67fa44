import Calls
import JSON
import Wire

/// A call told in words, read as one that came over a connection.
func read(
    _ method: Text, _ url: Text, _ fields: [(String, String)] = [], _ body: [UInt8]? = nil,
    knowing knowledge: CallReader.Knowledge = .init()
) throws(WireError) -> Call {
    let head = try RequestHead.spelled(
        method: method, url: url, fields: fields.map { (name: $0.0, value: $0.1) }, bodyLength: body?.count)
    return try CallReader.read(
        id: CallID("c_1"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
        body: body.map { .bytes($0) } ?? .none, knowing: knowledge,
        principal: { credential in
            if case .opaque(let bytes) = credential { .opaque(text(bytes)) } else { .none }
        })
}

/// The operations of a POST, one word for each, or the code of the refusal.
func operations(
    _ url: Text, _ type: String, _ body: String, method: Text = "POST",
    knowing knowledge: CallReader.Knowledge = .init()
) -> [String] {
    do throws(WireError) {
        let body = body.isEmpty ? nil : bytes(body)
        return try read(method, url, type.isEmpty ? [] : [("Content-Type", type)], body, knowing: knowledge)
            .operations.map(word)
    } catch { return [error.code] }
}

func word(_ operation: Calls.Operation) -> String {
    switch operation {
    case .http: "http"
    case .aws(let service, let action): "aws \(service) \(action)"
    case .mcp(let server, let tool, let args): "mcp \(server) \(tool)\(json(args))"
    case .jsonrpc(let method, let params): "rpc \(method)\(json(params))"
    case .graphql(let operation, let name, let field, let alias, let depth, let args, _):
        "\(operation)\(name.map { " \($0)" } ?? ""): \(alias.map { "\($0)=" } ?? "")\(field)\(json(args)) \(depth)"
    case .grpc(let service, let method): "grpc \(service) \(method)"
    case .sql(let kind): "sql \(kind)"
    case .dns(let name, let type): "dns \(name) \(type)"
    case .batched(let call):
        "\(call.method) \(call.target.spelling)" + (call.operations == [.http] ? "" : " \(call.operations.map(word))")
    case .unreadable(_, let floor): "unreadable \(floor.rawValue)"
    case .wrapper: "wrapper"
    }
}

private func json(_ node: JSONNode?) -> String { node.map { " " + text($0.spelling) } ?? "" }

func crlf(_ lines: String...) -> String { lines.joined(separator: "\r\n") }
