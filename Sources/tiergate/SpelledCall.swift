import Calls
import JSON
import Wire

/// A call told in words, of a rule test or a file of calls, read as one that came over a connection.
enum SpelledCall {
    static func read(
        method: Text, url: Text, fields: [(name: String, value: String)], body: [UInt8]?
    ) throws(WireError) -> Call {
        let head = try RequestHead.spelled(method: method, url: url, fields: fields, bodyLength: body?.count)
        return try CallReader.read(
            id: CallID("c_spelled"), session: SessionID("nobody"), scheme: nil, tunnel: nil, head: head,
            body: body.map { .bytes($0) } ?? .none,
            // No rule reads the principal.
            principal: { _ in .none })
    }
}
