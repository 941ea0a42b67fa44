import Calls

/// In whose name a person may speak, as the gate's own files and the kernel say: never as anybody claims.
package enum Entitlement: Hashable, Sendable {
    /// No groups are kept here: whoever may decide speaks for every group.
    case everyGroup
    case groups(Set<String>)

    /// Those of the asked groups for which the person speaks.
    package func among(_ approvers: [String]) -> [String] {
        switch self {
        case .everyGroup: approvers
        case .groups(let groups): approvers.filter(groups.contains)
        }
    }

    /// Whether the person may act on a hold that asks for these groups.
    package func covers(_ approvers: [String]) -> Bool { approvers.isEmpty || !among(approvers).isEmpty }
}
