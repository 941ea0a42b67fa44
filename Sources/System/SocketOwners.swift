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
    package func account(of accepted: CInt) -> UInt32? {
        var uid: UInt32 = 0
        guard tg_socket_owner(diagnosis.raw, accepted, &uid) == 0, uid != SocketOwners.unmapped else { return nil }
        return uid
    }
}
