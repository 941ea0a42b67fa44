/// Memory that text is put together in, piece by piece, and used again for the next one.
///
/// An array asks at each append whether it is shared; the lines that every call writes are made of a hundred pieces, and
/// that question was most of what they cost. Here memory has one owner, this class, and every write is checked against its
/// end. For one task at a time.
@safe
package final class ByteWriter {
    private var memory: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    package private(set) var count = 0

    package init(reserving capacity: Int = 256) {
        self.capacity = max(16, capacity)
        unsafe memory = UnsafeMutablePointer.allocate(capacity: self.capacity)
    }

    deinit { unsafe memory.deallocate() }

    package func removeAll() { count = 0 }

    /// Takes the last bytes back, all of them where there are fewer.
    package func removeLast(_ number: Int) { count = max(0, count - max(0, number)) }

    @inline(__always)
    package func append(_ byte: UInt8) {
        if count == capacity { grow(for: 1) }
        unsafe memory[count] = byte
        count &+= 1
    }

    @inline(__always)
    package func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append($0) }
    }

    @inline(__always)
    package func append(_ text: StaticString) {
        unsafe append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    private func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        if capacity &- count < bytes.count { grow(for: bytes.count) }
        unsafe (memory + count).update(from: start, count: bytes.count)
        count &+= bytes.count
    }

    package func append(decimal value: UInt64) {
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

    @inline(never)
    private func grow(for number: Int) {
        let larger = max(capacity * 2, count + number)
        let next = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        unsafe next.update(from: memory, count: count)
        unsafe memory.deallocate()
        unsafe memory = next
        capacity = larger
    }

    /// Hands what was written so far to a reader; it must not write meanwhile.
    package func read<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        unsafe try body(Span(_unsafeStart: memory, count: count))
    }

    /// A copy of what was written so far.
    package var bytes: [UInt8] { unsafe Array(UnsafeBufferPointer(start: memory, count: count)) }
}

@available(*, unavailable)
extension ByteWriter: Sendable {}
