package import Calls

/// A session of an agent at one moment, as whoever runs the gate knows it.
package struct SessionState: Sendable {
    package let id: SessionID
    /// The account's name where the session is an account of this machine; nil where a token says who it is.
    package let account: String?
    /// As the person said who runs the agent; nil where nobody did.
    package let autonomy: Autonomy?
    /// What the agent calls its runs, as it may be shown: a claim, latest last.
    package let labels: [String]
    package let since: Timestamp
    package let lastCall: Timestamp?
    package let connections: Int
    /// By tier, the first first.
    package let calls: [Int]
    package let refused: Int
    /// Connections that were one too many.
    package let turnedAway: Int
    /// Bytes of answers.
    package let received: UInt64

    package init(
        id: SessionID, account: String?, autonomy: Autonomy? = nil, labels: [String], since: Timestamp,
        lastCall: Timestamp?, connections: Int,
        calls: [Int], refused: Int, turnedAway: Int, received: UInt64
    ) {
        self.id = id
        self.account = account
        self.autonomy = autonomy
        self.labels = labels
        self.since = since
        self.lastCall = lastCall
        self.connections = connections
        self.calls = calls
        self.refused = refused
        self.turnedAway = turnedAway
        self.received = received
    }
}
