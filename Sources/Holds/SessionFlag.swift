/// Why somebody should look at a session's agent.
package enum SessionFlag: String, Sendable, CaseIterable {
    /// The same kind of call was rejected, or went stale, time and again.
    case rejectedRounds = "rejected_rounds"
}
