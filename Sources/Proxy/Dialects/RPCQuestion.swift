import Calls
import JSON

/// What of a JSON-RPC message or batch an answer to it needs.
struct RPCQuestion: Hashable {
    /// In the order in which they came; never empty.
    let messages: [Message]
    let isBatch: Bool
    /// The Model Context Protocol, whose clients lose the text of every answer that is an HTTP error.
    let isMCP: Bool

    struct Message: Hashable {
        /// As spelled.
        let id: [UInt8]
        /// Its result says itself that it is none.
        let isToolCall: Bool
    }

    /// Nil where nobody waits for an answer: notifications have no id.
    init?(_ root: JSONNode, _ fields: Fields) {
        isBatch = root.kind == .array
        let all = isBatch ? Array(root.elements) : [root]
        messages = all.compactMap { message in
            guard let id = message["id"], id.kind == .string || id.kind == .number else { return nil }
            return Message(id: Array(id.spelling), isToolCall: message["method"]?.text == "tools/call")
        }
        guard !messages.isEmpty else { return nil }
        let accepted = fields.text("accept")?.string ?? ""
        isMCP =
            messages.contains(where: \.isToolCall) || fields.contains("mcp-protocol-version")
            || accepted.contains("text/event-stream")
    }
}
