import Calls
import Holds
import JSON

/// What a person may do with a hold; its path segment.
package enum DecisionAction: String, Sendable, CaseIterable {
    case approve, reject, reopen, resolve, edit
    case claim, handover, extend
    /// Asks the agent something before anything is decided.
    case ask
}

/// The body of such a step, read strictly: what nobody understands is refused, not passed over.
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
    /// `handover`: an account; nil gives it back.
    let receiver: String?
    /// `extend`: from now to the new end.
    let time: Interval
    /// `ask`: what the agent is to say.
    let question: String?
    /// `reject`: what would be accepted.
    let suggestion: Suggestion?
    let signature: SignedOrder?

    init(_ action: DecisionAction, _ body: [UInt8], limits: OperatorLimits) throws(OperatorProblem) {
        // What a patch puts into a call may be deep.
        let root = try OrderBody.root(
            body, known: Self.members(of: action), depth: [.reject, .edit].contains(action) ? Self.editDepth : 4)
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
        receiver = try OrderBody.line("to", root["to"], limits)
        question = try OrderBody.reason(
            root["question"], named: "question", isRequired: action == .ask, "what the agent is to say", limits)
        suggestion = try Suggestion(
            text: OrderBody.reason(
                root["suggest"], named: "suggest", isRequired: false, "what would be accepted", limits),
            patch: OrderBody.patch(root["suggest_patch"]))
        time = try Self.time(root["for_ms"], action)
        signature = try SignedOrder(root["signature"], limits)
    }

    private static func members(of action: DecisionAction) -> [String] {
        switch action {
        case .approve: ["reason", "now", "signature"]
        case .reject: ["reason", "suggest", "suggest_patch", "signature"]
        case .reopen: ["reason", "signature"]
        case .resolve: ["executed", "reason", "signature"]
        case .claim: []
        case .handover: ["to"]
        case .extend: ["for_ms", "reason"]
        case .ask: ["question"]
        case .edit: EditOrder.members
        }
    }

    private static func flag(_ name: String, _ root: JSONNode) throws(OperatorProblem) -> Bool? {
        guard let value = root[Text(name)] else { return nil }
        guard let bool = value.bool else { throw .wrongMember(name, expected: "true or false") }
        return bool
    }

    /// No time that anybody means is longer, and sums stay far from overflow.
    private static let longestTime: Int64 = 3650 * 86_400_000

    private static func time(_ value: JSONNode?, _ action: DecisionAction) throws(OperatorProblem) -> Interval {
        guard let value else {
            guard action == .extend else { return Interval(milliseconds: 0) }
            throw .missingMember("for_ms", meaning: "milliseconds from now to its new end")
        }
        guard let time = value.integer, (1...longestTime).contains(time) else {
            throw .wrongMember("for_ms", expected: "a number of milliseconds from now, up to ten years")
        }
        return Interval(milliseconds: time)
    }
}

extension DecisionAction {
    /// What can be done while nobody has decided.
    static let ofUndecided: [DecisionAction] = [.approve, .reject, .edit, .claim, .handover, .extend, .ask]

    /// A refusal that gives no reason sends the agent looking for another way.
    package var asksForReason: Bool {
        switch self {
        case .reject, .resolve: true
        case .approve, .reopen, .claim, .handover, .extend, .ask, .edit: false
        }
    }
}
