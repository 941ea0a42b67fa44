import Calls

/// Leaves of a head's fields those that go to the upstream as they came, and refuses those that two servers would read
/// differently.
enum FieldCleaner {
    /// What a field's name makes of it.
    private enum Role {
        /// Between the agent and this gate only, or written anew.
        case dropped
        /// Must not come twice.
        case single
        /// Asks the upstream to take another method than the one in the start line.
        case methodOverride
        /// Asks the upstream to take another path.
        case pathOverride
        case ordinary
    }

    static func clean(_ fields: Fields, method: some Sequence<UInt8>) throws(WireError) -> Fields {
        try checkConnection(fields)
        let method = Array(method)
        var clean = Fields(reserving: 1024, entries: fields.count)
        for index in 0..<fields.count {
            let name = fields.name(at: index)
            if name.contains(0x5F) { try refuseDisguise(name) }
            let small = smallLetters(name)
            switch role(of: small) {
            case .dropped: continue
            case .methodOverride:
                guard MethodOverride.names(method, in: fields.value(at: index)) else { throw .methodOverride }
            case .pathOverride: throw .pathOverride(small)
            case .single:
                guard fields.count(of: small) == 1 else { throw .duplicateField(small) }
                clean.append(name, fields.value(at: index))
            case .ordinary:
                clean.append(name, fields.value(at: index))
            }
        }
        return clean
    }

    private static func role(of name: String) -> Role {
        if let role = roles[name] { return role }
        return name.hasPrefix("proxy-") || name.hasPrefix("tiergate-") ? .dropped : .ordinary
    }

    private static let roles: [String: Role] = {
        let names: [(Role, [String])] = [
            (
                // RFC 9110 section 7.6.1, and what is written anew.
                .dropped,
                [
                    "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
                    "host",
                    "content-length", "expect",
                ]
            ),
            (.methodOverride, MethodOverride.fieldNames),
            (.pathOverride, ["x-original-url", "x-rewrite-url"]),
            (
                .single,
                [
                    "authorization", "content-type", "content-encoding", "content-md5", "content-range",
                    "content-location", "content-disposition", "range", "date", "origin", "referer", "destination",
                    "depth", "overwrite", "if-modified-since", "if-unmodified-since", "idempotency-key",
                    "x-idempotency-key", "api-key", "x-api-key", "private-token", "x-amz-target", "x-amz-date",
                    "x-amz-content-sha256", "x-amz-security-token", "x-amz-copy-source", "x-amz-acl",
                    "x-amz-invocation-type", "smithy-protocol", "x-ms-version", "x-ms-copy-source",
                    "x-goog-user-project", "x-github-api-version", "x-shopify-access-token", "stripe-account",
                    "stripe-version", "mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name",
                ]
            ),
        ]
        var roles: [String: Role] = [:]
        for (role, names) in names { for name in names { roles[name] = role } }
        return roles
    }()

    /// CGI and its descendants read `Content_Type` as `Content-Type`.
    private static func refuseDisguise(_ name: ArraySlice<UInt8>) throws(WireError) {
        let plain = smallLetters(name.map { $0 == 0x5F ? 0x2D : $0 })
        switch role(of: plain) {
        case .dropped, .single, .methodOverride, .pathOverride: throw .disguisedField(plain)
        case .ordinary: return
        }
    }

    /// `Connection` may name what concerns the connection; a field of the call that it names would be taken out by one
    /// server and not by another.
    private static func checkConnection(_ fields: Fields) throws(WireError) {
        for value in fields.values(of: "connection") {
            for option in value.split(separator: 0x2C) {
                let name = smallLetters(trimmingBlanks(option))
                switch name {
                case "", "close", "keep-alive", "upgrade", "te", "trailer", "http2-settings", "proxy-connection":
                    continue
                case _ where fields.contains(name): throw .malformedConnection
                default: continue
                }
            }
        }
    }
}
