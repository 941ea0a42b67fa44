import JSON

/// `string.format(list)`.
struct Formatter {
    let format: ByteString
    let limits: Limits
    private var result: [UInt8] = []
    private var work = 0

    init(format: ByteString, limits: Limits) {
        self.format = format
        self.limits = limits
    }

    mutating func run(_ arguments: Value) throws(EvaluationError) -> [UInt8] {
        var place = 0
        var index = 0
        while index < format.count {
            let byte = format[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            var precision = 6
            if index < format.count, format[index] == UInt8(ascii: ".") {
                let start = index + 1
                index = start
                while index < format.count, format[index].isDigit, index - start < 9 { index += 1 }
                guard index > start, let digits = Int(format.part(start..<index).text.string),
                    digits <= limits.precision
                else { throw EvaluationError(.invalidArgument, "the precision of the format") }
                precision = digits
            }
            guard index < format.count else { throw EvaluationError(.invalidArgument, "the format ends in '%'") }
            let verb = format[index]
            index += 1
            guard verb != UInt8(ascii: "%") else {
                result.append(verb)
                continue
            }
            guard let argument = arguments.element(place) else {
                throw EvaluationError(.indexOutOfRange, "the format has more clauses than there are values")
            }
            place += 1
            try write(argument, verb, precision)
        }
        return result
    }

    private mutating func write(_ value: Value, _ verb: UInt8, _ precision: Int) throws(EvaluationError) {
        switch (UnicodeScalar(verb), value) {
        case ("s", _): try write(value)
        case ("d", .int(let int)): append(String(int))
        case ("d", .uint(let uint)): append(String(uint))
        case ("d", .double(let double)): result += DoubleText.plain(double)
        case ("f", .double(let double)): result += DoubleText.fixed(double, precision)
        case ("f", .int(let int)): append(String(int) + Self.zeros(precision))
        case ("f", .uint(let uint)): append(String(uint) + Self.zeros(precision))
        case ("e", .double(let double)): result += DoubleText.scientific(double, precision)
        case ("e", .int(let int)): result += DoubleText.scientific(Double(int), precision)
        case ("e", .uint(let uint)): result += DoubleText.scientific(Double(uint), precision)
        case ("x", .int(let int)): append(String(int, radix: 16))
        case ("X", .int(let int)): append(String(int, radix: 16, uppercase: true))
        case ("x", .uint(let uint)): append(String(uint, radix: 16))
        case ("X", .uint(let uint)): append(String(uint, radix: 16, uppercase: true))
        case ("x", .string(let bytes)), ("x", .bytes(let bytes)): hexadecimal(bytes, "0123456789abcdef")
        case ("X", .string(let bytes)), ("X", .bytes(let bytes)): hexadecimal(bytes, "0123456789ABCDEF")
        case ("o", .int(let int)): append(String(int, radix: 8))
        case ("o", .uint(let uint)): append(String(uint, radix: 8))
        case ("b", .int(let int)): append(String(int, radix: 2))
        case ("b", .uint(let uint)): append(String(uint, radix: 2))
        case ("b", .bool(let bool)): append(bool ? "1" : "0")
        case ("d", _), ("f", _), ("e", _), ("x", _), ("X", _), ("o", _), ("b", _):
            throw EvaluationError(
                .invalidArgument, Text("%\(UnicodeScalar(verb)) does not format a \(value.typeName)"))
        default: throw EvaluationError(.invalidArgument, "a clause that the format does not have")
        }
    }

    private static func zeros(_ precision: Int) -> String {
        precision == 0 ? "" : "." + String(repeating: "0", count: precision)
    }

    private mutating func append(_ text: String) { result += Array(text.utf8) }

    private mutating func hexadecimal(_ bytes: ByteString, _ digits: StaticString) {
        let digits = Array(digits.description.utf8)
        for byte in bytes.slice { result += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    }

    /// `%s`.
    private mutating func write(_ value: Value) throws(EvaluationError) {
        work += 1
        guard result.count + work <= limits.steps else { throw EvaluationError(.stepLimit) }
        switch value {
        case .null: append("null")
        case .bool(let bool): append(bool ? "true" : "false")
        case .int(let int): append(String(int))
        case .uint(let uint): append(String(uint))
        case .double(let double): result += DoubleText.plain(double)
        case .string(let text): result += text.slice
        case .bytes(let bytes): repaired(bytes)
        case .timestamp(let instant): result += instant.text.bytes
        case .duration(let nanoseconds): result += DurationText.write(nanoseconds)
        case .type(let name): result += name.bytes
        case .opaque(let opaque): append(opaque.description)
        case .optional(let optional):
            guard let content = optional.value else { return append("optional.none()") }
            append("optional.of(")
            try write(content)
            append(")")
        case .list, .map, .json: try container(value)
        case .absent: throw EvaluationError(.unbound)
        }
    }

    private mutating func container(_ value: Value) throws(EvaluationError) {
        guard var elements = ValueSequence(value) else { return }
        if value.isList {
            append("[")
            while let element = elements.next() {
                if elements.index > 1 { append(", ") }
                try write(element)
            }
            return append("]")
        }
        var entries: [(key: [UInt8], value: Value)] = []
        let before = result
        while let (key, value) = elements.nextEntry() {
            result = []
            try write(key)
            entries.append((result, value))
        }
        result = before
        append("{")
        for (place, entry) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).enumerated() {
            if place > 0 { append(", ") }
            result += entry.key
            append(": ")
            try write(entry.value)
        }
        append("}")
    }

    /// Bytes that are no UTF-8 become one U+FFFD for each run of them.
    private mutating func repaired(_ bytes: ByteString) {
        if Text(utf8: bytes.slice) != nil {
            result += bytes.slice
            return
        }
        var wasBroken = false
        for scalar in String(decoding: bytes.slice, as: UTF8.self).unicodeScalars {
            let isBroken = scalar == "\u{FFFD}"
            if !isBroken || !wasBroken { append(String(scalar)) }
            wasBroken = isBroken
        }
    }
}
