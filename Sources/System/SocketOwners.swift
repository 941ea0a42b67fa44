import CSystem
import Glibc

/// Asks the kernel whose the other end of a TCP connection is, by both addresses and ports (sock_diag(7)).
///
/// The account is the one under which the socket was made; nothing that is sent over the connection can change it.
/// Confined to one loop, like the connections it is asked about.
package final class SocketOwners: @unchecked Sendable {
    private let diagnosis: FileDescriptor

    package init() throws(IOError) {
        let raw = tg_diag_socket()
        guard raw >= 0 else { throw .system("sock_diag", -raw) }
        diagnosis = FileDescriptor(owning: raw)
    }

    package struct Owner: Hashable, Sendable {
        package let account: UInt32
        /// The control group that the socket was made in; nil where the kernel does not say.
        package let group: UInt64?

        package init(account: UInt32, group: UInt64? = nil) {
            self.account = account
            self.group = group
        }
    }

    /// Nil where nobody of this machine has the other end, or it cannot be told who.
    ///
    /// - Parameter destination: where the other end believes to be connected to; nil where that is this end.
    package func owner(of accepted: CInt, connectedTo destination: SocketAddress? = nil) -> Owner? {
        var found = tg_owner()
        let result: CInt
        if var form = destination?.storage {
            result = tg_socket_owner(diagnosis.raw, accepted, &form, &found)
        } else {
            result = tg_socket_owner(diagnosis.raw, accepted, nil, &found)
        }
        return result == 0 ? Owner(found) : nil
    }

    package func account(of accepted: CInt) -> UInt32? { owner(of: accepted)?.account }

    /// Whose the UDP port is that a datagram came from; nil where nobody of this machine has it, or several accounts do.
    package func owner(sendingFrom peer: SocketAddress) -> Owner? {
        var found = tg_owner()
        guard var form = peer.storage, tg_datagram_owner(diagnosis.raw, &form, &found) == 0 else { return nil }
        return Owner(found)
    }
}

extension SocketOwners.Owner {
    /// What the kernel calls accounts that this user namespace has no number for: anybody's.
    private static let unmapped: UInt32 = 65_534

    fileprivate init?(_ found: tg_owner) {
        guard found.uid != Self.unmapped else { return nil }
        self.init(account: found.uid, group: found.cgroup == 0 ? nil : found.cgroup)
    }
}
