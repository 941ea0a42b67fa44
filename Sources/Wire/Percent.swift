import JSON

/// Percent-encoding, read once and strictly (RFC 3986 section 2.1).
enum Percent {
    /// The bytes that the encoding stands for; a `%` without two hexadecimal digits is refused.
    static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(WireError) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case 0x25:
                decoded.append(try byte(in: bytes, at: index))
                index += 3
            case 0x2B where plusIsSpace:
                decoded.append(0x20)
                index += 1
            case let byte:
                decoded.append(byte)
                index += 1
            }
        }
        return decoded
    }

    /// The byte that `%` and the two digits after it at `index` stand for.
    static func byte(in bytes: ArraySlice<UInt8>, at index: Int) throws(WireError) -> UInt8 {
        guard index + 2 < bytes.endIndex, let high = ByteClass.hexValue(bytes[index + 1]),
            let low = ByteClass.hexValue(bytes[index + 2])
        else { throw .malformedPercent }
        return high << 4 | low
    }

    /// Whether `%` and two hexadecimal digits stand somewhere: decoded text that a second decoding would change.
    static func remains(in bytes: [UInt8]) -> Bool {
        bytes.indices.contains { index in
            bytes[index] == 0x25 && index + 2 < bytes.count && ByteClass.hexValue(bytes[index + 1]) != nil
                && ByteClass.hexValue(bytes[index + 2]) != nil
        }
    }

    /// The text of one path segment, with all but unreserved characters encoded.
    static func encoded(_ text: Text) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if ByteClass.unreserved.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
