import Calls
import JSON
import Wire

/// Which fields of an upstream's answer reach the agent.
enum ResponseFields {
    /// Hop-by-hop (RFC 9110 section 7.6.1), framing, and what an upstream may not say in the gate's name.
    private static let dropped: Set<Text> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authentication-info", "te",
        "trailer", "transfer-encoding", "upgrade", "alt-svc",
    ]

    /// `alt-svc` would lead the client to a protocol or a place beside the gate.
    static func forwarded(_ head: ResponseHead, to method: Text) -> Fields {
        var named: Set<Text> = []
        for value in head.fields.values(of: "connection") {
            for part in value.split(separator: 0x2C) {
                if let name = Text(utf8: part.filter { $0 != 0x20 && $0 != 0x09 }) {
                    named.insert(name.asciiLowercased)
                }
            }
        }
        // To HEAD and with 304 the length is of a body that does not follow: information, not framing.
        let keepsLength = head.framing == .none
        var fields = Fields(reserving: 512, entries: head.fields.count)
        for index in 0..<head.fields.count {
            let raw = head.fields.name(at: index)
            guard let name = Text(utf8: raw)?.asciiLowercased else { continue }
            if dropped.contains(name) || named.contains(name) || name.hasPrefix("tiergate-") { continue }
            if name == "content-length", !keepsLength || head.status == 204 { continue }
            fields.append(raw, head.fields.value(at: index))
        }
        return fields
    }
}
