import Calls
import JSON

/// What a person may do with a hold; its path segment.
package enum DecisionAction: String, Sendable, CaseIterable {
    case approve, reject, reopen, resolve, edit
}

/// The body of a decision, read strictly: what nobody understands is refused, not passed over.
struct DecisionOrder: Sendable {
    let reason: String?
    /// `approve`: send without waiting for the agent.
    let isImmediate: Bool
    /// `resolve`: what a person found out.
    let wasExecuted: Bool
    /// `edit`: what is to change.
    let edit: CallEdit

    /// Containers inside one another in the body of an edit, whose values may be deep.
    private static let editDepth = 64

    init(_ action: DecisionAction, _ body: [UInt8], limits: OperatorLimits) throws(OperatorProblem) {
        let root = try OrderBody.root(
            body, known: Self.members(of: action), depth: action == .edit ? Self.editDepth : 4)
        edit = action == .edit ? try EditOrder.read(root) : CallEdit()
        reason = try OrderBody.reason(
            root["reason"], isRequired: action.asksForReason, "a sentence; the agent and the journal are told it",
            limits)
        isImmediate = try Self.flag("now", root) ?? false
        let executed = try Self.flag("executed", root)
        if action == .resolve, executed == nil {
            throw .missingMember("executed", meaning: "true or false, what you found out about the call")
        }
        wasExecuted = executed ?? false
    }

    private static func members(of action: DecisionAction) -> [String] {
        switch action {
        case .approve: ["reason", "now"]
        case .reject, .reopen: ["reason"]
        case .resolve: ["executed", "reason"]
        case .edit: EditOrder.members
        }
    }

    private static func flag(_ name: String, _ root: JSONNode) throws(OperatorProblem) -> Bool? {
        guard let value = root[Text(name)] else { return nil }
        guard let bool = value.bool else { throw .wrongMember(name, expected: "true or false") }
        return bool
    }
}

extension DecisionAction {
    /// A refusal that gives no reason sends the agent looking for another way.
    package var asksForReason: Bool {
        switch self {
        case .reject, .resolve: true
        case .approve, .reopen, .edit: false
        }
    }
}
