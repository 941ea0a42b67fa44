import CEL
import Calls
import JSON

/// What a rule asks of a call beyond its match, and what it says of one: compiled, over one table of slots.
///
/// A class for the same reason as a rule, and changed no later.
final class Conditions: @unchecked Sendable {
    /// An expression with its text, for messages.
    struct Expression: Sendable {
        let program: Program
        let source: Text
    }

    struct Binding: Sendable {
        let name: Text
        let expression: Expression
    }

    struct Escalation: Sendable {
        let tier: Tier
        let expression: Expression
    }

    /// How much money a call moves, as it says itself.
    struct Sum: Sendable {
        enum Unit: Sendable { case minor, major }

        let amount: Expression
        let unit: Unit
        let currency: Expression
        /// Above it the tier is 4.
        let threshold: Money
    }

    /// A read at the same host that shows what the call is about to change.
    struct Observation: Sendable {
        let path: Summary
        let fields: [String]
    }

    /// What each slot is filled with.
    var facts: [Fact] = []
    /// What each slot is called in expressions.
    var names: [String] = []
    var bindings: [Binding] = []
    var when: Expression?
    var escalations: [Escalation] = []
    var sum: Sum?
    var recipients: Expression?
    var summary: Summary?
    var observation: Observation?

    /// Slots that fit into a frame without an allocation.
    static let inlineSlots = 12

    /// Whether the tier depends on any of it.
    var decide: Bool { !bindings.isEmpty || when != nil || !escalations.isEmpty || sum != nil }

    /// Whether the tier depends on what the body says.
    var readsBody: Bool {
        let programs =
            bindings.map(\.expression.program) + [when?.program].compactMap { $0 }
            + escalations.map(\.expression.program)
            + (sum.map { [$0.amount.program, $0.currency.program] } ?? [])
        return programs.contains { $0.slots.contains { facts[$0].readsBody } }
    }
}
