import Calls

/// The fields of a head, read in one pass up to the empty line that ends it (RFC 9112 section 5).
struct HeadFields {
    let fields: Fields
    let framing: FramingFields
    /// The first byte after the empty line.
    let end: Int

    /// Nil where more bytes are needed; what is wrong in the bytes at hand is refused at once.
    static func scan(
        _ bytes: borrowing Span<UInt8>, from start: Int, limits: HTTPLimits
    ) throws(WireError) -> HeadFields? {
        let end = min(bytes.count, limits.headBytes)
        var index = FieldIndex(reserving: 16)
        var framing = FramingFields()
        var cursor = start
        while cursor < end {
            let lineStart = cursor
            while cursor < end, ByteClass.token.contains(bytes[cursor]) { cursor &+= 1 }
            guard cursor < end else { break }
            if cursor == lineStart {
                if bytes[cursor] == 0x0D {
                    guard cursor &+ 1 < end else { break }
                    guard bytes[cursor &+ 1] == 0x0A else { throw .malformedLineEnd }
                    let block = bytes.extracting(start..<cursor).copy()
                    return HeadFields(fields: Fields(block, index), framing: framing, end: cursor + 2)
                }
                throw Self.refusal(bytes[cursor], atLineStart: true)
            }
            guard bytes[cursor] == 0x3A else { throw Self.refusal(bytes[cursor], atLineStart: false) }
            let name = lineStart..<cursor
            cursor &+= 1
            while cursor < end, ByteClass.isBlank(bytes[cursor]) { cursor &+= 1 }
            let valueStart = cursor
            cursor = bytes.endOfFieldText(from: cursor, below: end)
            guard cursor < end else { break }
            guard bytes[cursor] == 0x0D else {
                throw bytes[cursor] == 0x0A ? .malformedLineEnd : .malformedFieldValue
            }
            guard cursor &+ 1 < end else { break }
            guard bytes[cursor &+ 1] == 0x0A else { throw .malformedLineEnd }
            var valueEnd = cursor
            while valueEnd > valueStart, ByteClass.isBlank(bytes[valueEnd &- 1]) { valueEnd &-= 1 }
            guard index.count < limits.fields else { throw .tooManyFields(limit: limits.fields) }
            let known = FieldName(bytes.extracting(name))
            try framing.note(known, bytes, name: name, value: valueStart..<valueEnd)
            index.append(
                known, name: name.lowerBound &- start..<name.upperBound &- start,
                value: valueStart &- start..<valueEnd &- start)
            cursor &+= 2
        }
        guard bytes.count < limits.headBytes else { throw .headTooLarge(limit: limits.headBytes) }
        return nil
    }

    private static func refusal(_ byte: UInt8, atLineStart: Bool) -> WireError {
        switch byte {
        case 0x0A: .malformedLineEnd
        case 0x20 where atLineStart, 0x09 where atLineStart: .foldedField
        default: .malformedFieldName
        }
    }
}
