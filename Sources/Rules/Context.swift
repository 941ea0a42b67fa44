package import JSON

/// What is known of the agent and its session beside the call: looked at where a condition asks, and no sooner.
package final class Context: Sendable {
    /// What is not known is no value, and a condition that needs it fails.
    package struct Known: Sendable {
        package var owner: Text?
        package var groups: [Text]?
        package var labels: [(name: Text, value: Text)]?
        package var autonomy: Text?
        package var calls: Int64?
        package var holds: Int64?
        package var failures: Int64?
        /// What the session has moved, in smallest units by currency.
        package var money: [(currency: Text, minor: Int64)]?
        package var confidence: Double?
        package var flags: [Text]?

        package init() {}
    }

    private let look: @Sendable () -> Known

    /// - Parameter look: asked anew for each value, from any thread.
    package init(_ look: @escaping @Sendable () -> Known) { self.look = look }

    var known: Known { look() }

    /// Nothing is known.
    package static let none = Context { Known() }
}
