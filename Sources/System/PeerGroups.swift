import Glibc

extension PeerCredentials {
    /// Groups that a peer can have; Linux allows 65,536, and nobody has more than a few.
    private static let groupLimit = 1024

    /// Every group of the peer at the moment it connected, by the kernel's word (SO_PEERGROUPS); none where it does not
    /// say, so that nobody is let in by a failure.
    package static func groups(of socket: CInt) -> Set<UInt32> {
        var groups = [gid_t](repeating: 0, count: groupLimit)
        var size = socklen_t(groups.count * MemoryLayout<gid_t>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, &groups, &size) == 0 else { return [] }
        return Set(groups.prefix(Int(size) / MemoryLayout<gid_t>.size))
    }
}
