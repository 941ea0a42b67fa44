/// Whom a stop, a cap or a grant is about.
package enum Scope: Hashable, Sendable, CustomStringConvertible {
    case everything
    case agent(AgentID)
    case session(SessionID)

    /// `everything`, `agent:NAME` or `session:NAME`; nil where the text is none of them.
    package init?(_ text: String) {
        if text == "everything" {
            self = .everything
        } else if let name = text.dropping("agent:"), !name.contains("/") {
            self = .agent(AgentID(name))
        } else if let name = text.dropping("session:") {
            self = .session(SessionID(name))
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .everything: "everything"
        case .agent(let agent): "agent:\(agent)"
        case .session(let session): "session:\(session)"
        }
    }

    package func contains(_ session: SessionID) -> Bool {
        switch self {
        case .everything: true
        case .agent(let agent): session.agent == agent
        case .session(let one): session == one
        }
    }
}

extension String {
    /// What follows `prefix`; nil where it does not begin so or nothing follows.
    fileprivate func dropping(_ prefix: String) -> String? {
        guard hasPrefix(prefix), count > prefix.count else { return nil }
        return String(dropFirst(prefix.count))
    }
}
