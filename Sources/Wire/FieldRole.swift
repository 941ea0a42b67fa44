import Calls

/// What a field's name makes of it.
enum FieldRole {
    /// Between the agent and this gate only, or written anew.
    case dropped
    /// Must not come twice.
    case single
    /// As `single`, and says in whose name the call acts.
    case credential
    /// Asks the upstream to take another method than the one in the start line.
    case methodOverride
    /// Asks the upstream to take another path, or to be another host.
    case pathOverride
    case ordinary

    /// The role of a name, in whatever case it is spelled. `-` may be asked for where `_` stands.
    static func of(_ name: ArraySlice<UInt8>, readingUnderscores: Bool = false) -> FieldRole {
        let role = table.role(name, readingUnderscores)
        if role != .ordinary { return role }
        // Few names have one, and only those are asked about.
        let name = readingUnderscores ? name.map { $0 == 0x5F ? 0x2D : $0 }[...] : name
        return isPrefixed(name, "proxy-") || isPrefixed(name, "tiergate-") ? .dropped : .ordinary
    }

    /// In small letters, by role.
    static let names: [(FieldRole, [String])] = [
        (
            // RFC 9110 section 7.6.1, and what is written anew.
            .dropped,
            [
                "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "host",
                "content-length", "expect",
            ]
        ),
        (.methodOverride, ["x-http-method-override", "x-method-override", "x-http-method"]),
        (
            .pathOverride,
            [
                "x-original-url", "x-rewrite-url", "x-forwarded-host", "x-forwarded-server", "x-original-host",
                "x-host",
                "x-http-host-override",
            ]
        ),
        (
            .single,
            [
                "content-type", "content-encoding", "content-md5", "content-range", "content-location",
                "content-disposition", "range", "date", "origin", "referer", "destination", "depth", "overwrite",
                "if-modified-since", "if-unmodified-since", "idempotency-key", "x-idempotency-key", "x-amz-target",
                "x-amz-date", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-acl", "x-amz-invocation-type",
                "smithy-protocol", "x-ms-version", "x-ms-copy-source", "x-goog-user-project", "x-github-api-version",
                "stripe-account", "stripe-version", "mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name",
            ]
        ),
        (
            .credential, CredentialFields.names
        ),
    ]

    private static let table = RoleTable(names)
}

/// Roles by name, found without making text of the name: every field of every call is looked up.
private struct RoleTable {
    private struct Entry {
        var name: [UInt8] = []
        var role = FieldRole.ordinary
    }

    private var entries = [Entry](repeating: Entry(), count: 512)

    init(_ names: [(FieldRole, [String])]) {
        for (role, names) in names {
            for name in names {
                let bytes = Array(name.utf8)
                var slot = Self.hash(bytes[...], false) & 511
                while !entries[slot].name.isEmpty { slot = (slot + 1) & 511 }
                entries[slot] = Entry(name: bytes, role: role)
            }
        }
    }

    func role(_ name: ArraySlice<UInt8>, _ readingUnderscores: Bool) -> FieldRole {
        var slot = Self.hash(name, readingUnderscores) & 511
        // Far more slots than names, so the search soon meets an empty one.
        while !entries[slot].name.isEmpty {
            if Self.matches(entries[slot].name, name, readingUnderscores) { return entries[slot].role }
            slot = (slot + 1) & 511
        }
        return .ordinary
    }

    /// FNV-1a over small letters. The names are fixed, so nobody gains from names that collide.
    private static func hash(_ name: ArraySlice<UInt8>, _ readingUnderscores: Bool) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(small(byte, readingUnderscores))) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash >> 20)
    }

    private static func matches(_ known: [UInt8], _ name: ArraySlice<UInt8>, _ readingUnderscores: Bool) -> Bool {
        guard known.count == name.count else { return false }
        var index = name.startIndex
        for wanted in known {
            guard small(name[index], readingUnderscores) == wanted else { return false }
            index += 1
        }
        return true
    }

    @inline(__always)
    private static func small(_ byte: UInt8, _ readingUnderscores: Bool) -> UInt8 {
        if byte &- 0x41 < 26 { return byte | 0x20 }
        return readingUnderscores && byte == 0x5F ? 0x2D : byte
    }
}
