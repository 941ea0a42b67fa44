package import Calls

/// A person who decides, as the kernel names them: never from anything that was sent.
package struct Operator: Hashable, Sendable, CustomStringConvertible {
    package let uid: UInt32
    /// The account's name, or the uid in digits where there is none.
    package let name: String

    package init(uid: UInt32, name: String) {
        self.uid = uid
        self.name = name
    }

    package var description: String { name }
}

/// What a person said about a hold, and when.
package struct Decision: Hashable, Sendable {
    package let by: Operator
    package let at: Timestamp
    package let reason: String?
    /// Send the stored call without waiting for the agent (`approve --now`).
    package let isImmediate: Bool
    /// With a rejection: what would be accepted.
    package let suggestion: Suggestion?

    package init(
        by: Operator, at: Timestamp, reason: String? = nil, isImmediate: Bool = false, suggestion: Suggestion? = nil
    ) {
        self.by = by
        self.at = at
        self.reason = reason
        self.isImmediate = isImmediate
        self.suggestion = suggestion
    }
}
