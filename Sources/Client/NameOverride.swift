package import System

/// `"**.test": 127.0.0.1` or `api.test: 127.0.0.1:8443`: where a name, or every name under one, is.
///
/// The site's own word, so the address needs no `upstream.allow`; it is never this gate itself all the same.
package struct NameOverride: Hashable, Sendable {
    private let pattern: NamePattern
    package let address: IPAddress
    package let port: UInt16?

    /// - Parameter pattern: a name, or `**.` and a name for all that end in it.
    package init?(pattern: String, address text: String) {
        guard let pattern = NamePattern(pattern) else { return nil }
        self.pattern = pattern
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

    package func covers(_ host: String) -> Bool { pattern.covers(host) }
}
