/// Fields of one protobuf message as the wire has them (protobuf.dev, "Encoding").
struct ProtobufReader {
    enum Value: Equatable {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next field; nil at the end. Groups, which nobody has written since 2008, are refused.
    mutating func next() throws(WireError) -> (number: Int, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let tag = try varint()
        let number = Int(truncatingIfNeeded: tag >> 3)
        guard tag <= UInt64(UInt32.max), number > 0 else { throw .malformedMessage }
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(rest.count) else { throw .malformedMessage }
            defer { rest = rest.dropFirst(Int(length)) }
            return (number, .bytes(rest.prefix(Int(length))))
        case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
        default: throw .malformedMessage
        }
    }

    /// Seven bits a byte, least first, ten bytes at most.
    mutating func varint() throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        for (place, byte) in rest.prefix(10).enumerated() {
            guard place < 9 || byte <= 1 else { throw .malformedMessage }
            value |= UInt64(byte & 0x7F) << UInt64(7 * place)
            if byte < 0x80 {
                rest = rest.dropFirst(place + 1)
                return value
            }
        }
        throw .malformedMessage
    }

    mutating func fixed(_ size: Int) throws(WireError) -> UInt64 {
        guard rest.count >= size else { throw .malformedMessage }
        defer { rest = rest.dropFirst(size) }
        return rest.prefix(size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
