package import JSON

/// Values with their types in JSON, as test suites write them: `{"t": "int", "v": "-5"}`.
extension Value {
    /// Nil for what is no such value.
    package init?(typed node: JSONNode) {
        guard let type = node["t"]?.text else { return nil }
        let text = node["v"]?.text
        switch type {
        case "null": self = .null
        case "bool":
            guard let bool = node["v"]?.bool else { return nil }
            self = .bool(bool)
        case "int":
            guard let int = text.flatMap({ Int64($0.string) }) else { return nil }
            self = .int(int)
        case "uint":
            guard let uint = text.flatMap({ UInt64($0.string) }) else { return nil }
            self = .uint(uint)
        case "double":
            guard let double = text.flatMap({ Double($0.string) }) else { return nil }
            self = .double(double)
        case "string":
            guard let text else { return nil }
            self = .text(text)
        case "bytes":
            guard let digits = text?.bytes, digits.count % 2 == 0, digits.allSatisfy(\.isHexadecimal) else {
                return nil
            }
            self = .bytes(
                ByteString(
                    stride(from: 0, to: digits.count, by: 2).map {
                        UInt8(digits[$0].hexadecimalValue << 4 | digits[$0 + 1].hexadecimalValue)
                    }))
        case "type":
            guard let text else { return nil }
            self = .type(text)
        case "list":
            guard let list = node["v"], list.kind == .array else { return nil }
            var elements: [Value] = []
            for element in list.elements {
                guard let value = Value(typed: element) else { return nil }
                elements.append(value)
            }
            self = .list(elements)
        case "map":
            guard let list = node["v"], list.kind == .array else { return nil }
            var keys: [Value] = []
            var values: [Value] = []
            for entry in list.elements {
                guard let key = entry[0].flatMap({ Value(typed: $0) }),
                    let value = entry[1].flatMap({ Value(typed: $0) })
                else { return nil }
                keys.append(key)
                values.append(value)
            }
            guard let map = MapValue(keys, values) else { return nil }
            self = .map(map)
        case "timestamp", "duration":
            guard let seconds = (node["s"]?.text).flatMap({ Int64($0.string) }) else { return nil }
            let nanoseconds = node["n"]?.integer ?? 0
            guard type == "timestamp" else {
                let (product, first) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
                let (sum, second) = product.addingReportingOverflow(nanoseconds)
                guard !first, !second else { return nil }
                self = .duration(sum)
                return
            }
            guard let instant = Instant(seconds: seconds, nanoseconds: nanoseconds) else { return nil }
            self = .timestamp(instant)
        default: return nil
        }
    }

    /// Written the same way. What that has no way for is written as its text, with the name of its type.
    package var typed: [UInt8] {
        JSONWriter.object { object in
            switch self {
            case .null: object.field("t", "null")
            case .bool(let bool):
                object.field("t", "bool")
                object.field("v", bool)
            case .int(let int): Self.write("int", String(int), into: &object)
            case .uint(let uint): Self.write("uint", String(uint), into: &object)
            case .double(let double): Self.write("double", double.hexadecimal, into: &object)
            case .string(let text): Self.write("string", text.text.string, into: &object)
            case .bytes(let bytes): Self.write("bytes", bytes.hexadecimal, into: &object)
            case .type(let name): Self.write("type", name.string, into: &object)
            case .list, .map, .json:
                var elements = ValueSequence(self)
                object.field("t", isList ? "list" : "map")
                object.array("v") { array in
                    while let (key, value) = elements?.nextEntry() {
                        if isList {
                            array.raw(value.typed)
                        } else {
                            array.array { entry in
                                entry.raw(key.typed)
                                entry.raw(value.typed)
                            }
                        }
                    }
                }
            case .timestamp(let instant):
                object.field("t", "timestamp")
                object.field("s", String(instant.seconds))
                object.field("n", instant.nanoseconds)
            case .duration(let nanoseconds):
                let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
                object.field("t", "duration")
                object.field("s", String(seconds))
                object.field("n", rest)
            case .optional(let optional):
                object.field("t", "optional")
                if let value = optional.value { object.raw("v", value.typed) }
            case .opaque(let opaque): Self.write(typeName.string, opaque.description, into: &object)
            case .absent: object.field("t", "error")
            }
        }
    }

    private static func write(_ type: String, _ text: String, into object: inout JSONWriter.Object) {
        object.field("t", type)
        object.field("v", text)
    }
}

extension Double {
    /// `0x1.8000000000000p+0`: every bit.
    fileprivate var hexadecimal: String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        let sign = sign == .minus ? "-" : ""
        guard magnitude > 0 else { return sign + "0x0.0p+0" }
        let fraction = String(significandBitPattern, radix: 16)
        let digits = String(repeating: "0", count: 13 - fraction.utf8.count) + fraction
        let exponent = exponentBitPattern == 0 ? -1022 : Int(exponentBitPattern) - 1023
        return "\(sign)0x\(exponentBitPattern == 0 ? "0" : "1").\(digits)p\(exponent < 0 ? "-" : "+")\(abs(exponent))"
    }
}

extension ByteString {
    fileprivate var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: slice.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
