package import JSON

extension Value {
    /// The value as an expression would have it: `[1, 2u, 'text']`. Control characters are escaped.
    package var literal: Text {
        var text = LiteralWriter()
        text.write(self)
        return Text(text.result)
    }
}

private struct LiteralWriter {
    var result = ""
    /// Texts longer than this are cut by whoever shows them; values are shared, so that a small one can be long.
    private static let limit = 1 << 20

    mutating func write(_ value: Value) {
        guard result.utf8.count < Self.limit else { return }
        switch value {
        case .null: result += "null"
        case .bool(let bool): result += bool ? "true" : "false"
        case .int(let int): result += String(int)
        case .uint(let uint): result += "\(uint)u"
        case .double(let double):
            let text = String(decoding: DoubleText.general(double), as: UTF8.self)
            let isNumber = double.isFinite
            result += !isNumber ? "double('\(text)')" : text.contains { ".e".contains($0) } ? text : text + ".0"
        case .string(let text): quote(text)
        case .bytes(let bytes):
            result += "b'"
            for byte in bytes.slice {
                let isPlain = 0x20..<0x7F ~= byte && byte != 0x27 && byte != 0x5C
                result += isPlain ? String(UnicodeScalar(byte)) : "\\x" + hexadecimal(UInt32(byte), 2)
            }
            result += "'"
        case .list, .map, .json: container(value)
        case .type(let name): result += name.string
        case .timestamp(let instant): result += "timestamp('\(instant.text)')"
        case .duration(let nanoseconds):
            result += "duration('\(String(decoding: DurationText.write(nanoseconds), as: UTF8.self))')"
        case .optional(let optional):
            guard let content = optional.value else { return result += "optional.none()" }
            result += "optional.of("
            write(content)
            result += ")"
        case .opaque(let opaque):
            let name: String =
                switch opaque.content {
                case .ip: "ip"
                case .cidr: "cidr"
                case .decimal: "decimal"
                }
            result += "\(name)('\(opaque.description)')"
        case .absent: result += "(nothing)"
        }
    }

    private mutating func container(_ value: Value) {
        var elements = ValueSequence(value)
        result += value.isList ? "[" : "{"
        while let (key, element) = elements?.nextEntry(), result.utf8.count < Self.limit {
            if (elements?.index ?? 0) > 1 { result += ", " }
            if !value.isList {
                write(key)
                result += ": "
            }
            write(element)
        }
        result += value.isList ? "]" : "}"
    }

    private mutating func quote(_ text: ByteString) {
        result += "'"
        for scalar in text.text.string.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "'", "\\": result += "\\\(scalar)"
            case _ where scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format:
                result +=
                    scalar.value > 0xFFFF ? "\\U" + hexadecimal(scalar.value, 8) : "\\u" + hexadecimal(scalar.value, 4)
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "'"
    }

    private func hexadecimal(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
