import Proxy
import System

extension Settings {
    /// What `--transparent` stands for where the settings say nothing else.
    mutating func makeTransparent() {
        func loopback(_ port: UInt16) -> [SocketAddress] {
            [.ip(.v4(0x7F00_0001), port: port), .ip(.v6(0, 1), port: port)]
        }
        if transparentListen.isEmpty { transparentListen = loopback(SidecarRules.usualPort) }
        if transparentNames.isEmpty { transparentNames = loopback(SidecarRules.usualNamesPort) }
    }

    /// The sockets of transparent interception, one of each for each worker; nil where there is none.
    func interceptedListeners() throws -> InterceptedListeners? {
        guard !transparentListen.isEmpty || !transparentNames.isEmpty else { return nil }
        let isTransparent = transparentKind == .transparent
        let streams = try Settings.bound(transparentListen) { address throws(IOError) in
            try (0..<proxy.workers).map { _ throws(IOError) in try Listener(address, isTransparent: isTransparent) }
        }
        let datagrams = try Settings.bound(transparentNames) { address throws(IOError) in
            try (0..<proxy.workers).map { _ throws(IOError) in try DatagramSocket(address) }
        }
        let names = try Settings.bound(transparentNames) { address throws(IOError) in [try Listener(address)] }
        return InterceptedListeners(
            transparentKind, of: transparentByGroup ? .controlGroups : .accounts, streams: streams,
            datagrams: datagrams, nameStreams: names)
    }

    /// Of each address; a family that this machine does not have has no packets to lead anywhere either.
    private static func bound<Socket>(
        _ addresses: [SocketAddress], _ make: (SocketAddress) throws(IOError) -> [Socket]
    ) throws(IOError) -> [Socket] {
        var sockets: [Socket] = []
        for address in addresses {
            do throws(IOError) {
                sockets += try make(address)
            } catch {
                let isSpare = addresses.count > 1 && address == .ip(.v6(0, 1), port: address.port)
                guard isSpare, error.isMissingAddress else { throw error }
            }
        }
        return sockets
    }
}

extension SocketAddress {
    fileprivate var port: UInt16 { if case .ip(_, let port) = self { port } else { 0 } }
}
