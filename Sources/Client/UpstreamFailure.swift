package import System

/// Why an upstream could not be asked. Nothing was sent to it.
package indirect enum UpstreamFailure: Error, Hashable, Sendable {
    /// The name has no address.
    case unresolved(host: String, reason: String)
    /// Its addresses are not public, and the settings do not allow them.
    case forbidden(host: String, address: String, kind: String)
    /// It would be this gate itself.
    case loop(String)
    case unreachable(String, reason: IOError)
    /// A phase before the first byte took too long.
    case timedOut(String, UpstreamPhase)
    /// Its certificate or its TLS is not acceptable.
    case untrusted(String, reason: String)
    /// The proxy of `upstream.proxy` did not open the way, or did not let the request through.
    case proxyRefused(String, proxy: String, reason: String)
}
