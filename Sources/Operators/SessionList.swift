import Calls
package import JSON

/// What `GET /v1/sessions` says.
package struct SessionList: Hashable, Sendable {
    package let sessions: [SessionView]
    /// Why a decision proves nothing; nil where the socket is a boundary.
    package let weakness: String?

    package func write(into json: inout JSONWriter.Object) {
        json.field("advisory", weakness)
        json.array("sessions") { array in
            for session in sessions { array.object { session.write(into: &$0) } }
        }
    }

    init(sessions: [SessionView], weakness: String?) {
        self.sessions = sessions
        self.weakness = weakness
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        sessions = try json.objects("sessions", SessionView.init)
        weakness = try json.stringIfAny("advisory")
    }
}

/// One session as operators see it.
package struct SessionView: Hashable, Sendable {
    package let session: String
    package let agent: String
    package let account: String?
    /// As the person said who runs the agent.
    package let autonomy: String?
    package let labels: [String]
    /// Nil where nothing has come from it since the gate was started: only its holds are known.
    package let since: String?
    package let lastCall: String?
    package let connections: Int
    /// By the name of the tier.
    package let calls: [Int]
    package let refused: Int
    package let turnedAway: Int
    package let received: Int
    /// Holds that wait for a decision.
    package let pending: Int

    init(_ state: SessionState, pending: Int) {
        session = VisibleText.show(state.id.description)
        agent = VisibleText.show(state.id.agent.description)
        account = state.account.map { VisibleText.show($0) }
        autonomy = state.autonomy?.rawValue
        labels = state.labels
        since = state.since.description
        lastCall = state.lastCall?.description
        connections = state.connections
        calls = state.calls
        refused = state.refused
        turnedAway = state.turnedAway
        received = Int(clamping: state.received)
        self.pending = pending
    }

    /// A session that has holds, and nothing else since the gate was started.
    init(_ id: SessionID, pending: Int) {
        session = VisibleText.show(id.description)
        agent = VisibleText.show(id.agent.description)
        (account, autonomy, since, lastCall) = (nil, nil, nil, nil)
        labels = []
        (connections, refused, turnedAway, received) = (0, 0, 0, 0)
        calls = Tier.allCases.map { _ in 0 }
        self.pending = pending
    }

    package func write(into json: inout JSONWriter.Object) {
        json.field("session", session)
        json.field("agent", agent)
        json.field("account", account)
        json.field("autonomy", autonomy)
        json.array("labels", labels)
        json.field("since", since)
        json.field("last_call", lastCall)
        json.field("connections", connections)
        json.object("calls") { object in
            for (tier, count) in zip(Tier.allCases, calls) {
                object.raw(named: tier.name, String(count).utf8)
            }
        }
        json.field("refused", refused)
        json.field("turned_away", turnedAway)
        json.field("received_bytes", received)
        json.field("pending", pending)
    }

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        session = try json.string("session")
        agent = try json.string("agent")
        account = try json.stringIfAny("account")
        autonomy = try json.stringIfAny("autonomy")
        labels = try json.strings("labels")
        since = try json.stringIfAny("since")
        lastCall = try json.stringIfAny("last_call")
        connections = try json.count("connections")
        calls = try json.object("calls") { tiers throws(JSONReader.Mismatch) in
            var counts: [Int] = []
            for tier in Tier.allCases { counts.append(try tiers.count(tier.name)) }
            return counts
        }
        refused = try json.count("refused")
        turnedAway = try json.count("turned_away")
        received = try json.count("received_bytes")
        pending = try json.count("pending")
    }
}
