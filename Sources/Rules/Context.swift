package import JSON

/// What is known of the agent and its session beside the call. What is not known is no value, and a condition that needs
/// it fails.
package final class Context: Sendable {
    package let owner: Text?
    package let groups: [Text]?
    package let labels: [(name: Text, value: Text)]?
    package let autonomy: Text?
    package let calls: Int64?
    package let holds: Int64?
    package let failures: Int64?
    /// What the session has moved, in smallest units by currency.
    package let money: [(currency: Text, minor: Int64)]?
    package let confidence: Double?
    package let flags: [Text]?

    package init(
        owner: Text? = nil, groups: [Text]? = nil, labels: [(name: Text, value: Text)]? = nil, autonomy: Text? = nil,
        calls: Int64? = nil, holds: Int64? = nil, failures: Int64? = nil,
        money: [(currency: Text, minor: Int64)]? = nil, confidence: Double? = nil, flags: [Text]? = nil
    ) {
        self.owner = owner
        self.groups = groups
        self.labels = labels
        self.autonomy = autonomy
        self.calls = calls
        self.holds = holds
        self.failures = failures
        self.money = money
        self.confidence = confidence
        self.flags = flags
    }

    /// Nothing is known.
    package static let none = Context()
}
