package import Calls
import JSON

/// Reads a body into the document that rules look into.
package enum DocumentReader {
    /// - Parameters: `contentType` and `contentEncoding` as the fields have them, nil where they are absent.
    package static func read(
        _ body: [UInt8], contentType: ArraySlice<UInt8>?, contentEncoding: ArraySlice<UInt8>?
    ) throws(WireError) -> Document {
        if let reason = try coding(contentEncoding) { return .opaque(reason) }
        // The field may be there and empty; that says as much as its absence.
        let type: ContentType? = if let contentType, !contentType.isEmpty { try ContentType(contentType) } else { nil }
        guard !body.isEmpty else { return .none }
        guard let type else { return looksLikeJSON(body) ? try json(body) : .opaque("a body without a content type") }
        switch type.kind {
        case .json:
            guard type.isUTF8 else { throw .unsupportedCharset }
            return try json(body)
        case .form:
            guard type.isUTF8 else { throw .unsupportedCharset }
            guard !looksLikeJSON(body) else { throw .contentTypeMismatch }
            return .form(try ParameterReader.read(form: body[...]))
        case .plainText:
            // Some APIs (Slack, CouchDB) read JSON out of it.
            guard type.isUTF8, looksLikeJSON(body), let document = try? JSONDocument.parse(body) else {
                return .opaque("plain text")
            }
            return .json(document)
        case .other(let type):
            return .opaque("a body of type \(type)")
        }
    }

    /// Why the content cannot be looked into, nil where it is not coded; a coding that nobody knows is refused.
    private static func coding(_ field: ArraySlice<UInt8>?) throws(WireError) -> String? {
        var reason: String?
        for word in (field ?? []).split(separator: 0x2C, omittingEmptySubsequences: true) {
            let name = smallLetters(trimmingBlanks(word))
            switch name {
            case "identity", "": continue
            case "gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress": reason = "a compressed body"
            // S3's own framing of signed chunks, inside the body.
            case "aws-chunked": reason = reason ?? "an upload in signed chunks"
            default: throw .unsupportedContentCoding
            }
        }
        return reason
    }

    private static func json(_ body: [UInt8]) throws(WireError) -> Document {
        do throws(JSONError) {
            return .json(try JSONDocument.parse(body))
        } catch {
            throw .malformedJSON(error)
        }
    }

    /// Whether the first byte that is no blank opens an object or an array.
    private static func looksLikeJSON(_ body: [UInt8]) -> Bool {
        let first = body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        return first == 0x7B || first == 0x5B
    }
}
