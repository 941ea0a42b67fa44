import Calls
import Holds
import JSON

/// What a person may do with a hold; its path segment.
package enum DecisionAction: String, Sendable, CaseIterable {
    case approve, reject, reopen, resolve
    /// Asks the agent something before anything is decided.
    case ask
}

/// The body of a decision, read strictly: what nobody understands is refused, not passed over.
struct DecisionOrder: Sendable {
    let reason: String?
    /// `approve`: send without waiting for the agent.
    let isImmediate: Bool
    /// `resolve`: what a person found out.
    let wasExecuted: Bool
    /// `ask`: what the agent is to say.
    let question: String?
    /// `reject`: what would be accepted.
    let suggestion: Suggestion?

    init(_ action: DecisionAction, _ body: [UInt8], limits: OperatorLimits) throws(OperatorProblem) {
        // What a patch puts into a call may be deep.
        let root = try OrderBody.root(body, known: Self.members(of: action), depth: action == .reject ? 32 : 4)
        reason = try OrderBody.reason(
            root["reason"], isRequired: action.asksForReason, "a sentence; the agent and the journal are told it",
            limits)
        isImmediate = try Self.flag("now", root) ?? false
        let executed = try Self.flag("executed", root)
        if action == .resolve, executed == nil {
            throw .missingMember("executed", meaning: "true or false, what you found out about the call")
        }
        wasExecuted = executed ?? false
        question = try OrderBody.reason(
            root["question"], named: "question", isRequired: action == .ask, "what the agent is to say", limits)
        suggestion = try Suggestion(
            text: OrderBody.reason(
                root["suggest"], named: "suggest", isRequired: false, "what would be accepted", limits),
            patch: OrderBody.patch(root["suggest_patch"]))
    }

    private static func members(of action: DecisionAction) -> [String] {
        switch action {
        case .approve: ["reason", "now"]
        case .reject: ["reason", "suggest", "suggest_patch"]
        case .reopen: ["reason"]
        case .ask: ["question"]
        case .resolve: ["executed", "reason"]
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
        case .approve, .reopen, .ask: false
        }
    }
}
