package import System

/// Why an upstream could not be asked, or did not answer. Nothing was sent before `lostAfterSending`.
package enum UpstreamFailure: Error, Hashable, Sendable {
    /// The name has no address.
    case unresolved(host: String, reason: String)
    /// Its addresses are not public, and the settings do not allow them.
    case forbidden(host: String, address: String, kind: String)
    /// It would be this gate itself.
    case loop(String)
    case unreachable(String, reason: IOError)
    /// Its certificate or its TLS is not acceptable.
    case untrusted(String, reason: String)
}
