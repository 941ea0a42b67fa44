import Calls
import JSON
import System

/// Where a connection to an upstream goes, and whether it may.
extension Connector {
    struct Way {
        /// Every address is checked, and the very address that was checked is connected to: whoever changes a name in
        /// between (DNS rebinding) changes nothing.
        let addresses: [SocketAddress]
        let proxy: UpstreamProxy?
    }

    func way(to key: Key) async throws(UpstreamFailure) -> Way {
        let authority = key.authority
        let host = authority.host.string
        let name = authority.description
        if let override = settings.resolve.first(where: { $0.covers(host) }) {
            let address = SocketAddress.ip(override.address, port: override.port ?? authority.port)
            return Way(addresses: try notOwn([address], name), proxy: nil)
        }
        // An address needs no resolving, so what it is can be said whoever connects to it.
        let literal = IPAddress(host)
        if let literal { try check([literal], host) }
        if let proxy = settings.proxy, proxy.serves(host) {
            let found = try await addresses(of: proxy.host)
            return Way(addresses: try notOwn(found.map { .ip($0, port: proxy.port) }, proxy.description), proxy: proxy)
        }
        let found: [IPAddress] = if let literal { [literal] } else { try await addresses(of: host) }
        return Way(addresses: try notOwn(found.map { .ip($0, port: authority.port) }, name), proxy: nil)
    }

    private func addresses(of host: String) async throws(UpstreamFailure) -> [IPAddress] {
        let found: [IPAddress]
        if let literal = IPAddress(host) {
            found = [literal]
        } else {
            do throws(ResolutionFailure) {
                found = try await resolver.addresses(of: host, on: loop, by: loop.now + settings.resolveTime)
            } catch {
                throw error == .timedOut
                    ? .timedOut(host, .resolve) : .unresolved(host: host, reason: error.description)
            }
        }
        try check(found, host)
        return found
    }

    /// One forbidden address among public ones is how a name is rebound: the whole answer is refused.
    private func check(_ addresses: [IPAddress], _ host: String) throws(UpstreamFailure) {
        for address in addresses {
            guard let kind = address.restriction(allowing: settings.allow) else { continue }
            throw .forbidden(host: host, address: address.description, kind: kind)
        }
    }

    private func notOwn(_ addresses: [SocketAddress], _ name: String) throws(UpstreamFailure) -> [SocketAddress] {
        for address in addresses where isOwn(address) { throw .loop(name) }
        return addresses
    }

    /// A listener on all addresses is behind each of this machine's, and to connect to the unspecified address is to
    /// connect to this machine.
    private func isOwn(_ address: SocketAddress) -> Bool {
        settings.own.contains { own in
            guard case .ip(let listening, let port) = own, case .ip(let asked, port) = address else { return false }
            return listening == asked || asked.isUnspecified || listening.isUnspecified && asked.isOfThisMachine
        }
    }
}
