/// What `Proxy-Authorization` says (RFC 9110 section 11.7.2): a token, and with Basic whose it is.
///
/// It is between an agent and this gate: `FieldRole` drops it from every call.
package struct ProxyAuthorization: Hashable, Sendable {
    /// Nil with Bearer.
    package let name: String?
    package let token: [UInt8]

    /// `Basic` with base64 of `name:token` (RFC 7617), or `Bearer token` (RFC 6750); nil for anything else.
    package init?(_ value: ArraySlice<UInt8>) {
        guard let space = value.firstIndex(of: 0x20) else { return nil }
        let rest = trimmingBlanks(value[space...])
        guard !rest.isEmpty else { return nil }
        switch smallLetters(value[..<space]) {
        case "bearer":
            guard rest.allSatisfy(ByteClass.isVisible) else { return nil }
            name = nil
            token = Array(rest)
        case "basic":
            guard let pair = ProxyAuthorization.base64(rest), let colon = pair.firstIndex(of: 0x3A),
                let name = String(validating: pair[..<colon], as: UTF8.self)
            else { return nil }
            self.name = name
            token = Array(pair[(colon + 1)...])
        default: return nil
        }
    }

    /// Padded or not (RFC 4648 section 4).
    private static func base64(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var text = text
        for _ in 0..<2 where text.last == 0x3D { text.removeLast() }
        guard !text.contains(0x2D), !text.contains(0x5F) else { return nil }
        let translated = text.map { byte -> UInt8 in
            switch byte {
            case 0x2B: 0x2D
            case 0x2F: 0x5F
            default: byte
            }
        }
        return Base64URL.decode(translated[...])
    }
}
