/// Whether the agent is kept away from the operator socket.
package enum Boundary: Hashable, Sendable {
    /// The agent cannot open it: a jail, or another account, is between them.
    case enforced
    /// The agent could open it and release its own calls: every screen says so, with the reason.
    case advisory(reason: String)

    /// Why a decision here proves nothing; nil where it does.
    package var weakness: String? {
        switch self {
        case .enforced: nil
        case .advisory(let reason): reason
        }
    }
}
