import Glibc

/// The network of a jail before its rules: the loopback interface, and every address of the world on it (AnyIP).
enum Routes {
    /// The only interface of a new network namespace.
    private static let loopback: UInt32 = 1
    private static let acknowledged: UInt16 = 4

    /// RTM_NEWLINK: the interface is up.
    static var interface: [UInt8] {
        var netlink = NetlinkBytes()
        netlink.message(type: 16, flags: acknowledged) {
            $0.append(UInt8(AF_UNSPEC))
            $0.append(UInt8(0))
            $0.append(UInt16(0))
            $0.append(loopback)
            $0.append(UInt32(1))
            $0.append(UInt32(1))
        }
        return netlink.bytes
    }

    static var everyAddress4: [UInt8] { everything(AF_INET, scope: 254) }
    static var everyAddress6: [UInt8] { everything(AF_INET6, scope: 0) }

    /// RTM_NEWROUTE without a destination, of the type `local`, in the table `local`.
    private static func everything(_ family: CInt, scope: UInt8) -> [UInt8] {
        var netlink = NetlinkBytes()
        // NLM_F_CREATE | NLM_F_EXCL
        netlink.message(type: 24, flags: acknowledged | 0x600) {
            for field in [UInt8(family), 0, 0, 0, 255, 3, scope, 2] { $0.append(field) }
            $0.append(UInt32(0))
            $0.outgoing(loopback)
        }
        return netlink.bytes
    }
}

extension NetlinkBytes {
    /// RTA_OIF.
    fileprivate mutating func outgoing(_ interface: UInt32) {
        attribute(4, withUnsafeBytes(of: interface) { Array($0) })
    }
}
