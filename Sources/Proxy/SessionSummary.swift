package import Calls

/// A session at one moment, for whoever looks.
package struct SessionSummary: Sendable {
    package let id: SessionID
    /// The account of this machine that it is; nil where a token says who it is.
    package let account: UInt32?
    /// As the person said who runs the agent.
    package let autonomy: Autonomy?
    /// What the agent called its runs, latest last, as it may be shown.
    package let labels: [String]
    package let since: Timestamp
    package let lastCall: Timestamp?
    /// Open now.
    package let connections: Int
    /// By tier, the first first.
    package let calls: [Int]
    package let refused: Int
    /// Connections that were one too many.
    package let turnedAway: Int
    /// Bytes of answers.
    package let received: UInt64
}
