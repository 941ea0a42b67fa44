import Calls
import JSON
import Wire

/// Which fields of an upstream's answer reach the agent.
enum ResponseFields {
    static func forwarded(_ head: ResponseHead, to method: Text) -> Fields {
        let fields = head.fields
        let named = head.hasConnectionOptions ? names(in: fields.values(of: "connection")) : []
        // To HEAD and with 304 the length is of a body that does not follow: information, not framing.
        let keepsLength = head.framing == .none && head.status != 204
        return fields.filter { index in
            switch fields.known(at: index) {
            // `Alt-Svc` would lead the client to a protocol or a place beside the gate; nobody but the gate speaks in its
            // name.
            case .connection, .hopByHop, .proxy, .alternativeService, .own: return false
            case .contentLength: return keepsLength
            default: return !named.contains { fields.has($0, at: index) }
            }
        }
    }

    /// What `Connection` says goes no further, beside what never does.
    private static func names(in values: [ArraySlice<UInt8>]) -> [String] {
        return values.flatMap { $0.split(separator: 0x2C) }.compactMap { part in
            Text(utf8: part.filter { $0 != 0x20 && $0 != 0x09 })?.string
        }
    }
}
