import Calls
import Holds

/// Why the gate does not do what an agent asks of it itself.
enum DeskProblem: Error {
    case noSuchResource
    /// Not there, or another session's.
    case noSuchHold(String)
    case wrongMethod(allowed: [String])
    case wrongType
    case malformed(String)
    case tooLarge(limit: Int)
    /// The hold has no such step now.
    case notPossible(Hold)
    case storeDown(reason: String)
}

extension Refusal {
    convenience init(_ problem: DeskProblem) {
        switch problem {
        case .noSuchResource:
            self.init(
                404, "no_such_resource", "Not there",
                "There is GET and DELETE http://\(AgentDesk.host)/v1/holds/ID, POST …/v1/holds/ID/answer, and POST "
                    + "…/v1/review; nothing else.", isFinal: true)
        case .noSuchHold(let id):
            self.init(404, "no_such_hold", "No such hold", "There is no hold \(id) of this session.", isFinal: true)
        case .wrongMethod(let allowed):
            self.init(
                405, "wrong_method", "Not done so", "This resource takes \(allowed.joined(separator: " and ")).",
                isFinal: true)
        case .wrongType:
            self.init(
                415, "wrong_type", "Not JSON", "The body must come with Content-Type: application/json.", isFinal: true)
        case .malformed(let what):
            self.init(400, "malformed_request", "Not understood", "Not done: \(what).", isFinal: true)
        case .tooLarge(let limit):
            self.init(
                413, "body_too_large", "Body too large", "Not done: the body is over \(limit >> 10) KiB.", isFinal: true
            )
        case .storeDown(let reason):
            self.init(
                503, "store_unavailable", "Not possible now",
                "Not done: the gate's store cannot be used now. Ask again later.", cause: reason, retryAfter: 30)
        case .notPossible(let hold):
            self.init(
                409, "not_possible", "Not possible now",
                "Not done: \(hold.id) is \(hold.state.name)"
                    + "\(hold.state.isUndecided && !hold.deliberation.isAsking ? " and nothing is asked" : ""). "
                    + "Look at it with GET \(AgentDesk.url(of: hold.id)).", hold: hold.id, isFinal: true)
        }
    }
}
