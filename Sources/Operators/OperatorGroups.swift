/// Who speaks for which group, as the site's own file has it.
package struct OperatorGroups: Sendable {
    /// What a line of the file names.
    package enum Member: Hashable, Sendable {
        case account(UInt32)
        /// Whoever signs under this name, behind whatever account.
        case signer(String)
    }

    /// The file, for those who are told how to add somebody.
    package let file: String
    package let names: Set<String>
    private let groups: [Member: Set<String>]

    package init(file: String, _ groups: [String: [Member]]) {
        self.file = file
        names = Set(groups.keys)
        self.groups = groups.reduce(into: [:]) { found, group in
            for member in group.value { found[member, default: []].insert(group.key) }
        }
    }

    /// Whether an account speaks for any of them.
    package func have(_ uid: UInt32) -> Bool { !groups(of: .account(uid)).isEmpty }

    func groups(of member: Member) -> Set<String> { groups[member] ?? [] }
}
