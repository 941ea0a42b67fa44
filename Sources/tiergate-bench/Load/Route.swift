import Calls
import Crypto
import JSON
import Synchronization

/// The way from the load client to a peer.
struct Route: Sendable {
    enum Approach: Sendable {
        /// CONNECT to the origin's name, then TLS with a leaf that the peer mints for it.
        case tunnel
        /// TLS with the peer itself, which stands where the origin would.
        case reverse
        /// No TLS: the peer is a proxy and gets the whole URL.
        case plainProxy
        /// No TLS, and the peer stands where the origin would.
        case plainReverse

        var isSecure: Bool {
            switch self {
            case .tunnel, .reverse: true
            case .plainProxy, .plainReverse: false
            }
        }
    }

    let approach: Approach
    /// The peer's, on 127.0.0.1.
    let port: UInt16
    /// The origin's, as tunnels and URLs name it.
    let originPort: UInt16
    let tls: TLSClientContext

    static let usualName = "api.test"

    /// As a URL or CONNECT names the origin.
    func authority(of name: String) -> String { "\(name):\(originPort)" }

    func bytes(of message: Message, to name: String) -> [UInt8] {
        switch approach {
        case .tunnel: message.bytes(target: message.path, host: originPort == 443 ? name : authority(of: name))
        case .reverse, .plainReverse: message.bytes(target: message.path, host: name)
        case .plainProxy:
            message.bytes(
                target: "http://\(authority(of: name))\(message.path)",
                host: originPort == 80 ? name : authority(of: name))
        }
    }

    private static let handshakes = Atomic<UInt16>(0)

    /// The name that a certificate must have; with another port each time, by which the TLS client keeps the sessions
    /// that it could resume: every handshake of a measurement is a full one.
    static func certified(_ name: String) -> Authority {
        let port = handshakes.wrappingAdd(1, ordering: .relaxed).newValue
        return Authority(host: Text(name), port: port)
    }
}
