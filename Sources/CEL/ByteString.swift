package import JSON

/// Bytes of an array that is not copied: the text of a CEL string, which is UTF-8, or a CEL value of type bytes.
///
/// Compared byte by byte: Swift's `String` takes canonically equivalent texts for one, and CEL does not. For UTF-8 the
/// order of bytes is the order of code points.
package struct ByteString: Hashable, Sendable {
    let storage: [UInt8]
    private let from: UInt32
    private let to: UInt32

    package init(_ bytes: [UInt8]) {
        storage = bytes
        from = 0
        // No document, source or result is that long: every reader and the evaluator's budget have a smaller limit.
        to = UInt32(clamping: bytes.count)
    }

    package init(_ text: Text) { self.init(text.bytes) }

    /// A part of an array; what lies outside of it is left out.
    package init(_ storage: [UInt8], _ range: Range<Int>) {
        self.storage = storage
        let whole = range.clamped(to: 0..<storage.count)
        from = UInt32(clamping: whole.lowerBound)
        to = UInt32(clamping: whole.upperBound)
    }

    static let empty = ByteString([UInt8]())

    package var count: Int { Int(to &- from) }
    package var isEmpty: Bool { to == from }
    var range: Range<Int> { Int(from)..<Int(to) }
    package var slice: ArraySlice<UInt8> { storage[range] }
    package var bytes: [UInt8] { count == storage.count ? storage : Array(slice) }
    package var text: Text { Text(String(decoding: slice, as: UTF8.self)) }

    subscript(_ index: Int) -> UInt8 { storage[Int(from) &+ index] }

    /// A part, by offsets of this string.
    func part(_ part: Range<Int>) -> ByteString {
        ByteString(storage, (Int(from) + part.lowerBound)..<(Int(from) + part.upperBound))
    }

    @inline(__always)
    package static func == (a: ByteString, b: ByteString) -> Bool {
        guard a.count == b.count else { return false }
        return a.storage.span.extracting(a.range).isSame(as: b.storage.span.extracting(b.range))
    }

    package func hash(into hasher: inout Hasher) {
        let bytes = storage.span.extracting(range)
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    static func < (a: ByteString, b: ByteString) -> Bool {
        let (left, right) = (a.storage.span.extracting(a.range), b.storage.span.extracting(b.range))
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return left[index] < right[index]
        }
        return left.count < right.count
    }

    func hasPrefix(_ other: ByteString) -> Bool {
        other.count <= count
            && storage.span.extracting(range).extracting(first: other.count)
                .isSame(as: other.storage.span.extracting(other.range))
    }

    func hasSuffix(_ other: ByteString) -> Bool {
        other.count <= count
            && storage.span.extracting(range).extracting(last: other.count)
                .isSame(as: other.storage.span.extracting(other.range))
    }

    /// Where another string begins in this one, from an offset on.
    func firstOffset(of other: ByteString, from start: Int = 0) -> Int? {
        let (text, part) = (storage.span.extracting(range), other.storage.span.extracting(other.range))
        guard part.count <= text.count, start >= 0 else { return nil }
        guard let first = part.isEmpty ? nil : part[0] else { return start <= text.count ? start : nil }
        var index = start
        while index &+ part.count <= text.count {
            if text[index] == first, text.extracting(index..<index &+ part.count).isSame(as: part) { return index }
            index &+= 1
        }
        return nil
    }
}

extension Span<UInt8> {
    @inline(__always)
    func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while count &- index >= 8 {
            // The loads check their bounds; every pattern of bits is a UInt64.
            let a = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let b = unsafe other.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard a == b else { return false }
            index &+= 8
        }
        while index < count {
            guard self[index] == other[index] else { return false }
            index &+= 1
        }
        return true
    }
}
