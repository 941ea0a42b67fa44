import Calls
import JSON

/// What an agent asks of the gate itself, read strictly: what nobody understands is refused, not passed over.
enum AgentRequest: Hashable {
    /// How one of its holds stands.
    case look(HoldID)
    case answer(HoldID, String)
    /// Takes a call back.
    case withdraw(HoldID)
    /// A question to people that is about no call; context and alternatives are in the body, which is kept.
    case review(String)

    /// Bytes of a body.
    static let mostBytes = 64 << 10
    /// Bytes of an answer, and of a question.
    static let longestText = 4000
    static let longestContext = 32_000
    static let mostAlternatives = 16

    init(_ call: Call) throws(CallFailure) {
        do throws(DeskProblem) { self = try AgentRequest.read(call) } catch { throw .desk(error) }
    }

    private static func read(_ call: Call) throws(DeskProblem) -> AgentRequest {
        let path = call.target.segments
        guard call.target.query.isEmpty, path.first == "v1" else { throw .noSuchResource }
        switch (path.dropFirst().first, path.count) {
        case ("review", 2):
            try expect(["POST"], call)
            let root = try body(of: call, ["question", "context", "alternatives"])
            let question = try text("question", root, longestText)
            if root["context"] != nil { _ = try text("context", root, longestContext) }
            if let alternatives = root["alternatives"] {
                let texts = alternatives.elements.compactMap(\.text)
                guard alternatives.kind == .array, texts.count == alternatives.count,
                    texts.count <= mostAlternatives, texts.allSatisfy({ $0.utf8.count <= longestText })
                else {
                    throw .malformed(
                        "alternatives must be an array of at most \(mostAlternatives) texts of \(longestText) bytes")
                }
            }
            return .review(question)
        case ("holds", 3):
            let id = try id(path[2])
            try expect(["GET", "DELETE"], call)
            guard call.body.length ?? 0 == 0 else { throw .malformed("this request has no body") }
            return call.method == "GET" ? .look(id) : .withdraw(id)
        case ("holds", 4) where path[3] == "answer":
            let id = try id(path[2])
            try expect(["POST"], call)
            return .answer(id, try text("answer", try body(of: call, ["answer"]), longestText))
        default: throw .noSuchResource
        }
    }

    private static func id(_ text: Text) throws(DeskProblem) -> HoldID {
        guard let id = HoldID(text.string) else { throw .noSuchHold(VisibleText.show(text.string, limit: 100)) }
        return id
    }

    private static func expect(_ methods: [Text], _ call: Call) throws(DeskProblem) {
        guard methods.contains(call.method) else { throw .wrongMethod(allowed: methods.map(\.string)) }
    }

    private static func body(of call: Call, _ known: [Text]) throws(DeskProblem) -> JSONNode {
        guard call.body.length ?? .max <= UInt64(mostBytes) else { throw .tooLarge(limit: mostBytes) }
        // A page in a browser can send other types without being asked for leave; that is no agent's word.
        let type = call.fields.text("content-type")?.asciiLowercased
        guard type?.hasPrefix("application/json") == true else { throw .wrongType }
        guard case .bytes(let bytes) = call.body,
            let document = try? JSONDocument.parse(bytes, limits: JSONLimits(depth: 4)),
            document.root.kind == .object
        else { throw .malformed("the body must be a JSON object") }
        for (key, _) in document.root.members where !known.contains(key) {
            let names = known.map(\.string).joined(separator: ", ")
            throw .malformed("\(VisibleText.show(key.string, limit: 100)) means nothing here; members are \(names)")
        }
        return document.root
    }

    private static func text(_ name: String, _ root: JSONNode, _ limit: Int) throws(DeskProblem) -> String {
        guard let text = root[Text(name)]?.text?.string, text.contains(where: { !$0.isWhitespace }),
            text.utf8.count <= limit
        else { throw .malformed("\(name) must be a text, not empty, of \(limit) bytes at most") }
        return text
    }
}
