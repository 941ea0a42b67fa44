import JSON

/// Strings and encodings.
extension Machine {
    mutating func text(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        switch function {
        case .join: return .string(try joined(arguments))
        case .base64Encode:
            guard case .bytes(let bytes) = arguments.a, arguments.count == 1 else { break }
            try charge(bytes.count)
            return .string(ByteString(Base64.encode(bytes)))
        default: break
        }
        guard case .string(let text) = arguments.a else { throw .noSuchOverload(function.name) }
        try charge(text.count >> 4)
        switch (function, arguments.b, arguments.c, arguments.d, arguments.count) {
        case (.contains, .string(let part), _, _, 2):
            try charge((text.count >> 4) * (1 + part.count >> 4))
            return .bool(text.firstOffset(of: part) != nil)
        case (.startsWith, .string(let part), _, _, 2): return .bool(text.hasPrefix(part))
        case (.endsWith, .string(let part), _, _, 2): return .bool(text.hasSuffix(part))
        case (.matches, .string(let pattern), _, _, 2): return .bool(try matches(text, pattern))
        case (.charAt, .int(let index), _, _, 2): return .string(try Self.character(of: text, index))
        case (.indexOf, .string(let part), _, _, 2): return .int(try index(of: part, in: text, from: 0))
        case (.indexOf, .string(let part), .int(let start), _, 3):
            return .int(try index(of: part, in: text, from: start))
        case (.lastIndexOf, .string(let part), _, _, 2): return .int(try lastIndex(of: part, in: text, from: nil))
        case (.lastIndexOf, .string(let part), .int(let start), _, 3):
            return .int(try lastIndex(of: part, in: text, from: start))
        case (.lowerAscii, _, _, _, 1): return .string(text.mapped { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 })
        case (.upperAscii, _, _, _, 1): return .string(text.mapped { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 })
        case (.replace, .string(let old), .string(let new), _, 3): return .string(try replaced(text, old, new, -1))
        case (.replace, .string(let old), .string(let new), .int(let limit), 4):
            return .string(try replaced(text, old, new, limit))
        case (.split, .string(let separator), _, _, 2): return .list(try split(text, separator, -1))
        case (.split, .string(let separator), .int(let limit), _, 3): return .list(try split(text, separator, limit))
        case (.substring, .int(let start), _, _, 2): return .string(try Self.substring(text, start, nil))
        case (.substring, .int(let start), .int(let end), _, 3): return .string(try Self.substring(text, start, end))
        case (.trim, _, _, _, 1): return .string(text.trimmed)
        case (.reverse, _, _, _, 1): return .string(text.reversed)
        case (.quote, _, _, _, 1): return .string(text.quoted)
        case (.format, let list, _, _, 2) where list.isList:
            var formatter = Formatter(format: text, limits: code.limits)
            let result = try formatter.run(list)
            try charge(result.count)
            return .string(ByteString(result))
        case (.base64Decode, _, _, _, 1):
            guard let bytes = Base64.decode(text) else { throw EvaluationError(.conversion, "base64") }
            return .bytes(ByteString(bytes))
        case (.glob, .string(let pattern), _, _, 2):
            // A loop that matches long texts pays for each of them.
            guard let result = Glob.matches(text, pattern, limit: Self.globLimit) else {
                throw EvaluationError(.stepLimit)
            }
            return .bool(result)
        case (.under, .string(let directory), _, _, 2): return .bool(LexicalPath.contains(directory, text))
        case (.domain, .string(let domain), _, _, 2): return .bool(DomainName.isWithin(text, domain))
        case (.domain, _, _, _, 1):
            guard let domain = DomainName.ofAddress(text) else {
                throw EvaluationError(.invalidArgument, "it is no address with one '@'")
            }
            return .string(domain)
        case (.sqlKind, _, _, _, 1): return .text(Text(SQLKind.of(text).rawValue))
        default: break
        }
        throw .noSuchOverload(function.name)
    }

    /// Looks at a text that one glob may take: two milliseconds.
    static let globLimit = 500_000

    /// A pattern that is not known before: compiled for this once.
    private mutating func matches(_ text: ByteString, _ source: ByteString) throws(EvaluationError) -> Bool {
        try charge(10_000 + text.count)
        do throws(Pattern.Refusal) {
            guard let result = try Pattern(source, code.limits).matches(text) else { throw Pattern.Refusal(reason: "") }
            return result
        } catch {
            throw EvaluationError(.pattern, Text(error.reason))
        }
    }

    private mutating func joined(_ arguments: Arguments) throws(EvaluationError) -> ByteString {
        guard arguments.a.isList, var elements = ValueSequence(arguments.a), arguments.count <= 2 else {
            throw .noSuchOverload("join")
        }
        var separator = ByteString.empty
        if arguments.count == 2 {
            guard case .string(let given) = arguments.b else { throw .noSuchOverload("join") }
            separator = given
        }
        var result: [UInt8] = []
        while let element = elements.next() {
            guard case .string(let text) = element else { throw .noSuchOverload("join") }
            try charge(1 + separator.count + text.count)
            if elements.index > 1 { result += separator.slice }
            result += text.slice
        }
        return ByteString(result)
    }

    private static func character(of text: ByteString, _ index: Int64) throws(EvaluationError) -> ByteString {
        guard let offset = Int(exactly: index).flatMap({ text.offset(ofCodePoint: $0) }) else {
            throw EvaluationError(.indexOutOfRange, Text(String(index)))
        }
        return offset == text.count ? .empty : text.part(offset..<offset + text.length(at: offset))
    }

    private mutating func index(
        of part: ByteString, in text: ByteString, from start: Int64
    ) throws(EvaluationError) -> Int64 {
        guard start >= 0 else { throw EvaluationError(.indexOutOfRange, Text(String(start))) }
        guard !part.isEmpty else { return start }
        try charge((text.count >> 4) * (1 + part.count >> 4))
        guard let offset = text.offset(ofCodePoint: Int(start)), let found = text.firstOffset(of: part, from: offset)
        else { return -1 }
        return Int64(text.codePoint(atOffset: found))
    }

    private mutating func lastIndex(
        of part: ByteString, in text: ByteString, from start: Int64?
    ) throws(EvaluationError) -> Int64 {
        guard start ?? 0 >= 0 else { throw EvaluationError(.indexOutOfRange, Text(String(start ?? 0))) }
        guard !part.isEmpty else { return start ?? Int64(text.codePointCount) }
        try charge((text.count >> 4) * (1 + part.count >> 4))
        var offset = text.count - part.count
        if let start {
            guard let limit = text.offset(ofCodePoint: Int(start)), limit < text.count else { return -1 }
            offset = min(offset, limit)
        }
        while offset >= 0 {
            if text.part(offset..<offset + part.count) == part { return Int64(text.codePoint(atOffset: offset)) }
            offset -= 1
        }
        return -1
    }

    private static func substring(
        _ text: ByteString, _ start: Int64, _ end: Int64?
    ) throws(EvaluationError) -> ByteString {
        guard let from = Int(exactly: start).flatMap({ text.offset(ofCodePoint: $0) }) else {
            throw EvaluationError(.indexOutOfRange, Text(String(start)))
        }
        guard let end else { return text.part(from..<text.count) }
        guard let to = Int(exactly: end).flatMap({ text.offset(ofCodePoint: $0) }) else {
            throw EvaluationError(.indexOutOfRange, Text(String(end)))
        }
        guard from <= to else { throw EvaluationError(.invalidArgument, "the substring ends before it begins") }
        return text.part(from..<to)
    }

    private mutating func replaced(
        _ text: ByteString, _ old: ByteString, _ new: ByteString, _ limit: Int64
    ) throws(EvaluationError) -> ByteString {
        var result: [UInt8] = []
        try charge((text.count >> 4) * (1 + old.count >> 4))
        var left = limit < 0 ? Int64.max : limit
        var position = 0
        while left > 0 {
            if old.isEmpty {
                // Between all code points, at the start and at the end.
                try charge(new.count + 4)
                result += new.slice
                left -= 1
                guard position < text.count else { break }
                let length = text.length(at: position)
                result += text.part(position..<position + length).slice
                position += length
                continue
            }
            guard let found = text.firstOffset(of: old, from: position) else { break }
            try charge(found - position + new.count + 1)
            result += text.part(position..<found).slice
            result += new.slice
            position = found + old.count
            left -= 1
        }
        if position < text.count { result += text.part(position..<text.count).slice }
        return ByteString(result)
    }

    private mutating func split(
        _ text: ByteString, _ separator: ByteString, _ limit: Int64
    ) throws(EvaluationError) -> [Value] {
        var parts: [Value] = []
        guard limit != 0 else { return parts }
        try charge((text.count >> 4) * (1 + separator.count >> 4))
        var position = 0
        while limit < 0 || parts.count + 1 < limit {
            try charge(1)
            let end: Int
            let next: Int
            if separator.isEmpty {
                guard position < text.count else { return parts }
                end = position + text.length(at: position)
                next = end
                guard end < text.count || limit < 0 else { break }
            } else {
                guard let found = text.firstOffset(of: separator, from: position) else { break }
                end = found
                next = found + separator.count
            }
            parts.append(.string(text.part(position..<end)))
            position = next
        }
        return parts + [.string(text.part(position..<text.count))]
    }
}

extension ByteString {
    func mapped(_ transform: (UInt8) -> UInt8) -> ByteString { ByteString(slice.map(transform)) }

    var trimmed: ByteString {
        var (start, end) = (0, count)
        while start < end {
            let length = length(at: start)
            guard isSpace(at: start, length: length) else { break }
            start += length
        }
        while end > start {
            var begin = end - 1
            while begin > start, self[begin] & 0xC0 == 0x80 { begin -= 1 }
            guard isSpace(at: begin, length: end - begin) else { break }
            end = begin
        }
        return part(start..<end)
    }

    var reversed: ByteString {
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var end = count
        while end > 0 {
            var begin = end - 1
            while begin > 0, self[begin] & 0xC0 == 0x80 { begin -= 1 }
            result += part(begin..<end).slice
            end = begin
        }
        return ByteString(result)
    }

    /// In double quotes, with the escapes of the language.
    var quoted: ByteString {
        var result: [UInt8] = [0x22]
        for byte in slice {
            let letter: UInt8? =
                switch byte {
                case 0x07: UInt8(ascii: "a")
                case 0x08: UInt8(ascii: "b")
                case 0x0C: UInt8(ascii: "f")
                case 0x0A: UInt8(ascii: "n")
                case 0x0D: UInt8(ascii: "r")
                case 0x09: UInt8(ascii: "t")
                case 0x0B: UInt8(ascii: "v")
                case 0x22, 0x5C: byte
                default: nil
                }
            if let letter { result += [0x5C, letter] } else { result.append(byte) }
        }
        return ByteString(result + [0x22])
    }
}
