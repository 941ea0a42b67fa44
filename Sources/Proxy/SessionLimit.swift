import Calls

/// A limit that a session has reached.
enum SessionLimit: Hashable {
    case connections(Int)
    case memory
    case rate(Int)
    /// Of sessions that are known at a time.
    case sessions

    /// The agent's stable code.
    var code: String {
        switch self {
        case .connections: "connection_limit"
        case .memory: "memory_limit"
        case .rate: "rate_limit"
        case .sessions: "session_limit"
        }
    }

    /// What is too many, and what to do.
    var sentence: String {
        switch self {
        case .connections(let count):
            "this agent has \(count) connections open, as many as it may (setting session.max_connections). Use the "
                + "ones that are open, or close some."
        case .memory:
            "the bodies of this agent's calls take all the memory that they may (setting session.max_body_memory). "
                + "Wait for its other calls to end."
        case .rate(let count):
            "this agent calls more often than \(count) times a second (setting session.rate). Slow down."
        case .sessions:
            "the gate serves as many agents as it can (\(SessionLimits.remembered)). Wait for others to end."
        }
    }
}
