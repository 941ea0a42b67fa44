import Synchronization
package import System

/// This side of every connection to an upstream that the gate has open: what comes in from one of these addresses is the
/// gate's own connection, led back to it by a proxy or by a rule of the firewall.
package final class OwnConnections: Sendable {
    private let addresses = Mutex<[SocketAddress: Int]>([:])

    package init() {}

    package func contains(_ address: SocketAddress) -> Bool { addresses.withLock { $0[address] != nil } }

    // Counted: the kernel gives out one port for connections to several addresses.
    func add(_ address: SocketAddress) { addresses.withLock { $0[address, default: 0] += 1 } }

    func remove(_ address: SocketAddress) {
        addresses.withLock { addresses in
            guard let count = addresses[address] else { return }
            addresses[address] = count > 1 ? count - 1 : nil
        }
    }
}
