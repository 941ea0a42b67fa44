import JSON

/// Spans become owned values here, and only here.
extension Span<UInt8> {
    /// A copy of the bytes.
    func copy() -> [UInt8] {
        // The pointer does not leave the closure, and the array copies what it points to.
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }

    /// A copy as text, nil where the bytes are not UTF-8.
    func text() -> Text? {
        guard let utf8 = try? UTF8Span(validating: self) else { return nil }
        return Text(String(copying: utf8))
    }

    /// Whether `name`, in small letters, stands at `range`; ASCII case does not matter.
    func holds(_ name: String, at range: Range<Int>) -> Bool {
        guard name.utf8.count == range.count, range.upperBound <= count else { return false }
        var index = range.lowerBound
        for wanted in name.utf8 {
            let byte = self[index]
            // Bit 0x20 tells small letters from capitals, and nothing else may differ by it.
            guard byte == wanted || (byte | 0x20 == wanted && wanted &- 0x61 < 26) else { return false }
            index &+= 1
        }
        return true
    }
}
