import Crypto

/// What all peers of a measurement share: the origin, the certificates, and where their files are.
struct Site: Sendable {
    let directory: ScratchDirectory
    let certificates: Certificates
    /// The origin's, with TLS and without.
    let originPort: UInt16
    let plainOriginPort: UInt16
    /// What the load client trusts: peers' certificates, and the origin's own.
    let peerTLS: TLSClientContext
    let originTLS: TLSClientContext

    init(in directory: ScratchDirectory, ports: inout Ports) throws {
        self.directory = directory
        certificates = try Certificates(in: directory)
        originPort = try ports.next(443)
        plainOriginPort = try ports.next(80)
        peerTLS = try TLSClientContext(roots: [certificates.peers.root], system: false)
        originTLS = try TLSClientContext(roots: [certificates.origin.root], system: false)
    }

    func secure(_ approach: Route.Approach, _ port: UInt16) -> Route {
        Route(approach: approach, port: port, originPort: originPort, tls: peerTLS)
    }

    func plain(_ approach: Route.Approach, _ port: UInt16) -> Route {
        Route(approach: approach, port: port, originPort: plainOriginPort, tls: peerTLS)
    }
}
