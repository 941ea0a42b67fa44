package import JSON

/// The header fields of one message, in order, as received.
///
/// One buffer holds every name and value; entries are offsets into it, so that a call's header costs two allocations
/// whatever its size. Names compare without regard to ASCII case (RFC 9110 section 5.1).
package struct Fields: Sendable {
    private typealias Entry = FieldIndex.Entry

    @usableFromInline var bytes: [UInt8]
    @usableFromInline var entries: [FieldIndex.Entry] = []
    /// A bit for each `FieldName` that is there.
    private var present: UInt32 = 0

    package init() { bytes = [] }

    package init(reserving size: Int, entries count: Int) {
        bytes = []
        bytes.reserveCapacity(size)
        entries.reserveCapacity(count)
    }

    /// A head as received: the block is copied once, and the index says what lies where.
    package init(_ block: [UInt8], _ index: FieldIndex) {
        bytes = block
        entries = index.entries
        present = index.present
    }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    /// About what they take when written.
    package var size: Int { bytes.count + 4 * entries.count }

    package mutating func append(_ name: some Collection<UInt8>, _ value: some Collection<UInt8>) {
        let start = Int32(bytes.count)
        bytes.append(contentsOf: name)
        let middle = Int32(bytes.count)
        bytes.append(contentsOf: value)
        var entry = Entry(name: start..<middle, value: middle..<Int32(bytes.count))
        entry.known = FieldName(bytes.span.extracting(Int(start)..<Int(middle)))
        entries.append(entry)
        present |= entry.known.bit
    }

    package mutating func append(_ name: String, _ value: String) { append(name.utf8, value.utf8) }

    /// Replaces every field of this name by one.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        append(name, value)
    }

    package mutating func remove(_ name: String) {
        let bytes = bytes
        entries.removeAll { Self.matches(bytes, $0, name) }
        present = entries.reduce(0) { $0 | $1.known.bit }
    }

    /// The fields at those indices that pass, over the same bytes.
    package func filter<Failure>(_ isKept: (Int) throws(Failure) -> Bool) throws(Failure) -> Fields {
        var kept = Fields()
        kept.bytes = bytes
        kept.entries.reserveCapacity(entries.count)
        for index in entries.indices where try isKept(index) {
            kept.entries.append(entries[index])
            kept.present |= entries[index].known.bit
        }
        return kept
    }

    /// What is known of the name at `index`.
    package func known(at index: Int) -> FieldName { entries[index].known }

    package func contains(_ name: FieldName) -> Bool { present & name.bit != 0 }

    /// Whether one of the fields says in whose name the call acts.
    package var hasCredential: Bool { present & FieldName.credentials != 0 }

    /// The value of the first field of a name that is a known one's alone.
    package func first(_ name: FieldName) -> ArraySlice<UInt8>? {
        guard contains(name) else { return nil }
        return entries.first { $0.known == name }.map { slice($0.value) }
    }

    /// Hands each name and value to `body`, in order, without a reference to the bytes being counted.
    @inlinable
    package func forEach(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        let span = bytes.span
        for entry in entries {
            body(
                span.extracting(Int(entry.name.lowerBound)..<Int(entry.name.upperBound)),
                span.extracting(Int(entry.value.lowerBound)..<Int(entry.value.upperBound)))
        }
    }

    package func name(at index: Int) -> ArraySlice<UInt8> { slice(entries[index].name) }
    package func value(at index: Int) -> ArraySlice<UInt8> { slice(entries[index].value) }

    package func has(_ name: String, at index: Int) -> Bool { matches(entries[index], name) }

    package func contains(_ name: String) -> Bool { entries.contains { matches($0, name) } }

    /// How many fields have this name.
    package func count(of name: String) -> Int { entries.reduce(0) { $0 + (matches($1, name) ? 1 : 0) } }

    /// Whether another field has the name of the one at `index`.
    package func isRepeated(at index: Int) -> Bool {
        let (name, known) = (slice(entries[index].name), entries[index].known)
        return entries.indices.contains { other in
            other != index && entries[other].known == known && entries[other].name.count == name.count
                && zip(slice(entries[other].name), name).allSatisfy { $0 == $1 || isSameLetter($0, $1) }
        }
    }

    private func isSameLetter(_ a: UInt8, _ b: UInt8) -> Bool { a ^ b == 0x20 && (a | 0x20) &- 0x61 < 26 }

    /// The value of the first field of this name; callers that must not be told two things ask `count(of:)` first.
    package func first(_ name: String) -> ArraySlice<UInt8>? {
        entries.first { matches($0, name) }.map { slice($0.value) }
    }

    /// The first value as text; nil where there is none or it is not UTF-8.
    package func text(_ name: String) -> Text? { first(name).flatMap { Text(utf8: $0) } }

    package func values(of name: String) -> [ArraySlice<UInt8>] {
        entries.filter { matches($0, name) }.map { slice($0.value) }
    }

    private func slice(_ range: Range<Int32>) -> ArraySlice<UInt8> {
        bytes[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    private func matches(_ entry: Entry, _ name: String) -> Bool { Self.matches(bytes, entry, name) }

    private static func matches(_ bytes: [UInt8], _ entry: Entry, _ name: String) -> Bool {
        let utf8 = name.utf8
        guard entry.name.count == utf8.count else { return false }
        var index = Int(entry.name.lowerBound)
        for wanted in utf8 {
            let byte = bytes[index]
            if byte != wanted {
                // Letters that differ only in bit 0x20 are the same name; other bytes that do are not.
                guard byte ^ wanted == 0x20, (wanted | 0x20) &- 0x61 < 26 else { return false }
            }
            index += 1
        }
        return true
    }
}

extension Fields: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}
