import Holds
import System

/// Who may decide over the operator socket; who may look is what the socket's file permissions say.
package struct Access: Sendable {
    private let owner: UInt32
    private let group: String?
    private let gid: UInt32?
    private let superuser: UInt32

    /// - Parameters:
    ///   - owner: the account that runs the gate.
    ///   - group: its members may decide; a name without a group on this machine has none.
    package init(owner: UInt32 = Accounts.effectiveUser, group: String?) {
        self.init(owner: owner, group: group, gid: group.flatMap(Accounts.group(named:)))
    }

    init(owner: UInt32, group: String?, gid: UInt32?, superuser: UInt32 = 0) {
        self.owner = owner
        self.group = group
        self.gid = gid
        self.superuser = superuser
    }

    /// By the kernel's word about the peer: its account and all its groups.
    func mayDecide(uid: UInt32, groups: Set<UInt32>) -> Bool {
        uid == superuser || uid == owner || gid.map(groups.contains) ?? false
    }

    /// In whose name a person who may decide speaks.
    func entitlement(of peer: Peer) -> Entitlement { .everyGroup }

    /// Who may, for one who may not.
    func advice(to name: String) -> String {
        let runs = "\(Accounts.name(of: owner)), the account that runs the gate"
        let accounts = owner == superuser ? runs : "\(runs), as root"
        guard let group else { return "Decide as \(accounts); or have a group set with `operator.group`." }
        return "Decide as \(accounts), or as a member of the group \(group): "
            + "`sudo usermod -aG \(group) \(name)`, and log in again."
    }
}
