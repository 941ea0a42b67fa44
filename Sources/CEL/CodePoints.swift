/// Strings by their code points; the offsets of a `ByteString` are bytes.
extension ByteString {
    var codePointCount: Int {
        var count = 0
        for index in range where storage[index] & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// Where a code point begins, for 0 up to and with their number; nil beyond.
    func offset(ofCodePoint number: Int) -> Int? {
        guard number >= 0, number <= count else { return nil }
        var left = number
        var offset = 0
        for index in range {
            if storage[index] & 0xC0 != 0x80 {
                if left == 0 { return offset }
                left -= 1
            }
            offset += 1
        }
        return left == 0 ? offset : nil
    }

    /// Code points before an offset.
    func codePoint(atOffset offset: Int) -> Int { part(0..<offset).codePointCount }

    /// Bytes of the code point that begins at an offset.
    func length(at offset: Int) -> Int {
        switch self[offset] {
        case 0xC2...0xDF: min(2, count - offset)
        case 0xE0...0xEF: min(3, count - offset)
        case 0xF0...0xF4: min(4, count - offset)
        default: 1
        }
    }

    /// What Unicode counts as white space, which zero-width spaces are not.
    func isSpace(at offset: Int, length: Int) -> Bool {
        var scalar = UInt32(self[offset])
        switch length {
        case 2: scalar = (scalar & 0x1F) << 6 | UInt32(self[offset + 1] & 0x3F)
        case 3:
            scalar = (scalar & 0x0F) << 12 | UInt32(self[offset + 1] & 0x3F) << 6 | UInt32(self[offset + 2] & 0x3F)
        default: break
        }
        switch scalar {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return true
        default: return false
        }
    }
}
