import Calls
import JSON

/// Which operations a rule is for: `aws: {service: ec2, action: [Describe*, RunInstances]}`.
struct OperationPattern: Hashable, Sendable {
    /// How an operation is named: a scope first, then a name in it.
    enum Kind: Int, Hashable, Sendable, CaseIterable {
        case aws, mcp, graphql, grpc, jsonrpc, sql, dns

        /// The keys under `match`, in the order scope and name; nil where the protocol has no scope.
        var keys: (scope: String?, name: String) {
            switch self {
            case .aws: ("service", "action")
            case .mcp: ("server", "tool")
            case .graphql: ("operation", "field")
            case .grpc: ("service", "method")
            case .jsonrpc: (nil, "method")
            case .sql: (nil, "kind")
            case .dns: ("type", "name")
            }
        }

        /// AWS refuses another case or takes it for the same action, and names of hosts have none. Everywhere else the
        /// name is its exact bytes.
        var foldsCase: Bool {
            switch self {
            case .aws, .sql, .dns: true
            case .mcp, .graphql, .grpc, .jsonrpc: false
            }
        }

        /// A scope as decoders spell it: services in small letters, types of DNS records in capitals.
        func scope(_ text: Text) -> Text {
            switch self {
            case .aws, .graphql: text.asciiLowercased
            case .dns: text.asciiUppercased
            case .mcp, .grpc, .jsonrpc, .sql: text
            }
        }

        /// Whether it may be without anything in a body saying so.
        var isNamedByHead: Bool {
            switch self {
            case .aws, .grpc, .dns: true
            case .mcp, .graphql, .jsonrpc, .sql: false
            }
        }

        /// As the key under `match` and the variable of conditions.
        var word: String {
            switch self {
            case .aws: "aws"
            case .mcp: "mcp"
            case .graphql: "graphql"
            case .grpc: "grpc"
            case .jsonrpc: "jsonrpc"
            case .sql: "sql"
            case .dns: "dns"
            }
        }
    }

    let kind: Kind
    /// Empty: any.
    let scopes: [Text]
    /// Empty: any.
    let names: [NameGlob]

    /// What an operation is called; nil for what has no name of its own.
    static func naming(_ operation: Operation) -> (kind: Kind, scope: Text, name: Text)? {
        switch operation {
        case .http, .batched, .unreadable, .wrapper: nil
        case .aws(let service, let action): (.aws, service, action)
        case .mcp(let server, let tool, _): (.mcp, server, tool)
        case .jsonrpc(let method, _): (.jsonrpc, "", method)
        case .graphql(let operation, _, let field, _, _, _, _): (.graphql, operation, field)
        case .grpc(let service, let method): (.grpc, service, method)
        case .sql(let kind): (.sql, "", kind)
        case .dns(let name, let type): (.dns, type, name)
        }
    }
}

/// A name with `*` at the beginning, the end, or both.
struct NameGlob: Hashable, Sendable {
    let core: Text
    let isOpenLeft: Bool
    let isOpenRight: Bool
    let foldsCase: Bool

    var isExact: Bool { !isOpenLeft && !isOpenRight }

    static func parse(_ text: Text, foldsCase: Bool) -> Result<NameGlob, Malformed> {
        let text = foldsCase ? text.asciiLowercased : text
        var bytes = text.utf8[...]
        let isOpenLeft = bytes.first == UInt8(ascii: "*")
        if isOpenLeft { bytes.removeFirst() }
        let isOpenRight = bytes.last == UInt8(ascii: "*")
        if isOpenRight { bytes.removeLast() }
        let isName = !bytes.contains { $0 == UInt8(ascii: "*") || $0 < 0x20 || $0 == 0x7F }
        guard isName, !bytes.isEmpty || isOpenLeft, let core = Text(utf8: bytes) else {
            return .failure(
                Malformed("this is no name", help: "for example RunInstances, Describe* or *Policy; a list is allowed"))
        }
        return .success(NameGlob(core: core, isOpenLeft: isOpenLeft, isOpenRight: isOpenRight, foldsCase: foldsCase))
    }

    func matches(_ name: Text) -> Bool {
        let name = foldsCase ? name.asciiLowercased : name
        switch (isOpenLeft, isOpenRight) {
        case (false, false): return name == core
        case (false, true): return name.hasPrefix(core)
        case (true, false): return name.hasSuffix(core)
        case (true, true): return contains(name.bytes, core.bytes)
        }
    }

    private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= text.count else { return false }
        return (0...text.count - part.count).contains { text[$0..<$0 + part.count].elementsEqual(part) }
    }
}
