/// A SHA-256 value: 32 bytes, written as small hexadecimal.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Nil unless there are exactly 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Nil unless it is 64 hexadecimal digits.
    package init?(hexadecimal text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: 64, by: 2) {
            guard let high = nibble(digits[pair]), let low = nibble(digits[pair + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    package var description: String { hexadecimal(bytes) }
}

/// Small hexadecimal digits of the bytes.
package func hexadecimal(_ bytes: some Collection<UInt8>) -> String { hexadecimal(Array(bytes).span) }

package func hexadecimal(_ bytes: Span<UInt8>) -> String {
    // On the path of every call: digits go straight into the string's own memory.
    unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { digits in
        var index = 0
        for position in bytes.indices {
            let byte = bytes[position]
            unsafe digits[index] = hexadecimalDigit(byte >> 4)
            unsafe digits[index + 1] = hexadecimalDigit(byte & 15)
            index += 2
        }
        return index
    }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

private func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x37
    case 0x61...0x66: digit - 0x57
    default: nil
    }
}
