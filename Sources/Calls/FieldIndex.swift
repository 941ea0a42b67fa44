/// Where the names and values of a head lie, while the head is still being read.
///
/// Inlinable, because the reader of heads appends to it once per field of every call.
package struct FieldIndex: Sendable {
    @usableFromInline
    package struct Entry: Sendable {
        @usableFromInline package var name: Range<Int32>
        @usableFromInline package var value: Range<Int32>
        @usableFromInline package var known = FieldName.ordinary

        @inlinable
        package init(name: Range<Int32>, value: Range<Int32>) {
            self.name = name
            self.value = value
        }
    }

    @usableFromInline package var entries: [Entry] = []
    /// A bit for each `FieldName` that is there.
    @usableFromInline package var present: UInt32 = 0

    @inlinable
    package init(reserving count: Int) { entries.reserveCapacity(count) }

    @inlinable
    package var count: Int { entries.count }

    /// Offsets into the block that `Fields.init(_:_:)` is given, and what is known of the name.
    @inlinable
    package mutating func append(_ known: FieldName, name: Range<Int>, value: Range<Int>) {
        var entry = Entry(
            name: Int32(name.lowerBound)..<Int32(name.upperBound),
            value: Int32(value.lowerBound)..<Int32(value.upperBound))
        entry.known = known
        entries.append(entry)
        present |= known.bit
    }
}
