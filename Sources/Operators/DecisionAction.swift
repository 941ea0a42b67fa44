import Calls
import JSON

/// What a person may do with a hold; its path segment.
package enum DecisionAction: String, Sendable, CaseIterable {
    case approve, reject, reopen, resolve
}

/// The body of a decision, read strictly: what nobody understands is refused, not passed over.
struct DecisionOrder: Sendable {
    let reason: String?
    /// `approve`: send without waiting for the agent.
    let isImmediate: Bool
    /// `resolve`: what a person found out.
    let wasExecuted: Bool

    init(_ action: DecisionAction, _ body: [UInt8], limits: OperatorLimits) throws(OperatorProblem) {
        let known = Self.members(of: action)
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(body.isEmpty ? Array("{}".utf8) : body, limits: JSONLimits(depth: 4))
        } catch {
            throw .malformedBody("The body is not JSON with one reading: \(error).")
        }
        guard document.root.kind == .object else { throw .malformedBody("The body must be a JSON object.") }
        for (key, _) in document.root.members where !known.contains(key.string) {
            throw .unknownMember(VisibleText.show(key.string, limit: 100), known: known)
        }
        reason = try Self.reason(document.root["reason"], isRequired: action.asksForReason, limits)
        isImmediate = try Self.flag("now", document.root) ?? false
        let executed = try Self.flag("executed", document.root)
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
        }
    }

    private static func flag(_ name: String, _ root: JSONNode) throws(OperatorProblem) -> Bool? {
        guard let value = root[Text(name)] else { return nil }
        guard let bool = value.bool else { throw .wrongMember(name, expected: "true or false") }
        return bool
    }

    private static func reason(
        _ value: JSONNode?, isRequired: Bool, _ limits: OperatorLimits
    ) throws(OperatorProblem) -> String? {
        guard let value else {
            guard !isRequired else {
                throw .missingMember("reason", meaning: "a sentence; the agent and the journal are told it")
            }
            return nil
        }
        // Only what a line of text has: it is shown on other people's terminals.
        guard let reason = value.text?.string, reason.utf8.count <= limits.reasonBytes,
            reason.contains(where: { !$0.isWhitespace }), VisibleText.isOneLine(reason)
        else {
            throw .wrongMember(
                "reason", expected: "one line of text, not empty, of \(limits.reasonBytes) bytes at most")
        }
        return reason
    }
}

extension DecisionAction {
    /// A refusal that gives no reason sends the agent looking for another way.
    package var asksForReason: Bool {
        switch self {
        case .reject, .resolve: true
        case .approve, .reopen: false
        }
    }
}
