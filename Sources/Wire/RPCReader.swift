import Calls
import JSON

/// Takes JSON-RPC messages and batches apart (JSON-RPC 2.0); `tools/call` of the Model Context Protocol is a call of a tool.
enum RPCReader {
    /// Whether a document is JSON-RPC: an object with `jsonrpc`, or an array in which one is.
    static func isRPC(_ root: JSONNode) -> Bool {
        switch root.kind {
        case .object: isMessage(root)
        case .array: root.elements.contains(where: isMessage)
        case .null, .bool, .number, .string: false
        }
    }

    /// - Parameter server: what the server of the Model Context Protocol is called.
    static func read(_ root: JSONNode, server: Text, limits: DecodingLimits) throws(WireError) -> [Operation] {
        guard root.kind == .array else { return [try message(root, server)] }
        guard root.count > 0 else { throw .malformedRPC(.emptyBatch) }
        guard root.count <= limits.operations else { throw .tooManyOperations(limit: limits.operations) }
        var operations: [Operation] = []
        for element in root.elements {
            guard isMessage(element) else { throw .malformedRPC(.mixedBatch) }
            operations.append(try message(element, server))
        }
        return operations
    }

    private static func message(_ message: JSONNode, _ server: Text) throws(WireError) -> Operation {
        try checkSpelling(of: message, ["jsonrpc", "method", "params", "id", "result", "error"])
        guard message["jsonrpc"]?.text == "2.0" else { throw .malformedRPC(.version) }
        guard let method = message["method"] else {
            guard message["result"] != nil || message["error"] != nil else { throw .malformedRPC(.noMethod) }
            // An answer to what the server asked; no method is called.
            return .jsonrpc(method: "", params: nil)
        }
        guard let name = method.text else { throw .malformedRPC(.method) }
        try VisibleName.check(name)
        let params = message["params"]
        guard params.map({ $0.kind == .object || $0.kind == .array || $0.isNull }) ?? true else {
            throw .malformedRPC(.params)
        }
        guard name == "tools/call" else { return .jsonrpc(method: name, params: params) }
        guard let params, params.kind == .object else { throw .malformedRPC(.toolCall) }
        try checkSpelling(of: params, ["name", "arguments"])
        guard let tool = params["name"]?.text else { throw .malformedRPC(.toolCall) }
        try VisibleName.check(tool)
        var args = params["arguments"]
        if args?.isNull == true { args = nil }
        guard args.map({ $0.kind == .object }) ?? true else { throw .malformedRPC(.toolCall) }
        return .mcp(server: server, tool: tool, args: args)
    }

    private static func checkSpelling(of object: JSONNode, _ keys: [Text]) throws(WireError) {
        guard !KeySpelling.hasVariant(object, of: keys) else { throw .malformedRPC(.spelling) }
    }

    private static func isMessage(_ object: JSONNode) -> Bool {
        object.hasKey { KeySpelling.folds($0, to: "jsonrpc") }
    }
}
