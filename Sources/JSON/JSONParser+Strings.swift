extension JSONParser {
    /// The string whose quote is at `start`; returns what is behind it.
    @inline(__always)
    mutating func string(_ start: Int, _ input: Span<UInt8>, _ tape: inout NodeTape) throws(JSONError) -> Int {
        let stop = endOfPlainText(from: start &+ 1, input)
        guard stop < input.count, input[stop] == UInt8(ascii: "\"") else {
            return try richString(start, upTo: stop, input, &tape)
        }
        tape.append(content: start &+ 1..<stop, from: start, to: stop &+ 1, isDecoded: false)
        return stop &+ 1
    }

    /// One with escapes or characters beyond ASCII.
    /// - Parameter stop: the first byte that is not plain.
    @inline(never)
    private mutating func richString(
        _ start: Int, upTo stop: Int, _ input: Span<UInt8>, _ tape: inout NodeTape
    ) throws(JSONError) -> Int {
        var cursor = stop
        var copied = start + 1
        let decodedStart = decoded.count
        scan: while cursor < input.count {
            switch input[cursor] {
            case UInt8(ascii: "\""):
                break scan
            case UInt8(ascii: "\\"):
                decoded.append(input.extracting(copied..<cursor))
                cursor = try escape(at: cursor, input)
                copied = cursor
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: cursor)
            case 0x80...:
                cursor = try multibyte(at: cursor, input)
            default:
                cursor = endOfPlainText(from: cursor, input)
            }
        }
        guard cursor < input.count else { throw JSONError(.unexpectedEnd, at: cursor) }
        let isDecoded = copied > start + 1
        if isDecoded { decoded.append(input.extracting(copied..<cursor)) }
        tape.append(
            content: isDecoded ? decodedStart..<decoded.count : start + 1..<cursor, from: start, to: cursor + 1,
            isDecoded: isDecoded)
        return cursor + 1
    }

    /// The first byte that is a quote, a backslash, a control character or beyond ASCII.
    @inline(__always)
    private func endOfPlainText(from start: Int, _ input: Span<UInt8>) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var cursor = start
        // Eight bytes at a time: `(x - ones) & ~x` has the top bit of a zero byte set. A borrow can set it in a later
        // byte too, so only the first one found counts.
        while let word = input.word(at: cursor) {
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // A byte beyond ASCII stops in any case, so what these mark there is no matter.
            let stops =
                ((quote &- ones) | (backslash &- ones) | (word &- ones &* 0x20) | word) & (ones &* 0x80)
            if stops != 0 { return cursor &+ stops.trailingZeroBitCount / 8 }
            cursor &+= 8
        }
        while UInt(bitPattern: cursor) < UInt(bitPattern: input.count) {
            switch input[cursor] {
            case 0x22, 0x5C, 0..<0x20, 0x80...: return cursor
            default: cursor &+= 1
            }
        }
        return cursor
    }

    /// Resolves the escape that starts at `start`; returns where the string goes on.
    private mutating func escape(at start: Int, _ input: Span<UInt8>) throws(JSONError) -> Int {
        guard start + 1 < input.count else { throw JSONError(.unexpectedEnd, at: input.count) }
        switch input[start + 1] {
        case UInt8(ascii: "\""): decoded.append(0x22)
        case UInt8(ascii: "\\"): decoded.append(0x5C)
        case UInt8(ascii: "/"): decoded.append(0x2F)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): return try unicodeEscape(at: start, input)
        default: throw JSONError(.invalidEscape, at: start)
        }
        return start + 2
    }

    private mutating func unicodeEscape(at start: Int, _ input: Span<UInt8>) throws(JSONError) -> Int {
        let first = try codeUnit(at: start, input)
        guard first & 0xF800 == 0xD800 else {
            appendUTF8(first)
            return start + 6
        }
        guard first < 0xDC00, start + 7 < input.count, input[start + 6] == UInt8(ascii: "\\"),
            input[start + 7] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, at: start) }
        let second = try codeUnit(at: start + 6, input)
        guard second & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
        appendUTF8(0x1_0000 + (first & 0x3FF) << 10 + (second & 0x3FF))
        return start + 12
    }

    /// The four hexadecimal digits of the `\u` escape that starts at `start`.
    private func codeUnit(at start: Int, _ input: Span<UInt8>) throws(JSONError) -> UInt32 {
        guard start + 6 <= input.count else { throw JSONError(.unexpectedEnd, at: input.count) }
        var unit: UInt32 = 0
        for index in start + 2..<start + 6 {
            let digit = input[index]
            switch digit {
            case 0x30...0x39: unit = unit << 4 | UInt32(digit - 0x30)
            case 0x41...0x46: unit = unit << 4 | UInt32(digit - 0x37)
            case 0x61...0x66: unit = unit << 4 | UInt32(digit - 0x57)
            default: throw JSONError(.invalidEscape, at: start)
            }
        }
        return unit
    }

    private mutating func appendUTF8(_ value: UInt32) {
        guard let scalar = Unicode.Scalar(value) else { return }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { decoded.append(byte) }
    }

    /// Checks one character beyond ASCII (Unicode 3.9, table 3-7: no overlong form, no surrogate); returns its end.
    private func multibyte(at start: Int, _ input: Span<UInt8>) throws(JSONError) -> Int {
        let lead = input[start]
        let length: Int
        let second: ClosedRange<UInt8>
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE, 0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.invalidText, at: start)
        }
        guard start + length <= input.count, second.contains(input[start + 1]) else {
            throw JSONError(.invalidText, at: start)
        }
        for index in start + 2..<max(start + 2, start + length) where input[index] & 0xC0 != 0x80 {
            throw JSONError(.invalidText, at: start)
        }
        return start + length
    }
}

extension NodeTape {
    @inline(__always)
    fileprivate mutating func append(content: Range<Int>, from start: Int, to end: Int, isDecoded: Bool) {
        // A document has fewer bytes and nodes than fit 32 bits.
        append(
            JSONDocument.Node(
                kind: .string, isDecoded: isDecoded, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end), next: UInt32(truncatingIfNeeded: count &+ 1),
                contentStart: UInt32(truncatingIfNeeded: content.lowerBound),
                contentEnd: UInt32(truncatingIfNeeded: content.upperBound)))
    }
}
