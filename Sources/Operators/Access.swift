import Holds
import System

/// Who may decide over the operator socket, and in whose name; who may look is what the socket's file permissions say.
package struct Access: Sendable {
    private let owner: UInt32
    private let group: String?
    private let gid: UInt32?
    private let superuser: UInt32
    /// Nil where no groups are kept.
    private let groups: GroupsInForce?

    /// - Parameters:
    ///   - owner: the account that runs the gate.
    ///   - group: its members may decide; a name without a group on this machine has none.
    ///   - groups: who speaks for the groups that rules name; nil: whoever may decide.
    package init(owner: UInt32 = Accounts.effectiveUser, group: String?, groups: GroupsInForce? = nil) {
        self.init(owner: owner, group: group, gid: group.flatMap(Accounts.group(named:)), groups: groups)
    }

    init(owner: UInt32, group: String?, gid: UInt32?, superuser: UInt32 = 0, groups: GroupsInForce? = nil) {
        self.owner = owner
        self.group = group
        self.gid = gid
        self.superuser = superuser
        self.groups = groups
    }

    /// Whether anything says who speaks for a group.
    var keepsGroups: Bool { groups != nil }

    /// Whether several people may be behind the account.
    private func isShared(_ uid: UInt32) -> Bool { uid == superuser || uid == owner }

    /// By the kernel's word about the peer: its account and all its groups.
    func mayDecide(uid: UInt32, groups: Set<UInt32>) -> Bool {
        isShared(uid) || gid.map(groups.contains) ?? false
    }

    /// Whether a person may decide a hold that asks for these groups: whoever may decide anything, and whom the file names
    /// for one of them. A group of the system alone lets nobody in: a rule that names one like `users` opens nothing.
    func mayDecide(_ peer: Peer, signingAs signer: String?, on approvers: [String]) -> Bool {
        mayDecide(uid: peer.person.uid, groups: peer.groups)
            || !named(peer.person, signingAs: signer).isDisjoint(with: approvers)
    }

    /// In whose name a person who may decide speaks: what the file says of a group counts, and what the system says where
    /// the file does not have the group.
    func entitlement(of peer: Peer, signingAs signer: String?, on approvers: [String]) -> Entitlement {
        guard let groups = groups?.current else { return .everyGroup }
        let ofSystem = approvers.filter {
            !groups.names.contains($0) && isOfSystemGroup($0, peer, signingAs: signer)
        }
        return .groups(named(peer.person, signingAs: signer).union(ofSystem))
    }

    /// The groups of the file. A signer behind an account that others share is himself, and not that account.
    private func named(_ person: Operator, signingAs signer: String?) -> Set<String> {
        guard let groups = groups?.current else { return [] }
        var found: Set<String> = []
        if let signer {
            found.formUnion(groups.groups(of: .signer(signer)))
            if let uid = Accounts.uid(ofSigner: signer) { found.formUnion(groups.groups(of: .account(uid))) }
        }
        if signer == nil || !isShared(person.uid) { found.formUnion(groups.groups(of: .account(person.uid))) }
        return found
    }

    private func isOfSystemGroup(_ name: String, _ peer: Peer, signingAs signer: String?) -> Bool {
        if let signer, Accounts.isMember(signer, ofGroup: name) { return true }
        guard signer == nil || !isShared(peer.person.uid) else { return false }
        return Accounts.group(named: name).map(peer.groups.contains) ?? false
            || Accounts.isMember(peer.person.name, ofGroup: name)
    }

    // MARK: Advice

    /// Who may, for one who may not.
    func advice(to name: String) -> String {
        let runs = "\(Accounts.name(of: owner)), the account that runs the gate"
        let accounts = owner == superuser ? runs : "\(runs), as root"
        guard let group else { return "Decide as \(accounts); or have a group set with `operator.group`." }
        return "Decide as \(accounts), or as a member of the group \(group): "
            + "`sudo usermod -aG \(group) \(name)`, and log in again."
    }

    /// How a person comes to speak for one of these groups, for one who speaks for none.
    func advice(to name: String, on approvers: [String]) -> String {
        guard let groups = groups?.current, let first = approvers.first else { return "" }
        let nobody = approvers.filter { !groups.names.contains($0) && Accounts.group(named: $0) == nil }
        let missing =
            nobody.isEmpty
            ? ""
            : " \(nobody.joined(separator: " and ")) \(nobody.count == 1 ? "has" : "have") nobody: neither "
                + "\(groups.file) nor this machine has such a group."
        return
            "\(missing) Whoever keeps \(groups.file) adds `\(first): [\(name)]` under `groups:`, and has it read with "
            + "`systemctl reload tiergate` (SIGHUP)."
    }
}

extension Accounts {
    /// The account of a signer who is named after one; a number is no name.
    static func uid(ofSigner signer: String) -> UInt32? {
        signer.utf8.allSatisfy { $0 &- 0x30 < 10 } ? nil : uid(named: signer)
    }
}
