import Calls
import JSON
import Rules
import Wire

/// A call told in words, of a rule test or a file of calls, read as one that came over a connection.
enum SpelledCall {
    /// A test's call; where the test says what the operation is, that is what is judged.
    static func read(_ request: RuleTest.Request) throws(WireError) -> Call {
        let call = try read(
            method: request.method, url: request.url, fields: request.headers, body: request.body)
        guard let operation = request.operation else { return call }
        return Call(
            id: call.id, session: call.session, method: call.method, target: call.target, fields: call.fields,
            body: call.body, document: call.document, operations: [operation], principal: call.principal)
    }

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
