/// Bytes to node table, in one pass and without recursion.
struct JSONParser {
    private(set) var nodes: [JSONDocument.Node] = []
    private(set) var decoded: [UInt8] = []
    private let limits: JSONLimits
    private var position = 0
    private var values = 0
    /// Containers that are open, outermost first.
    private var open: [Int] = []

    init(limits: JSONLimits, expecting length: Int) {
        self.limits = limits
        // Real documents have a node for each eight to sixteen bytes.
        nodes.reserveCapacity(min(length / 10 + 4, 4096))
    }

    mutating func parse(_ input: Span<UInt8>) throws(JSONError) {
        guard input.count <= limits.bytes else { throw JSONError(.tooLong, at: limits.bytes) }
        if input.count >= 3, input[0] == 0xEF, input[1] == 0xBB, input[2] == 0xBF {
            throw JSONError(.byteOrderMark, at: 0)
        }
        repeat {
            try value(input)
        } while try another(input)
        skipSpace(input)
        guard position == input.count else { throw JSONError(.trailingData, at: position) }
    }

    /// Reads a scalar or an empty container, or opens containers down to the first value that is one of these.
    private mutating func value(_ input: Span<UInt8>) throws(JSONError) {
        while true {
            let byte = try next(input)
            values += 1
            guard values <= limits.values else { throw JSONError(.tooManyValues, at: position) }
            switch byte {
            case UInt8(ascii: "\""):
                return try string(input)
            case UInt8(ascii: "{"):
                try enter(.object)
                if try next(input) == UInt8(ascii: "}") { return try leave(input) }
                try key(input)
            case UInt8(ascii: "["):
                try enter(.array)
                if try next(input) == UInt8(ascii: "]") { return try leave(input) }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                return try number(input)
            case UInt8(ascii: "t"):
                return try word("true", .bool, input)
            case UInt8(ascii: "f"):
                return try word("false", .bool, input)
            case UInt8(ascii: "n"):
                return try word("null", .null, input)
            default:
                throw JSONError(.unexpectedByte, at: position)
            }
        }
    }

    /// After a value: closes what ends here; true if another value follows, its key already read.
    private mutating func another(_ input: Span<UInt8>) throws(JSONError) -> Bool {
        while let container = open.last {
            let isObject = nodes[container].kind == .object
            nodes[container].contentEnd += 1
            switch try next(input) {
            case UInt8(ascii: ","):
                position += 1
                if isObject {
                    _ = try next(input)
                    try key(input)
                }
                return true
            case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                try leave(input)
            default:
                throw JSONError(.unexpectedByte, at: position)
            }
        }
        return false
    }

    private mutating func enter(_ kind: JSONNode.Kind) throws(JSONError) {
        guard open.count < limits.depth else { throw JSONError(.tooDeep, at: position) }
        open.append(nodes.count)
        append(kind, from: position, to: position + 1)
        position += 1
    }

    private mutating func leave(_ input: Span<UInt8>) throws(JSONError) {
        guard let container = open.popLast() else { throw JSONError(.unexpectedByte, at: position) }
        position += 1
        nodes[container].end = UInt32(position)
        nodes[container].next = UInt32(nodes.count)
        if nodes[container].kind == .object, nodes[container].contentEnd > 1 {
            try refuseDuplicateKeys(container, input)
        }
    }

    private mutating func key(_ input: Span<UInt8>) throws(JSONError) {
        guard input[position] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: position) }
        try string(input)
        guard try next(input) == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: position) }
        position += 1
    }

    private mutating func word(
        _ word: String, _ kind: JSONNode.Kind, _ input: Span<UInt8>
    ) throws(JSONError) {
        let start = position
        for byte in word.utf8 {
            guard position < input.count else { throw JSONError(.unexpectedEnd, at: position) }
            guard input[position] == byte else { throw JSONError(.unexpectedByte, at: position) }
            position += 1
        }
        append(kind, from: start, to: position)
    }

    private mutating func number(_ input: Span<UInt8>) throws(JSONError) {
        let start = position
        var cursor = position
        func digits() -> Bool {
            let first = cursor
            while cursor < input.count, input[cursor] &- 0x30 < 10 { cursor += 1 }
            return cursor > first
        }
        func at(_ byte: Unicode.Scalar) -> Bool { cursor < input.count && input[cursor] == UInt8(ascii: byte) }

        if at("-") { cursor += 1 }
        if at("0") {
            cursor += 1
            // A leading zero is octal to some readers.
            if cursor < input.count, input[cursor] &- 0x30 < 10 { throw JSONError(.invalidNumber, at: start) }
        } else if !digits() {
            throw JSONError(.invalidNumber, at: start)
        }
        if at(".") {
            cursor += 1
            guard digits() else { throw JSONError(.invalidNumber, at: start) }
        }
        if at("e") || at("E") {
            cursor += 1
            if at("+") || at("-") { cursor += 1 }
            guard digits() else { throw JSONError(.invalidNumber, at: start) }
        }
        position = cursor
        append(.number, from: start, to: cursor)
    }

    private mutating func string(_ input: Span<UInt8>) throws(JSONError) {
        let start = position
        var cursor = start + 1
        var copied = cursor
        let decodedStart = decoded.count
        scan: while true {
            cursor = endOfPlainText(from: cursor, input)
            guard cursor < input.count else { break }
            switch input[cursor] {
            case UInt8(ascii: "\""):
                break scan
            case UInt8(ascii: "\\"):
                for index in copied..<cursor { decoded.append(input[index]) }
                cursor = try escape(at: cursor, input)
                copied = cursor
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: cursor)
            case 0x80...:
                cursor = try multibyte(at: cursor, input)
            default:
                cursor += 1
            }
        }
        guard cursor < input.count else { throw JSONError(.unexpectedEnd, at: cursor) }
        position = cursor + 1
        let isDecoded = copied > start + 1
        if isDecoded {
            for index in copied..<cursor { decoded.append(input[index]) }
        }
        nodes.append(
            JSONDocument.Node(
                kind: .string, isDecoded: isDecoded, start: UInt32(start), end: UInt32(position),
                next: UInt32(nodes.count + 1), contentStart: UInt32(isDecoded ? decodedStart : start + 1),
                contentEnd: UInt32(isDecoded ? decoded.count : cursor)))
    }

    /// The first byte that is a quote, a backslash, a control character or beyond ASCII.
    private func endOfPlainText(from start: Int, _ input: Span<UInt8>) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var cursor = start
        // Eight bytes at a time: `(x - ones) & ~x` has the top bit of a zero byte set. A borrow can set it in a later
        // byte too, so only the first one found counts.
        while cursor + 8 <= input.count {
            let word = unsafe UInt64(
                littleEndian: input.bytes.unsafeLoadUnaligned(fromByteOffset: cursor, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let quotes = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            let controls = (word &- ones &* 0x20) & ~word
            let stops = (quotes | controls | word) & (ones &* 0x80)
            if stops != 0 { return cursor + stops.trailingZeroBitCount / 8 }
            cursor += 8
        }
        while cursor < input.count {
            switch input[cursor] {
            case 0x22, 0x5C, 0..<0x20, 0x80...: return cursor
            default: cursor += 1
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

    /// The next byte that is not white space, left unread.
    private mutating func next(_ input: Span<UInt8>) throws(JSONError) -> UInt8 {
        skipSpace(input)
        guard position < input.count else { throw JSONError(.unexpectedEnd, at: position) }
        return input[position]
    }

    private mutating func skipSpace(_ input: Span<UInt8>) {
        while position < input.count {
            switch input[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func append(_ kind: JSONNode.Kind, from start: Int, to end: Int) {
        nodes.append(
            JSONDocument.Node(kind: kind, start: UInt32(start), end: UInt32(end), next: UInt32(nodes.count + 1)))
    }
}

extension JSONParser {
    /// Below this many keys comparing each with each is quicker than hashing.
    private static let fewKeys = 8

    private func refuseDuplicateKeys(_ object: Int, _ input: Span<UInt8>) throws(JSONError) {
        if nodes[object].contentEnd <= Self.fewKeys {
            try comparePairs(object, input)
        } else {
            try compareByHash(object, input)
        }
    }

    private func comparePairs(_ object: Int, _ input: Span<UInt8>) throws(JSONError) {
        let end = nodes.count
        var key = object + 1
        while key < end {
            var other = object + 1
            while other < key {
                if sameContent(key, other, input) { throw JSONError(.duplicateKey, at: Int(nodes[key].start)) }
                other = Int(nodes[other + 1].next)
            }
            key = Int(nodes[key + 1].next)
        }
    }

    /// An open-addressing table at most half full. `Hasher` is seeded at random in each process, so nobody outside can
    /// choose keys that collide; equal hashes are settled by comparing.
    private func compareByHash(_ object: Int, _ input: Span<UInt8>) throws(JSONError) {
        var size = 32
        while size < Int(nodes[object].contentEnd) * 2 { size *= 2 }
        var table = [UInt32](repeating: 0, count: size)
        let end = nodes.count
        var key = object + 1
        while key < end {
            var slot = hash(key, input) & (size - 1)
            // Zero is free: node 0 is the root, which is never a key.
            while table[slot] != 0 {
                if sameContent(key, Int(table[slot]), input) {
                    throw JSONError(.duplicateKey, at: Int(nodes[key].start))
                }
                slot = (slot + 1) & (size - 1)
            }
            table[slot] = UInt32(key)
            key = Int(nodes[key + 1].next)
        }
    }

    private func hash(_ key: Int, _ input: Span<UInt8>) -> Int {
        let node = nodes[key]
        var hasher = Hasher()
        var word: UInt64 = 0
        var filled = 0
        for index in Int(node.contentStart)..<Int(node.contentEnd) {
            word = word << 8 | UInt64(node.isDecoded ? decoded[index] : input[index])
            filled += 1
            if filled & 7 == 0 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(filled)
        return hasher.finalize()
    }

    private func sameContent(_ a: Int, _ b: Int, _ input: Span<UInt8>) -> Bool {
        let (a, b) = (nodes[a], nodes[b])
        let length = a.contentEnd - a.contentStart
        guard length == b.contentEnd - b.contentStart else { return false }
        for offset in 0..<Int(length) {
            let left = a.isDecoded ? decoded[Int(a.contentStart) + offset] : input[Int(a.contentStart) + offset]
            let right = b.isDecoded ? decoded[Int(b.contentStart) + offset] : input[Int(b.contentStart) + offset]
            if left != right { return false }
        }
        return true
    }
}
