/// Writes JSON in one way only: no white space, members in the order given, the same escapes for the same text.
///
/// A value is written inside the closure of what contains it, so brackets and commas cannot be forgotten:
///
///     JSONWriter.object {
///         $0.field("id", "h_1")
///         $0.array("groups") { for group in groups { $0.element(group) } }
///     }
package enum JSONWriter {
    /// The bytes of one object; room for `capacity` of them is made at once.
    package static func object<E: Error>(
        reserving capacity: Int = 0, _ write: (inout Object) throws(E) -> Void
    ) throws(E) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        var object = Object(into: bytes)
        try write(&object)
        return object.finish()
    }

    /// The bytes of one array.
    package static func array<E: Error>(_ write: (inout Array) throws(E) -> Void) throws(E) -> [UInt8] {
        var array = Array(into: [])
        try write(&array)
        return array.finish()
    }

    /// The bytes of one string, quotes included.
    package static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(json: text)
        return bytes
    }

    /// An object that is being written.
    package struct Object: ~Copyable {
        private var bytes: [UInt8]
        private var isEmpty = true

        init(into bytes: consuming [UInt8]) {
            self.bytes = bytes
            self.bytes.append(UInt8(ascii: "{"))
        }

        consuming func finish() -> [UInt8] {
            bytes.append(UInt8(ascii: "}"))
            return bytes
        }

        /// Text, or null where there is none.
        package mutating func field(_ name: StaticString, _ value: String?) {
            key(name)
            bytes.append(json: value)
        }

        package mutating func field(_ name: StaticString, _ value: Text?) { field(name, value?.string) }

        package mutating func field(_ name: StaticString, _ value: some FixedWidthInteger) {
            key(name)
            bytes.append(integer: value)
        }

        package mutating func field(_ name: StaticString, _ value: Bool) {
            key(name)
            bytes.append(contentsOf: (value ? "true" : "false").utf8)
        }

        package mutating func null(_ name: StaticString) { field(name, String?.none) }

        /// A value that is JSON already; the caller answers for it.
        package mutating func raw(_ name: StaticString, _ value: some Sequence<UInt8>) {
            key(name)
            bytes.append(contentsOf: value)
        }

        /// The same under a name that is not the program's own.
        package mutating func raw(named name: String, _ value: some Sequence<UInt8>) {
            separate()
            bytes.append(json: name)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: value)
        }

        /// Text that has nothing to escape because it was made of digits and letters; the caller answers for it.
        package mutating func digits(_ name: StaticString, _ value: [UInt8]) {
            key(name)
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: value)
            bytes.append(UInt8(ascii: "\""))
        }

        package mutating func object<E: Error>(
            _ name: StaticString, _ write: (inout Object) throws(E) -> Void
        ) throws(E) {
            key(name)
            try bytes.append(object: write)
        }

        package mutating func array<E: Error>(_ name: StaticString, _ write: (inout Array) throws(E) -> Void) throws(E)
        {
            key(name)
            try bytes.append(array: write)
        }

        /// An array of strings.
        package mutating func array(_ name: StaticString, _ values: some Sequence<String>) {
            array(name) { array in for value in values { array.element(value) } }
        }

        /// Names are the program's own words, letters and underscores, and need no escapes.
        private mutating func key(_ name: StaticString) {
            separate()
            bytes.append(UInt8(ascii: "\""))
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            bytes.append(UInt8(ascii: "\""))
            bytes.append(UInt8(ascii: ":"))
        }

        private mutating func separate() {
            if !isEmpty { bytes.append(UInt8(ascii: ",")) }
            isEmpty = false
        }
    }

    /// An array that is being written.
    package struct Array: ~Copyable {
        private var bytes: [UInt8]
        private var isEmpty = true

        init(into bytes: consuming [UInt8]) {
            self.bytes = bytes
            self.bytes.append(UInt8(ascii: "["))
        }

        consuming func finish() -> [UInt8] {
            bytes.append(UInt8(ascii: "]"))
            return bytes
        }

        /// Text, or null where there is none.
        package mutating func element(_ value: String?) {
            separate()
            bytes.append(json: value)
        }

        package mutating func element(_ value: Text?) { element(value?.string) }

        package mutating func element(_ value: some FixedWidthInteger) {
            separate()
            bytes.append(integer: value)
        }

        package mutating func element(_ value: Bool) {
            separate()
            bytes.append(contentsOf: (value ? "true" : "false").utf8)
        }

        /// A value that is JSON already; the caller answers for it.
        package mutating func raw(_ value: some Sequence<UInt8>) {
            separate()
            bytes.append(contentsOf: value)
        }

        package mutating func object<E: Error>(_ write: (inout Object) throws(E) -> Void) throws(E) {
            separate()
            try bytes.append(object: write)
        }

        package mutating func array<E: Error>(_ write: (inout Array) throws(E) -> Void) throws(E) {
            separate()
            try bytes.append(array: write)
        }

        private mutating func separate() {
            if !isEmpty { bytes.append(UInt8(ascii: ",")) }
            isEmpty = false
        }
    }
}

extension [UInt8] {
    /// The buffer moves into the nested writer and back, so nothing is copied.
    fileprivate mutating func append<E: Error>(
        object write: (inout JSONWriter.Object) throws(E) -> Void
    ) throws(E) {
        var object = JSONWriter.Object(into: exchange(&self, with: []))
        try write(&object)
        self = object.finish()
    }

    fileprivate mutating func append<E: Error>(array write: (inout JSONWriter.Array) throws(E) -> Void) throws(E) {
        var array = JSONWriter.Array(into: exchange(&self, with: []))
        try write(&array)
        self = array.finish()
    }

    fileprivate mutating func append(json text: String?) {
        guard let text else { return append(contentsOf: "null".utf8) }
        append(UInt8(ascii: "\""))
        defer { append(UInt8(ascii: "\"")) }
        // Most text is plain ASCII without anything to escape, and goes over as it is.
        let bytes = text.utf8.span
        if bytes.isPlainInJSON { return append(bytes) }
        var previous: (UInt8, UInt8) = (0, 0)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                append(0x5C)
                append(byte)
            case 0x08: append(contentsOf: "\\b".utf8)
            case 0x09: append(contentsOf: "\\t".utf8)
            case 0x0A: append(contentsOf: "\\n".utf8)
            case 0x0C: append(contentsOf: "\\f".utf8)
            case 0x0D: append(contentsOf: "\\r".utf8)
            case 0..<0x20, 0x7F: append(escaped: UInt16(byte))
            // U+0080…U+009F: a terminal takes some of these for commands.
            case 0x80...0x9F where previous.1 == 0xC2:
                removeLast()
                append(escaped: UInt16(byte))
            // U+2028 and U+2029 end a line in JavaScript.
            case 0xA8...0xA9 where previous == (0xE2, 0x80):
                removeLast(2)
                append(escaped: 0x2000 | UInt16(byte & 0x3F))
            default: append(byte)
            }
            previous = (previous.1, byte)
        }
    }

    fileprivate mutating func append(integer value: some FixedWidthInteger) {
        if let magnitude = UInt64(exactly: value) { return append(decimal: magnitude) }
        append(contentsOf: String(value).utf8)
    }

    private mutating func append(escaped unit: UInt16) {
        let digits = String(unit, radix: 16)
        append(contentsOf: "\\u".utf8)
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
        append(contentsOf: digits.utf8)
    }
}

/// Puts `new` in place of `value` and returns what was there.
private func exchange(_ value: inout [UInt8], with new: [UInt8]) -> [UInt8] {
    let old = value
    value = new
    return old
}
