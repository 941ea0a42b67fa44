import Calls
import JSON
import Wire

/// A POST of a body, read as if it had come over a connection; nil where it is refused.
func call(
    _ url: Text, _ type: String, _ body: [UInt8], method: Text = "POST", coding: String? = nil,
    knowing knowledge: CallReader.Knowledge = .init()
) -> Call? {
    var fields = [(name: "Content-Type", value: type)]
    if let coding { fields.append((name: "Content-Encoding", value: coding)) }
    guard let head = try? RequestHead.spelled(method: method, url: url, fields: fields, bodyLength: body.count) else {
        return nil
    }
    return try? CallReader.read(
        id: CallID("c_fuzz"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
        body: body.isEmpty ? .none : .bytes(body), knowing: knowledge, principal: principal)
}

/// Everything but letters and digits encoded, as no client does and every reader understands.
func percentEncoded(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.utf8.count == 1 ? "0" + digits : digits)
    }.joined()
}
