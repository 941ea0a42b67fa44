import System

/// Who may decide over the operator socket; who may look is what the socket's file permissions say.
package struct Access: Sendable {
    private let owner: UInt32
    private let group: String?
    private let gid: UInt32?

    /// - Parameters:
    ///   - owner: the account that runs the gate.
    ///   - group: its members may decide; a name without a group on this machine has none.
    package init(owner: UInt32 = Accounts.effectiveUser, group: String?) {
        self.init(owner: owner, group: group, gid: group.flatMap(Accounts.group(named:)))
    }

    init(owner: UInt32, group: String?, gid: UInt32?) {
        self.owner = owner
        self.group = group
        self.gid = gid
    }

    /// By the kernel's word about the peer: its account, its group, and its further groups.
    func mayDecide(_ peer: PeerCredentials, groups: Set<UInt32>) -> Bool {
        if peer.uid == 0 || peer.uid == owner { return true }
        guard let gid else { return false }
        return peer.gid == gid || groups.contains(gid)
    }

    /// Who may, for one who may not.
    func advice(to name: String) -> String {
        let owner = Accounts.name(of: owner)
        guard let group else {
            return "Decide as \(owner), the account that runs the gate, or as root (`sudo -u \(owner) tiergate …`); "
                + "or have a group set with `operator.group`."
        }
        return "Decide as \(owner), as root, or as a member of the group \(group): "
            + "`sudo usermod -aG \(group) \(name)`, and log in again."
    }
}
