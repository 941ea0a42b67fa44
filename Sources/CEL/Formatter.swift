import JSON

/// `string.format(list)`.
struct Formatter {
    let format: ByteString
    let limits: Limits
    private var result: [UInt8] = []
    /// Values that were written, and bytes that are not in the result yet: with it no more than the limit of steps.
    private var work = 0

    init(format: ByteString, limits: Limits) {
        self.format = format
        self.limits = limits
    }

    mutating func run(_ arguments: Value) throws(EvaluationError) -> [UInt8] {
        var arguments = ValueSequence(arguments)
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
            guard let argument = arguments?.next() else {
                throw EvaluationError(.indexOutOfRange, "the format has more clauses than there are values")
            }
            try write(argument, verb, precision)
        }
        return result
    }

    private mutating func write(_ value: Value, _ verb: UInt8, _ precision: Int) throws(EvaluationError) {
        switch (UnicodeScalar(verb), value) {
        case ("s", _): try write(value)
        case ("d", .int(let int)): try append(String(int))
        case ("d", .uint(let uint)): try append(String(uint))
        case ("d", .double(let double)): try append(DoubleText.plain(double))
        case ("f", .double(let double)): try append(DoubleText.fixed(double, precision))
        case ("f", .int(let int)): try append(String(int) + Self.zeros(precision))
        case ("f", .uint(let uint)): try append(String(uint) + Self.zeros(precision))
        case ("e", .double(let double)): try append(DoubleText.scientific(double, precision))
        case ("e", .int(let int)): try append(DoubleText.scientific(Double(int), precision))
        case ("e", .uint(let uint)): try append(DoubleText.scientific(Double(uint), precision))
        case ("x", .int(let int)): try append(String(int, radix: 16))
        case ("X", .int(let int)): try append(String(int, radix: 16, uppercase: true))
        case ("x", .uint(let uint)): try append(String(uint, radix: 16))
        case ("X", .uint(let uint)): try append(String(uint, radix: 16, uppercase: true))
        case ("x", .string(let bytes)), ("x", .bytes(let bytes)): try hexadecimal(bytes, "0123456789abcdef")
        case ("X", .string(let bytes)), ("X", .bytes(let bytes)): try hexadecimal(bytes, "0123456789ABCDEF")
        case ("o", .int(let int)): try append(String(int, radix: 8))
        case ("o", .uint(let uint)): try append(String(uint, radix: 8))
        case ("b", .int(let int)): try append(String(int, radix: 2))
        case ("b", .uint(let uint)): try append(String(uint, radix: 2))
        case ("b", .bool(let bool)): try append(bool ? "1" : "0")
        case ("d", _), ("f", _), ("e", _), ("x", _), ("X", _), ("o", _), ("b", _):
            throw EvaluationError(
                .invalidArgument, Text("%\(UnicodeScalar(verb)) does not format a \(value.typeName)"))
        default: throw EvaluationError(.invalidArgument, "a clause that the format does not have")
        }
    }

    private static func zeros(_ precision: Int) -> String {
        precision == 0 ? "" : "." + String(repeating: "0", count: precision)
    }

    /// Before anything grows.
    private func checkRoom(for count: Int) throws(EvaluationError) {
        guard result.count + work + count <= limits.steps else { throw EvaluationError(.stepLimit) }
    }

    private mutating func append(_ bytes: some Collection<UInt8>) throws(EvaluationError) {
        try checkRoom(for: bytes.count)
        result += bytes
    }

    private mutating func append(_ text: String) throws(EvaluationError) { try append(text.utf8) }

    private mutating func hexadecimal(_ bytes: ByteString, _ digits: StaticString) throws(EvaluationError) {
        try checkRoom(for: 2 * bytes.count)
        let digits = Array(digits.description.utf8)
        for byte in bytes.slice { result += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    }

    /// `%s`.
    private mutating func write(_ value: Value) throws(EvaluationError) {
        work += 1
        try checkRoom(for: 0)
        switch value {
        case .null: try append("null")
        case .bool(let bool): try append(bool ? "true" : "false")
        case .int(let int): try append(String(int))
        case .uint(let uint): try append(String(uint))
        case .double(let double): try append(DoubleText.plain(double))
        case .string(let text): try append(text.slice)
        case .bytes(let bytes): try repaired(bytes)
        case .timestamp(let instant): try append(instant.text.bytes)
        case .duration(let nanoseconds): try append(DurationText.write(nanoseconds))
        case .type(let name): try append(name.bytes)
        case .opaque(let opaque): try append(opaque.description)
        case .optional(let optional):
            guard let content = optional.value else { return try append("optional.none()") }
            try append("optional.of(")
            try write(content)
            try append(")")
        case .list, .map, .json: try container(value)
        case .absent: throw EvaluationError(.unbound)
        }
    }

    private mutating func container(_ value: Value) throws(EvaluationError) {
        guard var elements = ValueSequence(value) else { return }
        if value.isList {
            try append("[")
            while let element = elements.next() {
                if elements.index > 1 { try append(", ") }
                try write(element)
            }
            return try append("]")
        }
        var entries: [(key: [UInt8], value: Value)] = []
        var before: [UInt8] = []
        swap(&before, &result)
        work += before.count
        while let (key, value) = elements.nextEntry() {
            try write(key)
            entries.append((result, value))
            work += result.count
            result = []
        }
        work -= before.count
        swap(&before, &result)
        try append("{")
        for (place, entry) in entries.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).enumerated() {
            if place > 0 { try append(", ") }
            work -= entry.key.count
            try append(entry.key)
            try append(": ")
            try write(entry.value)
        }
        try append("}")
    }

    /// Bytes that are no UTF-8 become one U+FFFD for each run of them.
    private mutating func repaired(_ bytes: ByteString) throws(EvaluationError) {
        if Text(utf8: bytes.slice) != nil { return try append(bytes.slice) }
        var wasBroken = false
        for scalar in String(decoding: bytes.slice, as: UTF8.self).unicodeScalars {
            let isBroken = scalar == "\u{FFFD}"
            if !isBroken || !wasBroken { try append(String(scalar)) }
            wasBroken = isBroken
        }
    }
}
