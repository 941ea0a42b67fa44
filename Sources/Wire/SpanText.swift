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
        Text(copying: self)
    }

    func contains(_ byte: UInt8) -> Bool {
        for index in indices where self[index] == byte { return true }
        return false
    }

    func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// Whether `name`, in small letters, stands at `range`; ASCII case does not matter.
    @inline(__always)
    func holds(_ name: SmallName, at range: Range<Int>) -> Bool {
        guard name.count == range.count, range.upperBound <= count else { return false }
        for offset in 0..<name.count {
            let wanted = name.bytes[offset]
            let byte = self[range.lowerBound &+ offset]
            // Bit 0x20 tells small letters from capitals, and nothing else may differ by it.
            guard byte == wanted || (byte | 0x20 == wanted && wanted &- 0x61 < 26) else { return false }
        }
        return true
    }

    /// The first index from `start` on, below `end`, whose byte cannot stand in a field value; `end` where there is none.
    ///
    /// Eight bytes at a time: values are most of a head.
    @inline(__always)
    func endOfFieldText(from start: Int, below end: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var cursor = start
        while end &- cursor >= 8 {
            // The load checks its bounds; every pattern of bits is a UInt64.
            let word = unsafe UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: cursor, as: UInt64.self))
            let deletes = word ^ (ones &* 0x7F)
            // The lowest marked byte is below 0x20 or is DEL; bytes above it may be marked by a borrow.
            let marked = ((word &- ones &* 0x20) & ~word | (deletes &- ones) & ~deletes) & tops
            guard marked != 0 else {
                cursor &+= 8
                continue
            }
            cursor &+= marked.trailingZeroBitCount &>> 3
            guard self[cursor] == 0x09 else { return cursor }
            cursor &+= 1
        }
        while cursor < end, ByteClass.isFieldText(self[cursor]) { cursor &+= 1 }
        return cursor
    }
}

/// A field name or option to look for, in small letters.
struct SmallName: ExpressibleByStringLiteral {
    let bytes: InlineArray<17, UInt8>
    let count: Int

    @inline(__always)
    init(stringLiteral literal: StaticString) {
        var bytes = InlineArray<17, UInt8>(repeating: 0)
        count = min(17, literal.utf8CodeUnitCount)
        literal.withUTF8Buffer { letters in
            for index in 0..<min(17, letters.count) { unsafe bytes[index] = letters[index] }
        }
        self.bytes = bytes
    }
}
