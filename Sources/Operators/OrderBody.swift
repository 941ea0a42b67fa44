import Calls
import JSON

/// What the bodies of all orders have in common: one JSON object, nothing in it that nobody understands.
enum OrderBody {
    static func root(_ body: [UInt8], known: [String], depth: Int = 4) throws(OperatorProblem) -> JSONNode {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(body.isEmpty ? Array("{}".utf8) : body, limits: JSONLimits(depth: depth))
        } catch {
            throw .malformedBody("The body is not JSON with one reading: \(error).")
        }
        guard document.root.kind == .object else { throw .malformedBody("The body must be a JSON object.") }
        for (key, _) in document.root.members where !known.contains(key.string) {
            throw .unknownMember(VisibleText.show(key.string, limit: 100), known: known)
        }
        return document.root
    }

    static func reason(
        _ value: JSONNode?, isRequired: Bool, _ meaning: String, _ limits: OperatorLimits
    ) throws(OperatorProblem) -> String? {
        guard let value else {
            guard !isRequired else {
                throw .missingMember("reason", meaning: meaning)
            }
            return nil
        }
        return try line("reason", value, limits)
    }

    /// Only what a line of text has: it is shown on other people's terminals.
    static func line(
        _ name: String, _ value: JSONNode?, _ limits: OperatorLimits
    ) throws(OperatorProblem) -> String? {
        guard let value else { return nil }
        guard let text = value.text?.string, text.utf8.count <= limits.reasonBytes,
            text.contains(where: { !$0.isWhitespace }), VisibleText.isOneLine(text)
        else {
            throw .wrongMember(name, expected: "one line of text, not empty, of \(limits.reasonBytes) bytes at most")
        }
        return text
    }
}
