/// What the name of a header field makes of the field: looked up once, where a head is read, and asked for by number
/// from then on. Comparing names as text cost more than all the rest of reading a call.
package enum FieldName: UInt8, Sendable {
    /// Goes on as it came.
    case ordinary
    /// Has an underscore, which some servers read as a hyphen.
    case underscored
    /// Between one party and the next only (RFC 9110 section 7.6.1), or written anew.
    case hopByHop
    /// Says nothing of its own to anybody behind the gate: `Proxy-…`.
    case proxy
    /// The gate's own: `Tiergate-…`.
    case own
    case alternativeService
    case connection, host, contentLength, expect
    case methodOverride, pathOverride
    /// Must not come twice.
    case single
    case contentType, contentEncoding, idempotencyKey, amazonDate, amazonTarget, smithyProtocol, mcpSession
    /// Must not come twice, and says in whose name the call acts.
    case credential
    case authorization, amazonToken
    case signatureInput

    /// Its place in a set of names.
    @inlinable package var bit: UInt32 { 1 << UInt32(rawValue) }

    static let credentials = FieldName.credential.bit | FieldName.authorization.bit | FieldName.amazonToken.bit

    package var isCredential: Bool {
        switch self {
        case .credential, .authorization, .amazonToken: true
        default: false
        }
    }

    package var isSingle: Bool {
        switch self {
        case .single, .contentType, .contentEncoding, .idempotencyKey, .amazonDate, .amazonTarget, .smithyProtocol,
            .mcpSession:
            true
        default: isCredential
        }
    }

    /// The name in whatever case it is spelled.
    package init(_ spelling: Span<UInt8>) { self = FieldName.table.name(spelling) }

    static let table = FieldNameTable(known)

    /// In small letters.
    private static let known: [(FieldName, [String])] = [
        (.connection, ["connection"]), (.host, ["host"]), (.contentLength, ["content-length"]), (.expect, ["expect"]),
        (
            .hopByHop,
            ["keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings"]
        ),
        (.proxy, ["proxy-connection", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization"]),
        (.alternativeService, ["alt-svc"]),
        (.methodOverride, ["x-http-method-override", "x-method-override", "x-http-method"]),
        (
            .pathOverride,
            [
                "x-original-url", "x-rewrite-url",
                // Another host, which is half of where a call goes.
                "x-forwarded-host", "x-forwarded-server", "x-original-host", "x-host", "x-http-host-override",
            ]
        ),
        (.contentType, ["content-type"]), (.contentEncoding, ["content-encoding"]),
        (.idempotencyKey, ["idempotency-key"]), (.amazonDate, ["x-amz-date"]), (.amazonTarget, ["x-amz-target"]),
        (.smithyProtocol, ["smithy-protocol"]), (.signatureInput, ["signature-input"]),
        (.mcpSession, ["mcp-session-id"]),
        (
            .single,
            [
                "content-md5", "content-range", "content-location", "content-disposition", "range", "date", "origin",
                "referer", "destination", "depth", "overwrite", "if-modified-since", "if-unmodified-since",
                "x-idempotency-key", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-acl", "x-amz-invocation-type",
                "x-ms-version", "x-ms-copy-source", "x-goog-user-project", "x-github-api-version", "stripe-account",
                "stripe-version", "mcp-protocol-version", "mcp-method", "mcp-name",
            ]
        ),
        (.authorization, ["authorization"]), (.amazonToken, ["x-amz-security-token"]),
        (.credential, CredentialFields.names.filter { $0 != "authorization" && $0 != "x-amz-security-token" }),
    ]
}

/// From a spelling to the name, without making text of it: every field of every message is looked up.
struct FieldNameTable: Sendable {
    private struct Entry {
        var start = 0
        var count = 0
        var name = FieldName.ordinary
    }

    private var letters: [UInt8] = []
    /// Far more slots than names, so that a search soon meets an empty one.
    private var entries = [Entry](repeating: Entry(), count: 512)

    init(_ known: [(FieldName, [String])]) {
        for (name, spellings) in known {
            for spelling in spellings {
                var slot = Self.hash(spelling.utf8.span)
                while entries[slot].count > 0 { slot = (slot + 1) & 511 }
                entries[slot] = Entry(start: letters.count, count: spelling.utf8.count, name: name)
                letters.append(contentsOf: spelling.utf8)
            }
        }
    }

    func name(_ spelling: Span<UInt8>) -> FieldName {
        guard !spelling.isEmpty else { return .ordinary }
        var slot = Self.hash(spelling)
        let entries = entries.span
        let letters = letters.span
        while entries[slot].count > 0 {
            let entry = entries[slot]
            if entry.count == spelling.count,
                Self.matches(letters.extracting(entry.start..<entry.start + entry.count), spelling)
            {
                return entry.name
            }
            slot = (slot + 1) & 511
        }
        switch spelling[0] | 0x20 {
        case UInt8(ascii: "p") where Self.begins(spelling, with: "proxy-"): return .proxy
        case UInt8(ascii: "t") where Self.begins(spelling, with: "tiergate-"): return .own
        default: break
        }
        for index in spelling.indices where spelling[index] == 0x5F { return .underscored }
        return .ordinary
    }

    /// The length with some of the bytes; a name has at least one. The names are fixed, so nobody gains from names that collide.
    private static func hash(_ spelling: Span<UInt8>) -> Int {
        let count = spelling.count
        var hash = UInt32(truncatingIfNeeded: count) &* 0x9E37_79B1
        hash = (hash ^ UInt32(spelling[0] | 0x20)) &* 0x0100_0193
        hash = (hash ^ UInt32(spelling[count / 2] | 0x20)) &* 0x0100_0193
        hash = (hash ^ UInt32(spelling[count - 1] | 0x20)) &* 0x0100_0193
        hash = (hash ^ UInt32(spelling[max(0, count - 3)] | 0x20)) &* 0x0100_0193
        return Int(hash >> 15) & 511
    }

    /// Small letters and capitals are the same; other bytes that differ in bit 0x20 are not.
    @inline(__always)
    private static func matches(_ known: Span<UInt8>, _ spelling: Span<UInt8>) -> Bool {
        for index in known.indices {
            let (wanted, byte) = (known[index], spelling[index])
            guard byte == wanted || byte ^ wanted == 0x20 && wanted &- 0x61 < 26 else { return false }
        }
        return true
    }

    private static func begins(_ spelling: Span<UInt8>, with prefix: StaticString) -> Bool {
        guard spelling.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount {
            let byte = spelling[index]
            guard unsafe (byte &- 0x41 < 26 ? byte | 0x20 : byte) == prefix.utf8Start[index] else { return false }
        }
        return true
    }
}
