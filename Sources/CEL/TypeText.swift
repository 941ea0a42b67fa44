package import JSON

extension ValueType {
    /// A type as it is written: `map(string, list(int))`, `<T>`, `net.IP`. Nil for what is none.
    package init?(_ text: Text) {
        var reader = TypeReader(bytes: text.bytes)
        guard let type = reader.type(depth: 0), reader.isAtEnd else { return nil }
        self = type
    }
}

/// Reads the text of a type.
private struct TypeReader {
    let bytes: [UInt8]
    var position = 0
    /// Types inside one another, in a declaration.
    private static let depth = 32

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    private mutating func accept(_ byte: UInt8) -> Bool {
        while position < bytes.count, bytes[position] == 0x20 { position += 1 }
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func name() -> Text? {
        while position < bytes.count, bytes[position] == 0x20 { position += 1 }
        let start = position
        while position < bytes.count,
            bytes[position].isIdentifierStart || bytes[position].isDigit
                || bytes[position] == UInt8(ascii: ".")
        { position += 1 }
        return position > start ? Text(String(decoding: bytes[start..<position], as: UTF8.self)) : nil
    }

    mutating func type(depth: Int) -> ValueType? {
        guard depth < Self.depth else { return nil }
        if accept(UInt8(ascii: "<")) {
            guard let name = name(), accept(UInt8(ascii: ">")) else { return nil }
            return .parameter(name)
        }
        guard let name = name() else { return nil }
        var parameters: [ValueType] = []
        if accept(UInt8(ascii: "(")) {
            repeat {
                guard let parameter = type(depth: depth + 1) else { return nil }
                parameters.append(parameter)
            } while accept(UInt8(ascii: ","))
            guard accept(UInt8(ascii: ")")) else { return nil }
        }
        switch (name, parameters.count) {
        case ("list", 0): return .list(.dyn)
        case ("list", 1): return .list(parameters[0])
        case ("map", 0): return .map(.dyn, .dyn)
        case ("map", 2): return .map(parameters[0], parameters[1])
        case ("optional", 1), ("optional_type", 1): return .optional(parameters[0])
        case ("type", _): return .type
        case (_, 0): return Self.scalars[name] ?? .opaque(name, [])
        default: return .opaque(name, parameters)
        }
    }

    private static let scalars: [Text: ValueType] = [
        "dyn": .dyn, "any": .dyn, "null": .null, "null_type": .null, "bool": .bool, "int": .int, "uint": .uint,
        "double": .double, "string": .string, "bytes": .bytes, "timestamp": .timestamp, "duration": .duration,
        "google.protobuf.Timestamp": .timestamp, "google.protobuf.Duration": .duration,
    ]
}
