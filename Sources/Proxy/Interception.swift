import Calls
import JSON
import Names
import Synchronization
import System

/// What one set of intercepted sockets brings in, from `ProxyServer.intercept` until `end`.
package final class Interception: Sendable {
    let listeners: InterceptedListeners
    let names: NameServer
    /// Questions over TCP, which are short conversations of few clients.
    let nameConnections = ConnectionLimit(Interception.mostNameConnections)

    package static let mostNameConnections = 64

    /// Domains that clients beside the gate append to a name before they ask for it: those of the `resolv.conf(5)` that they
    /// share with it.
    let search: [String]

    init(_ listeners: InterceptedListeners, _ services: Services) {
        self.listeners = listeners
        switch listeners.kind {
        case .transparent: search = []
        case .redirected, .supervised: search = ResolverConfiguration(file: "/etc/resolv.conf").search
        }
        names = NameServer(services)
    }

    /// Closes its sockets, from any thread; connections that came by them go on.
    package func end() { listeners.end() }

    // MARK: Where a connection was going

    /// Where a connection was going to; nil where that was here, or cannot be told.
    func destination(of socket: Socket) -> SocketAddress? {
        let destination: SocketAddress? =
            switch listeners.kind {
            case .transparent: socket.localAddress
            case .redirected: socket.originalDestination
            case .supervised: socket.remoteAddress.flatMap(listeners.destination)
            }
        guard let destination, !isOwn(destination) else { return nil }
        return destination
    }

    /// Connections to a loopback address are never intercepted, so that one was made to the listener itself; and so was one
    /// that nothing has redirected.
    private func isOwn(_ destination: SocketAddress) -> Bool {
        guard !destination.isLoopback, case .ip(let address, let port) = destination else { return true }
        return listeners.streams.contains { listener in
            guard case .ip(let own, port) = listener.address else { return false }
            return own == address || own.isUnspecified && address.isOfThisMachine
        }
    }

    /// The name that an address was given out for.
    func name(of address: IPAddress) -> Name {
        guard address.isSynthetic else { return .unknown }
        guard let name = address.synthetic.flatMap(names.name) else { return .forgotten }
        return .known(name)
    }

    enum Name {
        case known(Text)
        /// Not an address that stands for names: the client must show whom it means.
        case unknown
        /// One that does, but for none.
        case forgotten
    }

    // MARK: Whose it is

    /// Whether the kernel must be asked whose a socket is; in a jail there is one answer, and its addresses are its own, so that
    /// they say nothing of the gate's either.
    var isShared: Bool { if case .session = listeners.identity { false } else { true } }

    /// Whose connections and questions from `peer` are; nil where that cannot be told, and nothing is carried.
    func owner(_ maker: SocketOwners.Owner?, from peer: SocketAddress?) -> Owner? {
        switch listeners.identity {
        case .session(let session): return Owner(session: session, account: nil)
        case .accounts, .controlGroups:
            if let maker { return Owner(session: session(of: maker), account: maker.account) }
            // From another network namespace, where an agent cannot change its address: rules on the way led it here. Of one
            // that is on this machine somebody is the owner, and whoever cannot be found is nobody.
            guard case .ip(let address, _)? = peer, !address.isOfThisMachine else { return nil }
            return Owner(session: SessionID("at-\(address)"), account: nil)
        }
    }

    private func session(of maker: SocketOwners.Owner) -> SessionID {
        let account = SessionID.account(maker.account)
        guard case .controlGroups = listeners.identity, let group = maker.group else { return account }
        return SessionID("\(account)/cgroup-\(group)")
    }

    struct Owner {
        let session: SessionID
        let account: UInt32?
    }
}

extension IPAddress {
    fileprivate var isSynthetic: Bool {
        switch self {
        case .v4(let bits): SyntheticAddress.covers(v4: bits)
        case .v6(let high, let low): SyntheticAddress.covers(v6: (high, low))
        }
    }

    fileprivate var synthetic: SyntheticAddress? {
        switch self {
        case .v4(let bits): SyntheticAddress(v4: bits)
        case .v6(let high, let low): SyntheticAddress(v6: (high, low))
        }
    }
}
