/// What a body says it is (RFC 9110 section 8.3).
struct ContentType {
    enum Kind: Equatable {
        case json, form, plainText
        /// One JSON document a line.
        case jsonLines
        /// A GraphQL document and nothing else.
        case graphql
        case grpc(GRPCFormat)
        /// Parts between lines with the boundary: of a form, or of a batch and other compounds.
        case multipart(subtype: String, boundary: [UInt8])
        /// A format without a reader, by its type in small letters.
        case other(String)
    }

    enum GRPCFormat: Equatable {
        /// Messages with their lengths in front: gRPC itself, and gRPC-Web.
        case binary
        /// The same in base64, for browsers.
        case text
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
        var charsets: [String] = []
        var boundaries: [ArraySlice<UInt8>] = []
        for parameter in parts.dropFirst() where !parameter.isEmpty {
            guard let equals = parameter.firstIndex(of: 0x3D), equals > parameter.startIndex,
                parameter[..<equals].allSatisfy(ByteClass.token.contains)
            else { throw .malformedContentType }
            switch smallLetters(parameter[..<equals]) {
            case "charset": charsets.append(try Self.unquoted(parameter[(equals + 1)...]))
            case "boundary": boundaries.append(parameter[(equals + 1)...])
            // RFC 2231 lets a parameter come in pieces, which few readers put together.
            case let name where name.hasPrefix("boundary*") || name.hasPrefix("charset*"):
                throw .malformedContentType
            default: continue
            }
        }
        kind = try Self.kind(type, boundaries)
        guard charsets.count <= 1 else { throw .malformedContentType }
        isUTF8 = charsets.allSatisfy { $0 == "utf-8" || $0 == "utf8" || $0 == "us-ascii" }
    }

    private static let usual: [([UInt8], Kind)] = [
        (Array("application/json".utf8), .json), (Array("application/x-www-form-urlencoded".utf8), .form),
    ]

    private static func kind(_ type: String, _ boundaries: [ArraySlice<UInt8>]) throws(WireError) -> Kind {
        switch type {
        case _ where type.hasPrefix("multipart/"):
            guard let boundary = boundaries.first, boundaries.count == 1 else { throw .malformedContentType }
            return .multipart(subtype: String(type.dropFirst(10)), boundary: try Self.boundary(boundary))
        case "application/x-www-form-urlencoded": return .form
        case "text/plain": return .plainText
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
            "application/jsonlines", "application/json-lines", "application/vnd.elasticsearch+x-ndjson":
            return .jsonLines
        case "application/graphql": return .graphql
        case _ where Self.isFormat("application/grpc-web-text", type): return .grpc(.text)
        case _ where Self.isFormat("application/grpc", type) || Self.isFormat("application/grpc-web", type):
            return .grpc(.binary)
        case "application/json", "text/json", "application/x-json", "application/json-rpc", "application/jsonrequest",
            "application/x-amz-json-1.0", "application/x-amz-json-1.1":
            return .json
        // A structured suffix (RFC 6839); newline-delimited and sequence forms have others.
        case _ where type.hasSuffix("+json"): return .json
        default: return .other(type)
        }
    }

    /// The type itself, or with the name of what its messages are written in (`application/grpc+proto`).
    private static func isFormat(_ name: String, _ type: String) -> Bool { type == name || type.hasPrefix(name + "+") }

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

    /// Up to 70 characters (RFC 2046 section 5.1.1).
    private static func boundary(_ value: ArraySlice<UInt8>) throws(WireError) -> [UInt8] {
        let isQuoted = value.count >= 2 && value.first == 0x22 && value.last == 0x22
        let content = isQuoted ? value.dropFirst().dropLast() : value
        let isAllowed = content.allSatisfy { byte in
            ByteClass.token.contains(byte) && !"!#$%&*^`{|}~".utf8.contains(byte)
                || isQuoted && "(),/:=? ".utf8.contains(byte)
                // Not a token's, and yet what some clients leave bare.
                || "/=:".utf8.contains(byte)
        }
        guard 1...70 ~= content.count, isAllowed, content.last != 0x20 else { throw .malformedContentType }
        return Array(content)
    }

    private static func unquoted(_ value: ArraySlice<UInt8>) throws(WireError) -> String {
        let isQuoted = value.count >= 2 && value.first == 0x22 && value.last == 0x22
        let content = isQuoted ? value.dropFirst().dropLast() : value
        guard !content.isEmpty, content.allSatisfy(ByteClass.token.contains) else { throw .malformedContentType }
        return smallLetters(content)
    }
}
