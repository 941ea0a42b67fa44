import Calls
import JSON

/// The requests inside a batch: Google's and OData's `multipart/mixed`, OData's and Microsoft Graph's JSON.
struct BatchReader {
    /// One request as the batch spells it.
    struct Entry {
        let method: Text
        let url: Text
        let fields: Fields
        let body: [UInt8]
    }

    // MARK: Parts

    /// Nil where no part is a request: a multipart body of another kind.
    static func entries(_ parts: [MultipartReader.Part], limits: DecodingLimits) throws(WireError) -> [Entry]? {
        var entries: [Entry] = []
        try collect(parts, depth: 1, limits, into: &entries)
        return entries.isEmpty ? nil : entries
    }

    private static func collect(
        _ parts: [MultipartReader.Part], depth: Int, _ limits: DecodingLimits, into entries: inout [Entry]
    ) throws(WireError) {
        var hasStrangers = false
        for part in parts {
            let type = try part.value("content-type").map { value throws(WireError) in try ContentType(value) }
            switch type?.kind {
            case .other("application/http"):
                guard entries.count < limits.operations else { throw .tooManyOperations(limit: limits.operations) }
                entries.append(try request(part.content))
            case .multipart("mixed", let boundary):
                // A change set, whose requests are done together or not at all.
                guard depth < limits.multipartDepth else { throw .malformedMultipart(.tooDeep) }
                let inner = try MultipartReader.parts(part.content, boundary: boundary, limits: limits)
                let count = entries.count
                try collect(inner, depth: depth + 1, limits, into: &entries)
                hasStrangers = hasStrangers || entries.count == count
            default: hasStrangers = true
            }
        }
        // A part that is no request beside those that are, in whichever order.
        guard entries.isEmpty || !hasStrangers else { throw .malformedBatch }
    }

    /// `METHOD url [HTTP/1.1]`, fields, an empty line and the body; the empty line may be missing where nothing follows.
    private static func request(_ content: ArraySlice<UInt8>) throws(WireError) -> Entry {
        var rest = content
        let words = try line(&rest).split(separator: 0x20, omittingEmptySubsequences: false)
        guard
            words.count == 2
                || words.count == 3
                    && (words[2].elementsEqual("HTTP/1.1".utf8) || words[2].elementsEqual("HTTP/1.0".utf8)),
            let method = Text(utf8: words[0]), let url = Text(utf8: words[1]), !url.isEmpty,
            words[0].allSatisfy(ByteClass.token.contains)
        else { throw .malformedBatch }
        var fields = Fields()
        while !rest.isEmpty {
            let line = try line(&rest)
            guard !line.isEmpty else { break }
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy(ByteClass.token.contains)
            else { throw .malformedBatch }
            let value = trimmingBlanks(line[(colon + 1)...])
            guard value.allSatisfy(ByteClass.isFieldText) else { throw .malformedBatch }
            fields.append(line[..<colon], value)
        }
        // Where lengths are told, all readers must agree on them.
        guard !fields.contains("transfer-encoding"), fields.count(of: "content-length") <= 1 else {
            throw .malformedBatch
        }
        var body = rest
        if let length = fields.text("content-length") {
            // Digits alone: `Int` takes a sign.
            guard length.utf8.allSatisfy(ByteClass.isDigit), let length = Int(length.string), length <= body.count,
                body.dropFirst(length).allSatisfy({ $0 == 0x0D || $0 == 0x0A })
            else { throw .malformedBatch }
            body = body.prefix(length)
        } else if body.allSatisfy({ $0 == 0x0D || $0 == 0x0A }) {
            body = []
        }
        return Entry(method: method, url: url, fields: fields, body: Array(body))
    }

    /// The next line without its end, which the last may lack.
    private static func line(_ rest: inout ArraySlice<UInt8>) throws(WireError) -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(where: { $0 == 0x0D || $0 == 0x0A }) else {
            defer { rest = [] }
            return rest
        }
        guard rest[end...].starts(with: [0x0D, 0x0A]) else { throw .malformedBatch }
        defer { rest = rest[(end + 2)...] }
        return rest[..<end]
    }

    // MARK: JSON

    /// `{"requests": [{"id", "method", "url", "headers", "body"}]}` (OData JSON 4.01 section 19).
    static func entries(_ root: JSONNode, limits: DecodingLimits) throws(WireError) -> [Entry] {
        guard let requests = root["requests"], requests.kind == .array, requests.count > 0 else {
            throw .malformedBatch
        }
        guard requests.count <= limits.operations else { throw .tooManyOperations(limit: limits.operations) }
        var entries: [Entry] = []
        for request in requests.elements { entries.append(try entry(request)) }
        return entries
    }

    private static func entry(_ request: JSONNode) throws(WireError) -> Entry {
        guard let method = request["method"]?.text?.asciiUppercased, let url = request["url"]?.text, !url.isEmpty,
            !method.isEmpty, method.utf8.allSatisfy(ByteClass.token.contains)
        else { throw .malformedBatch }
        // Microsoft's servers do not tell `URL` and `url` apart.
        let known: [Text] = ["method", "url", "headers", "body", "id"]
        for (key, _) in request.members where !known.contains(key) && known.contains(key.asciiLowercased) {
            throw .malformedBatch
        }
        var fields = Fields()
        if let headers = request["headers"], !headers.isNull {
            guard headers.kind == .object else { throw .malformedBatch }
            for (name, value) in headers.members {
                guard let text = value.text, !name.isEmpty, name.utf8.allSatisfy(ByteClass.token.contains),
                    text.utf8.allSatisfy(ByteClass.isFieldText)
                else { throw .malformedBatch }
                fields.append(name.utf8, trimmingBlanks(text.bytes[...]))
            }
        }
        var body: [UInt8] = []
        if let node = request["body"], !node.isNull {
            // A body that is no JSON comes in base64 and as a text; nobody looks into it then.
            if let text = node.text, let type = fields.first("content-type"), !isPrefixed(type, "application/json") {
                body = text.bytes
            } else {
                body = Array(node.spelling)
                if !fields.contains("content-type") { fields.append("Content-Type", "application/json") }
            }
        }
        return Entry(method: method, url: url, fields: fields, body: body)
    }
}
