/// What a body says it is (RFC 9110 section 8.3).
struct ContentType {
    enum Kind: Equatable {
        case json, form, plainText
        /// A format without a reader, by its type in small letters.
        case other(String)
    }

    let kind: Kind
    let isUTF8: Bool

    /// Refuses what is not exactly one media type with well-formed parameters.
    init(_ value: ArraySlice<UInt8>) throws(WireError) {
        // Most bodies, as most clients spell them.
        for (name, kind) in Self.usual where value.elementsEqual(name) {
            self.kind = kind
            isUTF8 = true
            return
        }
        let parts = try Self.split(value)
        let type = smallLetters(parts[0])
        let halves = type.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty && $0.allSatisfy(ByteClass.token.contains) }) else {
            throw .malformedContentType
        }
        kind = Self.kind(type)
        var charsets: [String] = []
        for parameter in parts.dropFirst() where !parameter.isEmpty {
            guard let equals = parameter.firstIndex(of: 0x3D), equals > parameter.startIndex,
                parameter[..<equals].allSatisfy(ByteClass.token.contains)
            else { throw .malformedContentType }
            if smallLetters(parameter[..<equals]) == "charset" {
                charsets.append(try Self.unquoted(parameter[(equals + 1)...]))
            }
        }
        guard charsets.count <= 1 else { throw .malformedContentType }
        isUTF8 = charsets.allSatisfy { $0 == "utf-8" || $0 == "utf8" || $0 == "us-ascii" }
    }

    private static let usual: [([UInt8], Kind)] = [
        (Array("application/json".utf8), .json), (Array("application/x-www-form-urlencoded".utf8), .form),
    ]

    private static func kind(_ type: String) -> Kind {
        switch type {
        case "application/x-www-form-urlencoded": .form
        case "text/plain": .plainText
        case "application/json", "text/json", "application/x-json", "application/json-rpc", "application/jsonrequest",
            "application/x-amz-json-1.0", "application/x-amz-json-1.1":
            .json
        // A structured suffix (RFC 6839); newline-delimited and sequence forms have others.
        case _ where type.hasSuffix("+json"): .json
        default: .other(type)
        }
    }

    /// The type and its parameters, trimmed: split at `;` outside quotes.
    private static func split(_ value: ArraySlice<UInt8>) throws(WireError) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = value.startIndex
        var isQuoted = false
        for index in value.indices {
            switch value[index] {
            case 0x22: isQuoted.toggle()
            // Quoted pairs have no use in a media type, and not every reader knows them.
            case 0x5C: throw .malformedContentType
            case 0x2C where !isQuoted: throw .malformedContentType
            case 0x3B where !isQuoted:
                parts.append(trimmingBlanks(value[start..<index]))
                start = index + 1
            default: continue
            }
        }
        guard !isQuoted else { throw .malformedContentType }
        parts.append(trimmingBlanks(value[start...]))
        return parts
    }

    private static func unquoted(_ value: ArraySlice<UInt8>) throws(WireError) -> String {
        let isQuoted = value.count >= 2 && value.first == 0x22 && value.last == 0x22
        let content = isQuoted ? value.dropFirst().dropLast() : value
        guard !content.isEmpty, content.allSatisfy(ByteClass.token.contains) else { throw .malformedContentType }
        return smallLetters(content)
    }
}
