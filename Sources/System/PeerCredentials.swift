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

    /// Bytes of one group's entry; a directory service may have groups of thousands.
    private static let longestGroup = 1 << 20

    /// Whether the list of the group's members has the account; what only says so as its primary group is for the kernel
    /// to tell. A group that cannot be read has nobody.
    package static func isMember(_ name: String, ofGroup group: String) -> Bool {
        var size = 16_384
        while size <= longestGroup {
            var entry = Glibc.group()
            var found: UnsafeMutablePointer<Glibc.group>?
            var buffer = [CChar](repeating: 0, count: size)
            let failed = getgrnam_r(group, &entry, &buffer, buffer.count, &found)
            if failed == ERANGE {
                size *= 4
                continue
            }
            guard failed == 0, found != nil, var member = entry.gr_mem else { return false }
            while let text = member.pointee {
                if String(cString: text) == name { return true }
                member += 1
            }
            return false
        }
        return false
    }

    /// Every group that an account would have if it logged in now; none where that cannot be told.
    package static func groups(of uid: UInt32) -> Set<UInt32> {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return []
        }
        var groups = [gid_t](repeating: 0, count: 1024)
        var count = CInt(groups.count)
        guard getgrouplist(name, entry.pw_gid, &groups, &count) >= 0 else { return [] }
        return Set(groups.prefix(Int(count)))
    }

    package static var effectiveUser: UInt32 { geteuid() }
}
