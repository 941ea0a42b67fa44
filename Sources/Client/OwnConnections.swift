import Synchronization
package import System

/// This side of every connection to an upstream that the gate has open: what comes in from one of these addresses is the
/// gate's own connection, led back to it by a proxy or by a rule of the firewall.
package final class OwnConnections: Sendable {
    private let addresses = Mutex<[SocketAddress: Int]>([:])

    package init() {}

    package func contains(_ address: SocketAddress) -> Bool { addresses.withLock { $0[address] != nil } }

    /// Whether a connection from `peer` is one of the gate's own, led back to it.
    ///
    /// The kernel gives out a port once for each destination, so an agent's socket may have an address of ours; but the
    /// kernel knows whose that one is. Of a connection that was led elsewhere on its way it knows no other end here.
    /// - Parameter owner: the account that has the other end; nil where nobody has.
    package func hasLoop(from peer: SocketAddress?, madeBy owner: UInt32?) -> Bool {
        guard owner == nil, let peer else { return false }
        return contains(peer)
    }

    /// The same for a connection that a rule of the firewall redirected on this machine, of which the other end is known: it
    /// is the gate's own where the gate's account made it from an address of the gate's.
    package func hasRedirectedLoop(from peer: SocketAddress?, madeBy owner: UInt32?) -> Bool {
        guard owner == nil || owner == Accounts.effectiveUser, let peer else { return false }
        return contains(peer)
    }

    // Counted: the kernel gives out one port for connections to several addresses.
    func add(_ address: SocketAddress) { addresses.withLock { $0[address, default: 0] += 1 } }

    func remove(_ address: SocketAddress) {
        addresses.withLock { addresses in
            guard let count = addresses[address] else { return }
            addresses[address] = count > 1 ? count - 1 : nil
        }
    }
}
