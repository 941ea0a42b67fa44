package import JSON

/// How the upstream is spoken to.
package enum Scheme: String, Sendable {
    case http, https
    /// A question for a name, whose target is `dns://name/TYPE`.
    case dns

    package var defaultPort: UInt16 {
        switch self {
        case .http: 80
        case .https: 443
        case .dns: 53
        }
    }
}

/// Whom a call is for: a host in its one canonical spelling, and a port.
///
/// The host is small letters without a trailing dot: an A-label name, a dotted IPv4 address or an IPv6 address without
/// brackets (`isLiteral` says which). Wire normalises; nobody else makes one from bytes of an agent.
package struct Authority: Hashable, Sendable, CustomStringConvertible {
    package let host: Text
    package let port: UInt16
    package let isLiteral: Bool

    package init(host: Text, port: UInt16, isLiteral: Bool = false) {
        self.host = host
        self.port = port
        self.isLiteral = isLiteral
    }

    private var bracketed: String { isLiteral && host.utf8.contains(0x3A) ? "[\(host)]" : host.string }

    package var description: String { "\(bracketed):\(port)" }

    /// As a Host field carries it: without the port where it is the scheme's own.
    package func hostField(for scheme: Scheme) -> String { port == scheme.defaultPort ? bracketed : description }
}

/// One `name=value` of a query or a form, decoded.
package struct Parameter: Hashable, Sendable {
    package let name: Text
    package let value: Text

    package init(_ name: Text, _ value: Text) {
        self.name = name
        self.value = value
    }
}

/// Where a call goes: what rules match, and the spelling that is sent.
package struct Target: Sendable {
    package let scheme: Scheme
    package let authority: Authority
    /// Decoded path segments after normalising: `/v1/refunds` is `["v1", "refunds"]`, `/` is none, a trailing slash is
    /// a last empty segment.
    package let segments: [Text]
    package let query: [Parameter]
    /// Origin form exactly as it is sent: the normalised path and the query.
    package let spelling: Text

    package init(scheme: Scheme, authority: Authority, segments: [Text], query: [Parameter], spelling: Text) {
        self.scheme = scheme
        self.authority = authority
        self.segments = segments
        self.query = query
        self.spelling = spelling
    }

    /// The target as a person reads it: `https://api.stripe.com/v1/refunds`.
    package var description: String { "\(scheme.rawValue)://\(authority.hostField(for: scheme))\(spelling)" }
}
