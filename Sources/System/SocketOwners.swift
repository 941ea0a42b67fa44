import CSystem
import Glibc

/// Asks the kernel whose the other end of a TCP connection is, by both addresses and ports (sock_diag(7)).
///
/// The account is the one under which the socket was made; nothing that is sent over the connection can change it.
/// Confined to one loop, like the connections it is asked about.
package final class SocketOwners: @unchecked Sendable {
    private let diagnosis: FileDescriptor

    /// What the kernel calls accounts that this user namespace has no number for: anybody's.
    private static let unmapped: UInt32 = 65_534

    package init() throws(IOError) {
        let raw = tg_diag_socket()
        guard raw >= 0 else { throw .system("sock_diag", -raw) }
        diagnosis = FileDescriptor(owning: raw)
    }

    /// Nil where nobody of this machine has the other end, or it cannot be told who.
    ///
    /// - Parameter destination: where the other end believes to be connected to; nil where that is this end.
    package func account(of accepted: CInt, connectedTo destination: SocketAddress? = nil) -> UInt32? {
        var uid: UInt32 = 0
        let result: CInt
        if var form = destination?.storage {
            result = tg_socket_owner(diagnosis.raw, accepted, &form, &uid)
        } else {
            result = tg_socket_owner(diagnosis.raw, accepted, nil, &uid)
        }
        guard result == 0, uid != SocketOwners.unmapped else { return nil }
        return uid
    }

    /// Whose the UDP port is that a datagram came from; nil where nobody of this machine has it, or several accounts do.
    package func account(sendingFrom peer: SocketAddress) -> UInt32? {
        var uid: UInt32 = 0
        guard var form = peer.storage, tg_datagram_owner(diagnosis.raw, &form, &uid) == 0,
            uid != SocketOwners.unmapped
        else { return nil }
        return uid
    }
}
