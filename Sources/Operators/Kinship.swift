import Calls
import Holds
package import System

/// Whether the one who decides is the agent itself, as far as the kernel tells: no agent lets its own calls go.
///
/// Programs of the gate's own account may be a person's and an agent's; what keeps these apart is a jail, or a boundary
/// that every screen calls ADVISORY where there is none.
package struct Kinship: Sendable {
    private let owner: UInt32
    /// Accounts whose programs are agents.
    private let accounts: Set<UInt32>
    private let processes: AgentProcesses
    /// What a person's process has in common with the gate's.
    private let namespaces: Set<ProcessPlace.Namespace>

    /// - Parameter namespaces: a gate that keeps agents in jails knows that its people are in no other network.
    package init(
        owner: UInt32 = Accounts.effectiveUser, accounts: Set<UInt32> = [],
        processes: AgentProcesses = AgentProcesses(), namespaces: Set<ProcessPlace.Namespace> = [.user, .pid]
    ) {
        self.owner = owner
        self.accounts = accounts
        self.processes = processes
        self.namespaces = namespaces
    }

    /// What the process is that opened the socket, where it is no person's. Asked when it connects: later its number may be
    /// another's. One in a pid namespace that is not visible from here has none, and nothing can be said of it.
    func objection(to pid: Int32) -> String? {
        guard pid > 0 else { return nil }
        if ProcessPlace.isGone(pid) { return "the process that opened this connection is gone" }
        if let kind = ProcessPlace.foreign(namespaces, of: pid) {
            return "process \(pid) is in another \(kind.word) namespace than the gate, where a jail or a container is"
        }
        if let root = processes.first(among: ProcessPlace.ancestors(of: pid)) {
            return "process \(pid) was started by \(root), which runs the agent"
        }
        return nil
    }

    /// Why an account cannot decide on what a session called; nil where it can.
    func objection(to person: Operator, on session: SessionID) -> String? {
        guard person.uid != owner, session.account == person.uid else { return nil }
        return "your account, \(person.name) (uid \(person.uid)), is the agent's that made the call"
    }

    /// Why an account cannot let everything go on.
    func objection(to person: Operator) -> String? {
        guard person.uid != owner, accounts.contains(person.uid) else { return nil }
        return "your account, \(person.name) (uid \(person.uid)), is an agent's"
    }
}

extension SessionID {
    /// The account that it is; nil where it proves itself otherwise.
    fileprivate var account: UInt32? {
        let name = description
        guard name.hasPrefix("uid-") else { return nil }
        return UInt32(name.dropFirst(4).prefix { $0 != "/" })
    }
}

extension ProcessPlace.Namespace {
    fileprivate var word: String {
        switch self {
        case .user: "user"
        case .pid: "pid"
        case .network: "network"
        }
    }
}
