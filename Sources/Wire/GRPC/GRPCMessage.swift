import JSON

/// One message as JSON, by its description: proto names as keys, 64-bit integers as numbers in all their digits, bytes in
/// base64, enumerations by name.
struct GRPCMessage {
    private let descriptors: GRPCDescriptors
    private let limits: DecodingLimits
    private var fields = 0
    /// Whether the message has a field that its description does not.
    private(set) var hasUnknownFields = false

    init(_ descriptors: GRPCDescriptors, limits: DecodingLimits) {
        self.descriptors = descriptors
        self.limits = limits
    }

    mutating func json(_ bytes: ArraySlice<UInt8>, _ type: Text, depth: Int = 1) throws(WireError) -> [UInt8] {
        guard depth <= limits.messageDepth, let message = descriptors.messages[type] else { throw .malformedMessage }
        var order: [Int] = []
        var values: [Int: [[UInt8]]] = [:]
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            guard let field = message.fields[number] else {
                hasUnknownFields = true
                continue
            }
            if values[number] == nil { order.append(number) }
            let read = try self.values(value, field, depth)
            // A field twice is one value to the letter of the format and another to careless readers.
            guard field.isRepeated || values[number] == nil else { throw .malformedMessage }
            values[number, default: []] += read
        }
        var output: [UInt8] = [0x7B]
        for number in order {
            guard let field = message.fields[number], let values = values[number] else { continue }
            if output.count > 1 { output.append(0x2C) }
            output += JSONWriter.string(field.name.string) + [0x3A]
            output += rendered(field, values)
        }
        return output + [0x7D]
    }

    private func rendered(_ field: GRPCDescriptors.Field, _ values: [[UInt8]]) -> [UInt8] {
        guard field.isRepeated else { return values.first ?? Array("null".utf8) }
        let isMap = field.type == 11 && descriptors.messages[field.typeName]?.isMapEntry == true
        let (open, close): (UInt8, UInt8) = isMap ? (0x7B, 0x7D) : (0x5B, 0x5D)
        return [open] + Array(values.joined(separator: [0x2C])) + [close]
    }

    private mutating func values(
        _ value: ProtobufReader.Value, _ field: GRPCDescriptors.Field, _ depth: Int
    ) throws(WireError) -> [[UInt8]] {
        // Numbers of a repeated field may come packed into one run of bytes.
        guard case .bytes(let bytes) = value, field.isRepeated, !Self.isDelimited(field.type) else {
            return [try self.value(value, field, depth)]
        }
        var packed = ProtobufReader(bytes)
        var values: [[UInt8]] = []
        while !packed.isAtEnd {
            let next: ProtobufReader.Value =
                switch field.type {
                case 1, 6, 16: .fixed64(try packed.fixed(8))
                case 2, 7, 15: .fixed32(UInt32(truncatingIfNeeded: try packed.fixed(4)))
                default: .varint(try packed.varint())
                }
            values.append(try self.value(next, field, depth))
        }
        return values
    }

    private static func isDelimited(_ type: Int) -> Bool { type == 9 || type == 11 || type == 12 }

    private mutating func value(
        _ value: ProtobufReader.Value, _ field: GRPCDescriptors.Field, _ depth: Int
    ) throws(WireError) -> [UInt8] {
        fields += 1
        guard fields <= limits.messageFields else { throw .malformedMessage }
        switch (field.type, value) {
        case (1, .fixed64(let bits)): return Self.json(Double(bitPattern: bits).description)
        case (2, .fixed32(let bits)): return Self.json(Float(bitPattern: bits).description)
        case (3, .varint(let bits)), (16, .fixed64(let bits)): return Array("\(Int64(bitPattern: bits))".utf8)
        case (4, .varint(let bits)), (6, .fixed64(let bits)): return Array("\(bits)".utf8)
        case (5, .varint(let bits)): return Array("\(Int32(truncatingIfNeeded: bits))".utf8)
        case (7, .fixed32(let bits)): return Array("\(bits)".utf8)
        case (13, .varint(let bits)): return Array("\(UInt32(truncatingIfNeeded: bits))".utf8)
        case (15, .fixed32(let bits)): return Array("\(Int32(bitPattern: bits))".utf8)
        case (17, .varint(let bits)):
            let bits = UInt32(truncatingIfNeeded: bits)
            return Array("\(Int32(bitPattern: bits >> 1) ^ -Int32(bitPattern: bits & 1))".utf8)
        case (18, .varint(let bits)):
            return Array("\(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1))".utf8)
        case (8, .varint(let bits)): return Array((bits == 0 ? "false" : "true").utf8)
        case (9, .bytes(let bytes)):
            guard let text = Text(utf8: bytes) else { throw .malformedMessage }
            return JSONWriter.string(text.string)
        case (12, .bytes(let bytes)): return JSONWriter.string(Base64URL.encodeStandard(bytes))
        case (14, .varint(let bits)):
            let number = Int(Int32(truncatingIfNeeded: bits))
            guard let name = descriptors.enumerations[field.typeName]?[number] else { return Array("\(number)".utf8) }
            return JSONWriter.string(name.string)
        case (11, .bytes(let bytes)):
            guard descriptors.messages[field.typeName]?.isMapEntry == true else {
                return try json(bytes, field.typeName, depth: depth + 1)
            }
            return try mapEntry(bytes, field.typeName, depth)
        default: throw .malformedMessage
        }
    }

    /// `"key":value`; what is left out is the type's zero.
    private mutating func mapEntry(
        _ bytes: ArraySlice<UInt8>, _ type: Text, _ depth: Int
    ) throws(WireError) -> [UInt8] {
        guard let message = descriptors.messages[type], let keyField = message.fields[1],
            let valueField = message.fields[2]
        else { throw .malformedMessage }
        var key: [UInt8]?
        var content: [UInt8]?
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            switch number {
            case 1 where key == nil: key = try self.value(value, keyField, depth + 1)
            case 2 where content == nil: content = try self.value(value, valueField, depth + 1)
            default: throw .malformedMessage
            }
        }
        let name = key ?? Array((keyField.type == 9 ? "\"\"" : keyField.type == 8 ? "false" : "0").utf8)
        let quoted = name.first == 0x22 ? name : [0x22] + name + [0x22]
        return quoted + [0x3A] + (content ?? Array("null".utf8))
    }

    /// Numbers that JSON does not have are texts.
    private static func json(_ number: String) -> [UInt8] {
        let isPlain = number.utf8.allSatisfy { ByteClass.isDigit($0) || "+-.e".utf8.contains($0) }
        return isPlain ? Array(number.utf8) : JSONWriter.string(number)
    }
}
