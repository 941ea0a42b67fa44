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
        reserving capacity: Int = 256, _ write: (inout Object) throws(E) -> Void
    ) throws(E) -> [UInt8] {
        let bytes = ByteWriter(reserving: capacity)
        try object(into: bytes, write)
        return bytes.bytes
    }

    /// One object behind what is in `bytes` already.
    package static func object<E: Error>(
        into bytes: ByteWriter, _ write: (inout Object) throws(E) -> Void
    ) throws(E) {
        var object = Object(into: bytes)
        try write(&object)
        object.finish()
    }

    /// The bytes of one array.
    package static func array<E: Error>(_ write: (inout Array) throws(E) -> Void) throws(E) -> [UInt8] {
        let bytes = ByteWriter()
        var array = Array(into: bytes)
        try write(&array)
        array.finish()
        return bytes.bytes
    }

    /// The bytes of one string, quotes included.
    package static func string(_ text: String) -> [UInt8] {
        let bytes = ByteWriter(reserving: text.utf8.count + 2)
        bytes.append(json: text)
        return bytes.bytes
    }

    /// An object that is being written.
    package struct Object: ~Copyable {
        private let bytes: ByteWriter
        private var isEmpty = true

        init(into bytes: ByteWriter) {
            self.bytes = bytes
            bytes.append(UInt8(ascii: "{"))
        }

        consuming func finish() { bytes.append(UInt8(ascii: "}")) }

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
            bytes.append(value ? "true" : "false")
        }

        package mutating func null(_ name: StaticString) { field(name, String?.none) }

        /// A value that is JSON already; the caller answers for it.
        package mutating func raw(_ name: StaticString, _ value: some Sequence<UInt8>) {
            key(name)
            for byte in value { bytes.append(byte) }
        }

        /// The same under a name that is not the program's own.
        package mutating func raw(named name: String, _ value: some Sequence<UInt8>) {
            separate()
            bytes.append(json: name)
            bytes.append(UInt8(ascii: ":"))
            for byte in value { bytes.append(byte) }
        }

        /// Text that has nothing to escape because it was made of digits and letters; the caller answers for it.
        package mutating func digits(_ name: StaticString, _ value: [UInt8]) {
            key(name)
            bytes.append(UInt8(ascii: "\""))
            bytes.append(value.span)
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
            bytes.append(name)
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
        private let bytes: ByteWriter
        private var isEmpty = true

        init(into bytes: ByteWriter) {
            self.bytes = bytes
            bytes.append(UInt8(ascii: "["))
        }

        consuming func finish() { bytes.append(UInt8(ascii: "]")) }

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
            bytes.append(value ? "true" : "false")
        }

        /// A value that is JSON already; the caller answers for it.
        package mutating func raw(_ value: some Sequence<UInt8>) {
            separate()
            for byte in value { bytes.append(byte) }
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

extension ByteWriter {
    fileprivate func append<E: Error>(object write: (inout JSONWriter.Object) throws(E) -> Void) throws(E) {
        try JSONWriter.object(into: self, write)
    }

    fileprivate func append<E: Error>(array write: (inout JSONWriter.Array) throws(E) -> Void) throws(E) {
        var array = JSONWriter.Array(into: self)
        try write(&array)
        array.finish()
    }

    fileprivate func append(json text: String?) {
        guard let text else { return append("null") }
        append(UInt8(ascii: "\""))
        defer { append(UInt8(ascii: "\"")) }
        // Most text is plain ASCII without anything to escape, and goes over as it is.
        let bytes = text.utf8.span
        if bytes.isPlainInJSON { return append(bytes) }
        var previous: (UInt8, UInt8) = (0, 0)
        for index in bytes.indices {
            let byte = bytes[index]
            switch byte {
            case 0x22, 0x5C:
                append(0x5C)
                append(byte)
            case 0x08: append("\\b")
            case 0x09: append("\\t")
            case 0x0A: append("\\n")
            case 0x0C: append("\\f")
            case 0x0D: append("\\r")
            case 0..<0x20, 0x7F: append(escaped: UInt16(byte))
            // U+0080…U+009F: a terminal takes some of these for commands.
            case 0x80...0x9F where previous.1 == 0xC2:
                removeLast(1)
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

    fileprivate func append(integer value: some FixedWidthInteger) {
        if let magnitude = UInt64(exactly: value) { return append(decimal: magnitude) }
        append(String(value).utf8.span)
    }

    private func append(escaped unit: UInt16) {
        append("\\u")
        for shift in [12, 8, 4, 0] as [UInt16] {
            let nibble = UInt8(truncatingIfNeeded: unit >> shift & 15)
            append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
    }
}
