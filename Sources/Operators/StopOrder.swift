import Calls
import Holds
import JSON

/// What an operator may do with the kill switch; its path under `/v1`.
package enum StopAction: String, Sendable, CaseIterable {
    case kill, freeze, resume

    /// Nil lifts.
    var kind: Stop.Kind? {
        switch self {
        case .kill: .kill
        case .freeze: .freeze
        case .resume: nil
        }
    }
}

/// The body of such a request, read as strictly as a decision's.
struct StopOrder: Sendable {
    let scope: Scope
    let reason: String?

    /// A kill is not kept waiting for words; what lifts one has to have them.
    init(_ action: StopAction, _ body: [UInt8], limits: OperatorLimits) throws(OperatorProblem) {
        let root = try OrderBody.root(body, known: ["scope", "reason"])
        guard let value = root["scope"] else {
            throw .missingMember("scope", meaning: "everything, agent:NAME or session:ID")
        }
        guard let text = value.text?.string, VisibleText.isOneLine(text), text.utf8.count <= limits.reasonBytes,
            let scope = Scope(text)
        else { throw .wrongMember("scope", expected: "everything, agent:NAME or session:ID") }
        self.scope = scope
        reason = try OrderBody.reason(
            root["reason"], isRequired: action == .resume, "a sentence for the journal", limits)
    }
}
