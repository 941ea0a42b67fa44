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
        _ value: JSONNode?, named name: String = "reason", isRequired: Bool, _ meaning: String, _ limits: OperatorLimits
    ) throws(OperatorProblem) -> String? {
        guard let value else {
            guard !isRequired else {
                throw .missingMember(name, meaning: meaning)
            }
            return nil
        }
        return try line(name, value, limits)
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

    /// Bytes of a patch; the agent gets all of it.
    static let longestPatch = 16 << 10

    /// An RFC 6902 document, as spelled: each of its operations has what it needs, and nothing else.
    static func patch(_ value: JSONNode?) throws(OperatorProblem) -> String? {
        guard let value else { return nil }
        guard value.kind == .array, value.count > 0, value.span.count <= longestPatch,
            value.elements.allSatisfy(isOperation)
        else {
            throw .wrongMember(
                "suggest_patch",
                expected: "a JSON Patch (RFC 6902): an array of operations, of \(longestPatch) bytes at most")
        }
        return String(decoding: value.spelling, as: UTF8.self)
    }

    private static func isOperation(_ operation: JSONNode) -> Bool {
        guard let name = operation["op"]?.text?.string, let needed = members[name], operation.count == needed.count + 2,
            isPointer(operation["path"])
        else { return false }
        return needed.allSatisfy { $0 == "from" ? isPointer(operation["from"]) : operation[$0] != nil }
    }

    /// RFC 6901: empty, or each part behind a slash.
    private static func isPointer(_ value: JSONNode?) -> Bool {
        value?.text.map { $0.isEmpty || $0.hasPrefix("/") } ?? false
    }

    /// Beside `op` and `path`.
    private static let members: [String: [Text]] = [
        "add": ["value"], "replace": ["value"], "test": ["value"], "remove": [], "move": ["from"], "copy": ["from"],
    ]
}
