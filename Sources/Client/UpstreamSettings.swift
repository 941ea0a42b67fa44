package import System

/// How upstreams are reached; the settings `upstream.*`, and the time each phase may take.
package struct UpstreamSettings: Sendable {
    /// Ranges that names may lead to beside the public addresses.
    package var allow: [AddressRange] = []
    /// Names answered from here instead of by the resolver.
    package var resolve: [NameOverride] = []
    /// Addresses that are this gate's own: never connected to.
    package var own: [SocketAddress] = []

    package var connectTime: Int64 = 10_000
    package var handshakeTime: Int64 = 10_000
    /// Between two pieces that the upstream takes.
    package var writeTime: Int64 = 60_000
    /// To the head of the answer; models think for minutes.
    package var answerTime: Int64 = 600_000
    /// Between two pieces of the answer.
    package var readTime: Int64 = 300_000
    package var idleTime: Int64 = 55_000
    package var idlePerAuthority = 64
    package var idleTotal = 1024

    package init() {}
}

/// `"**.test": 127.0.0.1` or `api.test: 127.0.0.1:8443`: where a name, or every name under one, is.
package struct NameOverride: Hashable, Sendable {
    private let suffix: String
    private let isWildcard: Bool
    package let address: IPAddress
    package let port: UInt16?

    /// - Parameter pattern: a name, or `**.` and a name for all that end in it.
    package init?(pattern: String, address text: String) {
        isWildcard = pattern.hasPrefix("**.")
        suffix = String(isWildcard ? pattern.dropFirst(2) : pattern[...])
        guard !suffix.isEmpty, !suffix.contains("*") else { return nil }
        if let address = IPAddress(text) {
            self.address = address
            port = nil
        } else if case .ip(let address, let port)? = SocketAddress(text) {
            self.address = address
            self.port = port
        } else {
            return nil
        }
    }

    package func covers(_ host: String) -> Bool { isWildcard ? host.hasSuffix(suffix) : host == suffix }
}
