import Calls
import JSON
import Wire

/// One answer of the operator socket, before it is bytes.
package struct OperatorReply: Sendable {
    let status: Int
    let reason: String
    var fields: Fields
    let body: [UInt8]

    static func ok(_ body: [UInt8], digest: Digest? = nil) -> OperatorReply {
        var fields: Fields = ["Content-Type": "application/json"]
        // What a decision names with If-Match is what was shown with ETag (RFC 9110 section 8.8.3).
        if let digest { fields.append("ETag", "\"\(digest)\"") }
        return OperatorReply(status: 200, reason: "OK", fields: fields, body: body)
    }

    /// RFC 9457.
    static func problem(_ problem: OperatorProblem, _ boundary: Boundary) -> OperatorReply {
        var fields: Fields = ["Content-Type": "application/problem+json"]
        if case .methodNotAllowed(let allowed) = problem { fields.append("Allow", allowed) }
        return OperatorReply(
            status: problem.status, reason: problem.title, fields: fields, body: problem.document(boundary))
    }

    package func write(server: String, close: Bool, into bytes: inout [UInt8]) {
        var fields = fields
        fields.append("Cache-Control", "no-store")
        fields.append("Server", server)
        HTTPWriter.response(
            status: status, reason: Array(reason.utf8), fields: fields, framing: .length(UInt64(body.count)),
            close: close,
            into: &bytes)
        bytes.append(contentsOf: body)
    }
}
