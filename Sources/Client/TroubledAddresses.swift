import System

/// Addresses that did not take a connection a short while ago: they are tried after the others.
struct TroubledAddresses {
    static let memory: Int64 = 60_000
    static let capacity = 1024

    private var until: [SocketAddress: Int64] = [:]

    /// The same addresses, those in trouble last.
    func last(_ addresses: [SocketAddress], at now: Int64) -> [SocketAddress] {
        guard !until.isEmpty, addresses.count > 1 else { return addresses }
        let isTroubled = addresses.map { (until[$0] ?? 0) > now }
        return zip(addresses, isTroubled).filter { !$0.1 }.map(\.0) + zip(addresses, isTroubled).filter(\.1).map(\.0)
    }

    mutating func note(_ addresses: [SocketAddress], at now: Int64) {
        guard !addresses.isEmpty else { return }
        if until.count + addresses.count > TroubledAddresses.capacity { until = until.filter { $0.value > now } }
        for address in addresses where until.count < TroubledAddresses.capacity || until[address] != nil {
            until[address] = now + TroubledAddresses.memory
        }
    }
}
