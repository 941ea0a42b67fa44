import Calls
import JSON
import Wire

/// Which fields of an upstream's answer reach the agent.
enum ResponseFields {
    /// Hop-by-hop (RFC 9110 section 7.6.1) and framing. `alt-svc` would lead the client to a protocol or a place beside
    /// the gate.
    private static let dropped = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authentication-info", "te",
        "trailer", "transfer-encoding", "upgrade", "alt-svc",
    ]
    private static let own = Array("tiergate-".utf8)

    static func forwarded(_ head: ResponseHead, to method: Text) -> Fields {
        let fields = head.fields
        let named = fields.contains("connection") ? names(in: fields.values(of: "connection")) : []
        // To HEAD and with 304 the length is of a body that does not follow: information, not framing.
        let keepsLength = head.framing == .none && head.status != 204
        return fields.filter { index in
            for name in dropped where fields.has(name, at: index) { return false }
            for name in named where fields.has(name, at: index) { return false }
            if fields.has("content-length", at: index) { return keepsLength }
            return !isOwn(fields.name(at: index))
        }
    }

    /// What `Connection` says goes no further.
    private static func names(in values: [ArraySlice<UInt8>]) -> [String] {
        values.flatMap { $0.split(separator: 0x2C) }.compactMap { part in
            Text(utf8: part.filter { $0 != 0x20 && $0 != 0x09 })?.string
        }
    }

    /// Nobody but the gate speaks in its name.
    private static func isOwn(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, first | 0x20 == 0x74, name.count >= own.count else { return false }
        return zip(name, own).allSatisfy { ($0 | 0x20) == $1 || $0 == $1 }
    }
}
