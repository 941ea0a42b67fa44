import JSON

/// Reads the path of a target into segments, and spells it anew.
struct PathReader {
    /// Decoded segments, as `Target.segments` has them.
    private(set) var segments: [Text] = []
    /// The path that goes upstream.
    private(set) var spelling: ArraySlice<UInt8> = []
    /// Whether that is the path as it came.
    private(set) var isAsReceived = false

    /// The path in its normal form (RFC 3986 section 6.2.2): `//` merged, dot segments removed once, unreserved
    /// characters decoded. What an upstream could decode into another path is refused.
    ///
    /// - Parameter slashes: whether `%2F` may stand inside a segment, as part of its text.
    init(normalising path: ArraySlice<UInt8>, encodedSlashes slashes: Bool) throws(WireError) {
        if Self.isNormal(path) {
            try take(path)
            return
        }
        var spelled: [[UInt8]] = []
        var endsInSlash = false
        for raw in path.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false) {
            let segment = try Self.segment(raw, encodedSlashes: slashes)
            switch segment.decoded {
            case []:
                endsInSlash = true
            case [0x2E]:
                endsInSlash = true
            case [0x2E, 0x2E]:
                endsInSlash = true
                if !segments.isEmpty {
                    segments.removeLast()
                    spelled.removeLast()
                }
            default:
                endsInSlash = false
                segments.append(try Self.text(segment.decoded))
                spelled.append(segment.spelling)
            }
        }
        if endsInSlash, !segments.isEmpty {
            segments.append("")
            spelled.append([])
        }
        spelling.reserveCapacity(path.count)
        spelling.append(0x2F)
        spelling.append(contentsOf: spelled.joined(separator: [0x2F]))
    }

    /// A path that is its own normal form.
    private mutating func take(_ path: ArraySlice<UInt8>) throws(WireError) {
        spelling = path
        isAsReceived = true
        guard path.count > 1 else { return }
        segments.reserveCapacity(8)
        var start = path.startIndex + 1
        while start <= path.endIndex {
            let end = path[start...].firstIndex(of: 0x2F) ?? path.endIndex
            guard let text = Text(copying: path[start..<end].span) else { throw .ambiguousPath }
            segments.append(text)
            start = end + 1
        }
    }

    /// Whether there is nothing to decode, merge or remove: most paths are so, and are not taken apart.
    private static func isNormal(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.first == 0x2F else { return false }
        var previous: UInt8 = 0
        for byte in path {
            if byte == 0x2F || byte == 0x2E {
                guard previous != 0x2F else { return false }
            } else {
                guard ByteClass.segment.contains(byte) else { return false }
            }
            previous = byte
        }
        return true
    }

    /// The path of an object in S3, where bucket and key are the decoded bytes between slashes and nothing is merged
    /// or removed: `//` is an empty part of the key, `%2F` the same as `/`. It goes upstream as it came, because it is
    /// signed.
    init(objectKey path: ArraySlice<UInt8>) throws(WireError) {
        for byte in path where !(ByteClass.segment.contains(byte) || byte == 0x25 || byte == 0x2F) {
            throw .malformedTarget
        }
        let decoded = try Percent.decode(path, plusIsSpace: false)
        let parts = decoded.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
        for part in parts where !(parts.count == 1 && part.isEmpty) {
            // S3 takes dots as they are; HTTP libraries on the way do not.
            guard part != [0x2E], part != [0x2E, 0x2E], !part.contains(where: Self.isControl),
                let text = Text(copying: part.span)
            else { throw .ambiguousPath }
            segments.append(text)
        }
        spelling = path
    }

    /// One segment: its text, and its spelling with unreserved characters decoded.
    private static func segment(
        _ raw: ArraySlice<UInt8>, encodedSlashes: Bool
    ) throws(WireError) -> (decoded: [UInt8], spelling: [UInt8]) {
        guard raw.contains(0x25) else {
            for byte in raw where !ByteClass.segment.contains(byte) { throw refusal(byte) }
            let bytes = Array(raw)
            return (bytes, bytes)
        }
        var decoded: [UInt8] = []
        var spelling: [UInt8] = []
        var index = raw.startIndex
        while index < raw.endIndex {
            guard raw[index] == 0x25 else {
                guard ByteClass.segment.contains(raw[index]) else { throw refusal(raw[index]) }
                decoded.append(raw[index])
                spelling.append(raw[index])
                index += 1
                continue
            }
            let byte = try Percent.byte(in: raw, at: index)
            guard byte != 0x2F || encodedSlashes, byte != 0x5C, !isControl(byte) else { throw .ambiguousPath }
            decoded.append(byte)
            if ByteClass.unreserved.contains(byte) {
                spelling.append(byte)
            } else {
                spelling.append(contentsOf: raw[index..<index + 3])
            }
            index += 3
        }
        guard !Percent.remains(in: decoded), !decoded.contains(0x2F) || isPlainPath(decoded) else {
            throw .ambiguousPath
        }
        return (decoded, spelling)
    }

    /// Text in Unicode's composed form, so that no upstream that composes sees another name.
    private static func text(_ decoded: [UInt8]) throws(WireError) -> Text {
        guard let text = Text(copying: decoded.span) else { throw .ambiguousPath }
        guard decoded.contains(where: { $0 >= 0x80 }) else { return text }
        guard var scalars = try? UTF8Span(validating: decoded.span), scalars.checkForNFC(quickCheck: false),
            !text.string.unicodeScalars.contains(where: isDelimiterInDisguise)
        else { throw .ambiguousPath }
        return text
    }

    /// What some upstreams map to `.`, `/`, `\`, `%` or `;`: compatibility forms (Unicode's NFKC), and the look-alikes
    /// that Windows takes for slashes where a character set has nothing better.
    private static func isDelimiterInDisguise(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{FF0E}", "\u{FE52}", "\u{2024}", "\u{2025}", "\u{FE30}": true  // dots
        case "\u{FF0F}", "\u{2044}", "\u{2215}", "\u{29F8}": true  // slashes
        case "\u{FF3C}", "\u{FE68}", "\u{2216}", "\u{29F5}", "\u{29F9}": true  // backslashes
        case "\u{FF05}", "\u{FE6A}", "\u{FF1B}", "\u{FE54}": true  // percent signs and semicolons
        default: false
        }
    }

    /// Whether nothing would be merged or removed if the slashes of a segment were those of a path.
    private static func isPlainPath(_ segment: [UInt8]) -> Bool {
        segment.split(separator: 0x2F, omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0 != [0x2E] && $0 != [0x2E, 0x2E]
        }
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    /// `;` and `\` mean something to some upstreams; anything else that is not of a path is just malformed.
    private static func refusal(_ byte: UInt8) -> WireError {
        byte == 0x3B || byte == 0x5C ? .ambiguousPath : .malformedTarget
    }
}
