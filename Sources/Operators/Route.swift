import Calls
import Holds
import JSON
import Wire

/// What a request to the operator socket asks for.
enum Route: Sendable {
    case health
    case list(HoldQuery)
    /// One hold by its id or the beginning of it.
    case show(String)
    case decide(DecisionAction, String)
    /// One hold's body, to be changed in an editor.
    case draft(String)
    /// A number for a signature.
    case nonce(String)
    case stops
    case change(StopAction)
    case sessions

    init(_ head: RequestHead, limits: OperatorLimits) throws(OperatorProblem) {
        let parts = head.target.string.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? ""
        let parameters = try Self.parameters(parts.count > 1 ? parts[1] : "")
        let segments = path.utf8.split(separator: 0x2F, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard segments.first == "", segments.count > 2, segments[1] == "v1" else { throw .noSuchResource(path) }
        switch (segments[2], segments.count) {
        case ("health", 3):
            try Self.expect("GET", head)
            self = .health
        case ("sessions", 3):
            try Self.expect("GET", head)
            self = .sessions
        case ("holds", 3):
            try Self.expect("GET", head)
            self = .list(try Self.query(parameters, limits))
            return
        case ("holds", 4):
            try Self.expect("GET", head)
            self = .show(segments[3])
        case ("holds", 5) where segments[4] == "draft":
            try Self.expect("GET", head)
            self = .draft(segments[3])
        case ("holds", 5) where segments[4] == "nonce":
            try Self.expect("GET", head)
            self = .nonce(segments[3])
        case ("holds", 5):
            guard let action = DecisionAction(rawValue: segments[4]) else { throw .noSuchResource(path) }
            try Self.expect("POST", head)
            self = .decide(action, segments[3])
        case ("stops", 3):
            try Self.expect("GET", head)
            self = .stops
        case (let word, 3):
            guard let action = StopAction(rawValue: word) else { throw .noSuchResource(path) }
            try Self.expect("POST", head)
            self = .change(action)
        default: throw .noSuchResource(path)
        }
        if let first = parameters.first { throw .badQuery("\(VisibleText.show(first.name)) means nothing here.") }
    }

    private static func expect(_ method: Text, _ head: RequestHead) throws(OperatorProblem) {
        guard head.method == method else { throw .methodNotAllowed(allowed: method.string) }
    }

    /// `state=pending&state=stale&session=…&limit=20`
    private static func query(
        _ parameters: [(name: String, value: String)], _ limits: OperatorLimits
    ) throws(OperatorProblem) -> HoldQuery {
        var query = HoldQuery()
        var isLimited = false
        for (name, value) in parameters {
            switch name {
            case "state":
                guard HoldState.names.contains(value) else {
                    throw .badQuery(
                        "No hold is ever \(VisibleText.show(value)); states are "
                            + HoldState.names.joined(separator: ", ") + ".")
                }
                query.states.append(value)
            case "session":
                guard query.session == nil else { throw .badQuery("session is there twice; one can be asked for.") }
                query.session = SessionID(value)
            case "limit":
                guard let limit = Int(value), (1...limits.listed).contains(limit), !isLimited else {
                    throw .badQuery("limit must be there once, and a number from 1 to \(limits.listed).")
                }
                query.limit = limit
                isLimited = true
            default:
                throw .badQuery("\(VisibleText.show(name)) means nothing here; use state, session and limit.")
            }
        }
        return query
    }

    private static func parameters(_ query: Substring) throws(OperatorProblem) -> [(name: String, value: String)] {
        var parameters: [(String, String)] = []
        for pair in query.utf8.split(separator: 0x26) {
            let parts = pair.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = decoded(parts[0]), let value = decoded(parts[1]) else {
                throw .badQuery("The query is not name=value pairs of percent-encoded UTF-8.")
            }
            parameters.append((name, value))
        }
        return parameters
    }

    private static func decoded(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(),
                let digits = String(validating: [high, low], as: UTF8.self),
                digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }), let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
