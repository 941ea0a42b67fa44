package import Calls
import JSON
import Wire

/// What of a call must come out again when its recording is read: how its body is read, and which operations it holds.
package struct CallShape: Equatable, Sendable {
    private let document: String
    private let operations: [String]

    package init(_ call: Call) {
        document =
            switch call.document {
            case .none: "none"
            case .json: "json"
            case .form(let parameters): "form \(parameters.count)"
            case .multipart(let parts): "multipart \(parts.map { "\($0.name) \(CallShape.kind($0))" })"
            case .opaque: "opaque"
            }
        operations = call.operations.map(CallShape.word)
    }

    private static func kind(_ part: FormPart) -> String {
        switch part.content {
        case .text: "text"
        case .json: "json"
        case .bytes: "bytes"
        }
    }

    private static func word(_ operation: Operation) -> String {
        switch operation {
        case .http: "http"
        case .aws(let service, let action): "aws \(service) \(action)"
        case .mcp(let server, let tool, _): "mcp \(server) \(tool)"
        case .jsonrpc(let method, _): "jsonrpc \(method)"
        case .graphql(let operation, _, let field, _, let depth, _, _): "graphql \(operation) \(field) \(depth)"
        case .grpc(let service, let method): "grpc \(service) \(method)"
        case .sql(let kind): "sql \(kind)"
        case .dns(let name, let type): "dns \(name) \(type)"
        case .batched(let call):
            "batched \(call.method) \(call.target.authority) \(call.target.segments) \(CallShape(call))"
        case .unreadable(_, let floor): "unreadable \(floor)"
        case .wrapper: "wrapper"
        }
    }

    /// The call with other fields and another body.
    static func read(_ call: Call, _ fields: Fields, _ body: [UInt8]) throws(WireError) -> Call {
        var bytes = Array("\(call.method) \(call.target.description) HTTP/1.1\r\nHost: ".utf8)
        bytes += Array(call.target.authority.hostField(for: call.target.scheme).utf8) + [0x0D, 0x0A]
        for index in 0..<fields.count {
            bytes += fields.name(at: index) + [0x3A, 0x20] + fields.value(at: index) + [0x0D, 0x0A]
        }
        bytes += [0x0D, 0x0A]
        guard let (head, _) = try RequestHead.parse(bytes.span) else { throw .truncatedBody }
        return try CallReader.read(
            id: call.id, session: call.session, scheme: nil, tunnel: nil, head: head, body: .bytes(body),
            principal: { _ in .none })
    }
}
