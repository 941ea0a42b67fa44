import Calls
import Wire

/// Finds the session of a connection, and of each request on it that brings a token of its own.
struct AgentAdmission {
    let agents: AgentAccess
    let sessions: Sessions

    /// A new connection, by its account as far as that proves anything.
    func begin(_ connection: LiveConnection) throws(CallFailure) {
        guard let account = connection.account else { return try sessions.moveToUnproven(connection) }
        try sessions.move(connection, to: .account(account), account: account)
    }

    /// A request to the proxy itself: a token in it counts, whatever the account; a wrong one is no token, not less.
    func prove(_ request: RequestHead, _ connection: LiveConnection) throws(CallFailure) {
        switch request.fields.count(of: "proxy-authorization") {
        case 0:
            guard let account = connection.account else { throw .unproven(.noToken) }
            guard connection.proof != nil else { return }
            try sessions.move(connection, to: .account(account), account: account)
            connection.proof = nil
        case 1:
            let value = request.fields.first("proxy-authorization") ?? []
            let version = agents.version
            if let proof = connection.proof, proof.version == version, proof.value == value { return }
            guard let agent = agents.agent(proving: value) else { throw .unproven(.wrongToken) }
            let id = SessionID(agent.description)
            if connection.session.id != id { try sessions.move(connection, to: id) }
            // The value alone: the head that it came in is let go.
            connection.proof = (Array(value)[...], version)
        default: throw .unproven(.wrongToken)
        }
    }
}
