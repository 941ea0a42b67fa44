package import JSON

/// From one type to another, and what is asked of values of every type.
extension Machine {
    mutating func conversion(_ function: Function, _ arguments: Arguments) throws(EvaluationError) -> Value {
        guard arguments.count == 1 else { throw .noSuchOverload(function.name) }
        let value = arguments.a
        switch function {
        case .dyn: return value
        case .type: return .type(value.typeName)
        case .size: return .int(Int64(try size(value)))
        case .count: return .int(Int64(Self.count(value)))
        case .int: return .int(try Self.int(value))
        case .uint: return .uint(try Self.uint(value))
        case .double: return .double(try Self.double(value))
        case .string: return .string(try string(value))
        case .bytes:
            switch value {
            case .bytes: return value
            case .string(let text): return .bytes(text)
            default: throw .noSuchOverload("bytes")
            }
        case .bool:
            switch value {
            case .bool: return value
            case .string(let text): return .bool(try Self.bool(text))
            default: throw .noSuchOverload("bool")
            }
        default: throw .noSuchOverload(function.name)
        }
    }

    private mutating func size(_ value: Value) throws(EvaluationError) -> Int {
        switch value {
        case .string(let text):
            try charge(text.count >> 6)
            return text.codePointCount
        case .bytes(let bytes): return bytes.count
        case .list, .map, .json: return value.elementCount
        default: throw .noSuchOverload("size")
        }
    }

    /// How many there are: what may be one or a list of them is counted as either.
    private static func count(_ value: Value) -> Int {
        switch value {
        case .null: 0
        case .list, .map, .json: value.elementCount
        case .optional(let optional): optional.value.map(count) ?? 0
        default: 1
        }
    }

    private static func int(_ value: Value) throws(EvaluationError) -> Int64 {
        switch value {
        case .int(let int): return int
        case .uint(let uint):
            guard let int = Int64(exactly: uint) else { throw EvaluationError(.outOfRange, "int") }
            return int
        case .double(let double):
            // The two ends are left out, as the specification's tests have it: they may have been rounded to.
            guard double > -0x1p63, double < 0x1p63 else { throw EvaluationError(.outOfRange, "int") }
            return Int64(double.rounded(.towardZero))
        case .string(let text):
            guard let int = Int64(text.text.string) else { throw EvaluationError(.conversion, "string to int") }
            return int
        case .timestamp(let instant): return instant.seconds
        case .duration(let nanoseconds): return nanoseconds / 1_000_000_000
        case .opaque(let opaque):
            guard case .decimal(let decimal) = opaque.content else { throw .noSuchOverload("int") }
            guard let int = decimal.integer else { throw EvaluationError(.outOfRange, "int") }
            return int
        default: throw .noSuchOverload("int")
        }
    }

    private static func uint(_ value: Value) throws(EvaluationError) -> UInt64 {
        switch value {
        case .uint(let uint): return uint
        case .int(let int):
            guard let uint = UInt64(exactly: int) else { throw EvaluationError(.outOfRange, "uint") }
            return uint
        case .double(let double):
            guard double > -1, double < 0x1p64 else { throw EvaluationError(.outOfRange, "uint") }
            guard double >= 0 else { throw EvaluationError(.outOfRange, "uint") }
            return UInt64(double.rounded(.towardZero))
        case .string(let text):
            guard let first = text.slice.first, first.isDigit, let uint = UInt64(text.text.string) else {
                throw EvaluationError(.conversion, "string to uint")
            }
            return uint
        default: throw .noSuchOverload("uint")
        }
    }

    private static func double(_ value: Value) throws(EvaluationError) -> Double {
        switch value {
        case .double(let double): return double
        case .int(let int): return Double(int)
        case .uint(let uint): return Double(uint)
        case .string(let text):
            guard let double = DoubleText.read(text) else { throw EvaluationError(.conversion, "string to double") }
            return double
        case .opaque(let opaque):
            guard case .decimal(let decimal) = opaque.content,
                let double = DoubleText.read(ByteString(Text(decimal.description)))
            else { throw .noSuchOverload("double") }
            return double
        default: throw .noSuchOverload("double")
        }
    }

    private static func bool(_ text: ByteString) throws(EvaluationError) -> Bool {
        switch text.text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw EvaluationError(.conversion, "string to bool")
        }
    }

    private mutating func string(_ value: Value) throws(EvaluationError) -> ByteString {
        switch value {
        case .string(let text): return text
        case .bytes(let bytes):
            try charge(bytes.count >> 6)
            guard Text(utf8: bytes.slice) != nil else { throw EvaluationError(.invalidUTF8) }
            return bytes
        case .int(let int): return ByteString(Text(String(int)))
        case .uint(let uint): return ByteString(Text(String(uint)))
        case .double(let double): return ByteString(DoubleText.general(double))
        case .bool(let bool): return ByteString(bool ? Text("true") : Text("false"))
        case .timestamp(let instant): return ByteString(instant.text)
        case .duration(let nanoseconds): return ByteString(DurationText.write(nanoseconds))
        case .opaque(let opaque): return ByteString(Text(opaque.description))
        default: throw .noSuchOverload("string")
        }
    }
}

extension Opaque {
    var description: String {
        switch content {
        case .ip(let address): address.description
        case .cidr(let range): range.description
        case .decimal(let decimal): decimal.description
        }
    }
}

extension Value {
    /// The name of the type, as `type()` has it.
    package var typeName: Text {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .list: "list"
        case .map: "map"
        case .json: isList ? "list" : "map"
        case .type: "type"
        case .timestamp: "google.protobuf.Timestamp"
        case .duration: "google.protobuf.Duration"
        case .optional: "optional_type"
        case .opaque(let opaque):
            switch opaque.content {
            case .ip: "net.IP"
            case .cidr: "net.CIDR"
            case .decimal: "decimal"
            }
        case .absent: "error"
        }
    }
}
