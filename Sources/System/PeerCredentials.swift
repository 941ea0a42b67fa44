import CSystem
import Glibc

/// Who is at the other end of a Unix socket, by the kernel's word.
package struct PeerCredentials: Hashable, Sendable {
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32

    package init(of socket: CInt) throws(IOError) {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        guard tg_peer_credentials(socket, &pid, &uid, &gid) == 0 else { throw .system("SO_PEERCRED", errno) }
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }
}

/// Accounts and groups of this machine.
package enum Accounts {
    /// The account's name, or the uid in digits.
    package static func name(of uid: UInt32) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return String(uid)
        }
        return String(cString: name)
    }

    /// An account's uid, by its name or by the uid in digits; nil where there is no such account.
    package static func uid(named name: String) -> UInt32? {
        if let uid = UInt32(name) { return uid == .max ? nil : uid }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    /// The group's id; nil where there is no such group.
    package static func group(named name: String) -> UInt32? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }

    package static var effectiveUser: UInt32 { geteuid() }
}
