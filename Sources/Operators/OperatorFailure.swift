import Glibc
import System

/// Why a question to the gate has no answer, in sentences that say what to do.
package enum OperatorFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// No socket, or nobody listens on it.
    case notRunning(path: String)
    case noPermission(path: String)
    case broken(path: String, reason: String)
    case notUnderstood(path: String, reason: String)
    /// The gate said no.
    case refused(OperatorRefusal)
    /// Nothing was asked: the decision was to be signed, and was not.
    case unsigned(reason: String)

    init(connecting path: String, _ error: IOError) {
        switch error {
        // Of a file that is no socket the kernel says that nobody listens there.
        case .system(_, ENOENT), .system(_, ENOTDIR), .system(_, ECONNREFUSED), .system(_, EPROTOTYPE):
            self = .notRunning(path: path)
        case .system(_, EACCES), .system(_, EPERM): self = .noPermission(path: path)
        case .system(_, ENAMETOOLONG):
            self = .broken(path: path, reason: "the path is longer than the 107 bytes that a socket's may have")
        case .system, .timedOut, .interrupted, .tls, .truncated: self = .broken(path: path, reason: error.description)
        }
    }

    /// What happened.
    package var message: String {
        switch self {
        case .notRunning(let path): "no gate listens on \(path)"
        case .noPermission(let path): "your account may not open \(path)"
        case .broken(let path, let reason): "the gate at \(path) did not answer: \(reason)"
        case .notUnderstood(let path, let reason): "what answered at \(path) is not a gate of this version: \(reason)"
        case .refused(let refusal): refusal.detail
        case .unsigned(let reason): "nothing was signed, and nothing decided: \(reason)"
        }
    }

    /// What to do; nil where the gate has said it.
    package var help: String? {
        switch self {
        case .notRunning: "start one with `tiergate serve`, or name the socket of a running one with --socket"
        case .noPermission: "`ls -l` on it shows its group: join that and log in again, or use sudo"
        case .broken: "a decision may have been taken: look before you decide again"
        case .notUnderstood: "name the one of `operator.socket` in the gate's settings with --socket"
        case .unsigned: "name a key with --key, or have an agent that has it (`ssh-add -l`)"
        case .refused: nil
        }
    }

    package var description: String { [message, help].compactMap { $0 }.joined(separator: "; ") }
}

/// The gate's own words for why not (RFC 9457).
package struct OperatorRefusal: Hashable, Sendable {
    package let status: Int
    /// Stable; scripts tell refusals apart by it.
    package let code: String
    package let detail: String
    /// The hold as it is now, where that is the reason.
    package let hold: HoldView?
    /// Holds that may have been meant.
    package let matches: [HoldView]
    /// Why a decision proves nothing; nil where the socket is a boundary.
    package let weakness: String?

    init(_ json: JSONReader) throws(JSONReader.Mismatch) {
        status = try json.count("status")
        code = try json.string("code")
        detail = try json.string("detail")
        hold = try json.objectIfAny("hold", HoldView.init)
        matches = try json.objectsIfAny("matches", HoldView.init)
        weakness = try json.stringIfAny("advisory")
    }
}
