import Calls
import JSON

/// Reads a body into the document that rules look into.
package enum DocumentReader {
    /// - Parameters:
    ///   - contentType: as the fields have it, nil where it is absent; so is `contentEncoding`.
    ///   - isLines: whether the endpoint takes one JSON document a line whatever the type says (Elasticsearch's bulk calls).
    package static func read(
        _ body: [UInt8], contentType: ArraySlice<UInt8>?, contentEncoding: ArraySlice<UInt8>?, isLines: Bool = false,
        limits: DecodingLimits = .default
    ) throws(WireError) -> BodyContent {
        // The field may be there and empty; that says as much as its absence.
        let type: ContentType? = if let contentType, !contentType.isEmpty { try ContentType(contentType) } else { nil }
        let coding = try ContentCoding(contentEncoding)
        guard !body.isEmpty else { return BodyContent(type, body, .none) }
        switch coding {
        case .identity: return try read(body, type, isLines: isLines, limits)
        case .signedChunks:
            // Servers other than AWS's overlook the field, and read what is there.
            return BodyContent(type, body, .opaque("an upload in signed chunks"), isWithheld: true)
        case .gzip, .deflate, .brotli, .zstd:
            let unpacked = try Decompressor.unpack(body, coding, limits: limits)
            guard !unpacked.isEmpty else { return BodyContent(type, unpacked, .none) }
            return try read(unpacked, type, isLines: isLines, limits)
        }
    }

    private static func read(
        _ body: [UInt8], _ type: ContentType?, isLines: Bool, _ limits: DecodingLimits
    ) throws(WireError) -> BodyContent {
        switch type?.kind {
        case .json where !isLines:
            guard type?.isUTF8 == true else { throw .unsupportedCharset }
            return BodyContent(type, body, try json(body))
        case nil where !isLines:
            return BodyContent(
                type, body, looksLikeJSON(body) ? try json(body) : .opaque("a body without a content type"))
        case .json, .jsonLines, nil:
            guard type?.isUTF8 != false else { throw .unsupportedCharset }
            return BodyContent(type, body, .opaque("one JSON document a line"))
        case .form:
            guard type?.isUTF8 == true else { throw .unsupportedCharset }
            guard !looksLikeJSON(body), !looksLikeXML(body) else { throw .contentTypeMismatch }
            return BodyContent(type, body, .form(try ParameterReader.read(form: body[...])))
        case .plainText:
            // Some APIs (Slack, CouchDB) read JSON out of it.
            guard type?.isUTF8 == true, looksLikeJSON(body), let document = try? JSONDocument.parse(body) else {
                return BodyContent(type, body, .opaque("plain text"))
            }
            return BodyContent(type, body, .json(document))
        case .multipart(let subtype, let boundary):
            guard !looksLikeJSON(body), !looksLikeXML(body) else { throw .contentTypeMismatch }
            return try multipart(body, type, subtype, boundary, limits)
        case .graphql:
            guard type?.isUTF8 == true else { throw .unsupportedCharset }
            return BodyContent(type, body, .opaque("a GraphQL document"))
        case .grpc:
            guard !looksLikeJSON(body) else { throw .contentTypeMismatch }
            return BodyContent(type, body, .opaque("gRPC messages"))
        case .other(let name):
            if name == "application/xml" || name == "text/xml" || name.hasSuffix("+xml") {
                guard !looksLikeJSON(body) else { throw .contentTypeMismatch }
                guard type?.isUTF8 == true else { throw .unsupportedCharset }
            }
            return BodyContent(type, body, .opaque("a body of type \(name)"))
        }
    }

    private static func multipart(
        _ body: [UInt8], _ type: ContentType?, _ subtype: String, _ boundary: [UInt8], _ limits: DecodingLimits
    ) throws(WireError) -> BodyContent {
        func parts() throws(WireError) -> [MultipartReader.Part] {
            try MultipartReader.parts(body[...], boundary: boundary, limits: limits)
        }
        switch subtype {
        case "form-data":
            return BodyContent(type, body, .multipart(try FormPartReader.read(try parts())))
        case "mixed":
            return BodyContent(type, body, .opaque("a body of type multipart/mixed"), parts: try parts())
        case "related":
            // Google's uploads: what the file is, as JSON, and the file.
            let parts = try parts()
            let first = parts.first?.value("content-type")
            let kind = try first.map { value throws(WireError) in try ContentType(value) }?.kind
            guard kind == .json, let main = parts.first?.content else { break }
            return BodyContent(type, body, try json(Array(main)), parts: parts)
        default: break
        }
        return BodyContent(type, body, .opaque("a body of type multipart/\(subtype)"))
    }

    static func json(_ body: [UInt8]) throws(WireError) -> Document {
        do throws(JSONError) {
            return .json(try JSONDocument.parse(body))
        } catch {
            throw .malformedJSON(error)
        }
    }

    /// Whether the first byte that is no blank opens an object or an array.
    static func looksLikeJSON(_ body: [UInt8]) -> Bool {
        let first = firstByte(body)
        return first == 0x7B || first == 0x5B
    }

    private static func looksLikeXML(_ body: [UInt8]) -> Bool { firstByte(body) == 0x3C }

    private static func firstByte(_ body: [UInt8]) -> UInt8? {
        body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    }
}
