import JSON

/// Tokens of an executable GraphQL document (October 2021, section 2.1).
struct GraphQLLexer {
    enum Token: Equatable {
        /// One of `!`, `$`, `(`, `)`, `:`, `=`, `@`, `[`, `]`, `{`, `}`.
        case mark(UInt8)
        case spread
        case name(Text)
        /// A number as written, which JSON would write so too.
        case number(Text)
        case string(Text)
        case end
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() throws(WireError) -> Token {
        skipIgnored()
        guard position < bytes.count else { return .end }
        let byte = bytes[position]
        switch byte {
        case _ where isNameStart(byte): return .name(name())
        case 0x30...0x39, 0x2D: return .number(try number())
        case 0x22:
            return .string(bytes[position...].starts(with: [0x22, 0x22, 0x22]) ? try block() : try string())
        case 0x2E:
            guard bytes[position...].starts(with: [0x2E, 0x2E, 0x2E]) else { throw failure }
            position += 3
            return .spread
        case 0x21, 0x24, 0x28, 0x29, 0x3A, 0x3D, 0x40, 0x5B, 0x5D, 0x7B, 0x7D:
            position += 1
            return .mark(byte)
        default: throw failure
        }
    }

    private var failure: WireError { .malformedGraphQL(.syntax) }

    /// White space, commas and comments; a byte order mark in front of it all.
    private mutating func skipIgnored() {
        if position == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D, 0x2C: position += 1
            case 0x23:
                while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
            default: return
            }
        }
    }

    private func isNameStart(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == 0x5F }

    private mutating func name() -> Text {
        let start = position
        while position < bytes.count, isNameStart(bytes[position]) || ByteClass.isDigit(bytes[position]) {
            position += 1
        }
        return Text(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func number() throws(WireError) -> Text {
        let start = position
        func digits() -> Bool {
            let first = position
            while position < bytes.count, ByteClass.isDigit(bytes[position]) { position += 1 }
            return position > first
        }
        func at(_ set: [UInt8]) -> Bool { position < bytes.count && set.contains(bytes[position]) }
        if at([0x2D]) { position += 1 }
        let isZero = at([0x30])
        let first = position
        guard digits(), !isZero || position == first + 1 else { throw failure }
        if at([0x2E]) {
            position += 1
            guard digits() else { throw failure }
        }
        if at([0x65, 0x45]) {
            position += 1
            if at([0x2B, 0x2D]) { position += 1 }
            guard digits() else { throw failure }
        }
        // `1x` and `1.` have no reading.
        guard position == bytes.count || !(isNameStart(bytes[position]) || bytes[position] == 0x2E) else {
            throw failure
        }
        return Text(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func string() throws(WireError) -> Text {
        var content: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x22: return try text(content)
            case 0x5C: content += try escape()
            // A line ends the string, and with it the document's reading; other control characters have none either.
            case 0..<0x09, 0x0A..<0x20: throw failure
            default: content.append(byte)
            }
        }
        throw failure
    }

    private mutating func escape() throws(WireError) -> [UInt8] {
        guard position < bytes.count else { throw failure }
        let byte = bytes[position]
        position += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: return [byte]
        case 0x62: return [0x08]
        case 0x66: return [0x0C]
        case 0x6E: return [0x0A]
        case 0x72: return [0x0D]
        case 0x74: return [0x09]
        case 0x75:
            var value = try codeUnit()
            if 0xD800..<0xDC00 ~= value {
                guard bytes[position...].starts(with: [0x5C, 0x75]) else { throw failure }
                position += 2
                let low = try codeUnit()
                guard 0xDC00..<0xE000 ~= low else { throw failure }
                value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(value) else { throw failure }
            return Array(String(Character(scalar)).utf8)
        default: throw failure
        }
    }

    /// `0041`, or `{1F600}` as the next edition of the language has it.
    private mutating func codeUnit() throws(WireError) -> UInt32 {
        var value: UInt32 = 0
        let isBraced = position < bytes.count && bytes[position] == 0x7B
        if isBraced { position += 1 }
        var count = 0
        while position < bytes.count, count < (isBraced ? 6 : 4), let digit = ByteClass.hexValue(bytes[position]) {
            value = value << 4 | UInt32(digit)
            position += 1
            count += 1
        }
        guard isBraced else {
            guard count == 4 else { throw failure }
            return value
        }
        // No half of a surrogate pair may be written so.
        guard count > 0, position < bytes.count, bytes[position] == 0x7D, !(0xD800..<0xE000 ~= value) else {
            throw failure
        }
        position += 1
        return value
    }

    /// `"""…"""`; only `\"""` is an escape.
    private mutating func block() throws(WireError) -> Text {
        var content: [UInt8] = []
        position += 3
        while position < bytes.count {
            let rest = bytes[position...]
            if rest.starts(with: [0x22, 0x22, 0x22]) {
                position += 3
                return try text(Self.dedented(content))
            }
            if rest.starts(with: [0x5C, 0x22, 0x22, 0x22]) {
                content += [0x22, 0x22, 0x22]
                position += 4
                continue
            }
            let byte = bytes[position]
            guard byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { throw failure }
            content.append(byte)
            position += 1
        }
        throw failure
    }

    /// Without the indentation that all lines but the first have, and without blank lines around (section 2.9.4).
    private static func dedented(_ content: [UInt8]) -> [UInt8] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < content.count {
            if content[index] == 0x0A || content[index] == 0x0D {
                lines.append(content[start..<index])
                if content[index] == 0x0D, index + 1 < content.count, content[index + 1] == 0x0A { index += 1 }
                start = index + 1
            }
            index += 1
        }
        lines.append(content[start...])
        func indent(_ line: ArraySlice<UInt8>) -> Int { line.prefix(while: ByteClass.isBlank).count }
        let common = lines.dropFirst().filter { indent($0) < $0.count }.map(indent).min() ?? 0
        for number in lines.indices.dropFirst() { lines[number] = lines[number].dropFirst(common) }
        func isBlank(_ line: ArraySlice<UInt8>) -> Bool { line.allSatisfy(ByteClass.isBlank) }
        while let first = lines.first, isBlank(first) { lines.removeFirst() }
        while let last = lines.last, isBlank(last) { lines.removeLast() }
        return Array(lines.joined(separator: [0x0A]))
    }

    private func text(_ content: [UInt8]) throws(WireError) -> Text {
        guard let text = Text(copying: content.span) else { throw failure }
        return text
    }
}
