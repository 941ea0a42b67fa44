/// What every writer of text appends, without a `String` in between.
extension [UInt8] {
    package mutating func append(decimal value: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = value
        repeat {
            start &-= 1
            digits[start] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        append(digits.span.extracting(start..<20))
    }

    @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>) {
        // The pointer does not leave the closure, and the array copies what it points to.
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}

extension Span<UInt8> {
    /// Whether the bytes are ASCII with nothing that JSON escapes, so that they are their own spelling in a string.
    var isPlainInJSON: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var index = 0
        while count &- index >= 8 {
            // The load checks its bounds; every pattern of bits is a UInt64.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            let deletes = word ^ (ones &* 0x7F)
            // A borrow may mark a byte too many, above one that is marked rightly: then the slow way is taken for nothing.
            let marked = word | (word &- ones &* 0x20) | (quotes &- ones) | (slashes &- ones) | (deletes &- ones)
            guard marked & tops == 0 else { return self.extracting(index...).isPlainByByte }
            index &+= 8
        }
        return extracting(index...).isPlainByByte
    }

    private var isPlainByByte: Bool {
        for index in indices {
            let byte = self[index]
            guard byte &- 0x20 < 0x5F, byte != 0x22, byte != 0x5C else { return false }
        }
        return true
    }
}
