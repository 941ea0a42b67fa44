/// RFC 4648, section 4.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: ByteString) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            var group: UInt32 = 0
            let count = min(3, bytes.count - index)
            for offset in 0..<3 { group = group << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0) }
            for digit in 0..<4 {
                let value = Int(group >> UInt32(18 - 6 * digit) & 63)
                result.append(digit <= count ? alphabet[value] : UInt8(ascii: "="))
            }
            index += 3
        }
        return result
    }

    /// With the padding or without any; nil for everything else.
    static func decode(_ text: ByteString) -> [UInt8]? {
        var end = text.count
        while end > 0, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end % 4 != 1, text.count == end || text.count % 4 == 0 && text.count - end <= 2 else { return nil }
        var result: [UInt8] = []
        var group: UInt32 = 0
        var bits = 0
        for index in 0..<end {
            guard let value = value(of: text[index]) else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return result
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - 0x41)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - 0x61 + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - 0x30 + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
