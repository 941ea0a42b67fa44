/// Where the names and values of a head lie, while the head is still being read.
package struct FieldIndex: Sendable {
    struct Entry {
        var name: Range<Int32>
        var value: Range<Int32>
    }

    private(set) var entries: [Entry] = []

    package init(reserving count: Int) { entries.reserveCapacity(count) }

    package var count: Int { entries.count }

    /// Offsets into the block that `Fields.init(_:_:)` is given.
    package mutating func append(name: Range<Int>, value: Range<Int>) {
        entries.append(
            Entry(
                name: Int32(name.lowerBound)..<Int32(name.upperBound),
                value: Int32(value.lowerBound)..<Int32(value.upperBound)))
    }
}
