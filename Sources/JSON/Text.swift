/// UTF-8 text that is compared byte by byte.
///
/// Swift's `String` folds canonically equivalent text (`é` equals `e` + U+0301): two keys, paths or hosts that an
/// upstream tells apart would be one here, and a rule could be slipped. Everything that names something in a call is
/// therefore a `Text`.
///
/// Public because the compiler inlines only what is public into other modules (`@inlinable package` it calls, and counts
/// references around it): every name of every call is looked at through this type.
public struct Text: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The same for whoever shows it to people; never to be compared.
    public let string: String

    package init(_ string: String) { self.string = string }

    /// A literal is the text that it spells.
    public init(stringLiteral value: String) { string = value }

    /// The bytes as text; nil where they are not well-formed UTF-8 (overlong forms and surrogates are not).
    package init?(utf8 bytes: some Sequence<UInt8>) {
        guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
        self.string = string
    }

    /// The same without generic code in between, for the path of every call.
    package init?(copying bytes: Span<UInt8>) {
        guard let utf8 = try? UTF8Span(validating: bytes) else { return nil }
        string = String(copying: utf8)
    }

    /// What it is compared by.
    @inlinable public var utf8: String.UTF8View { string.utf8 }
    package var bytes: [UInt8] { Array(string.utf8) }
    /// Whether it has no bytes.
    @inlinable public var isEmpty: Bool { string.utf8.isEmpty }
    /// As it is.
    public var description: String { string }

    /// Byte by byte.
    @inlinable public static func == (a: Text, b: Text) -> Bool {
        // Known without a look at the bytes.
        guard a.string.utf8.count == b.string.utf8.count else { return false }
        let (left, right) = (a.utf8.span, b.utf8.span)
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// By the first byte that differs.
    public static func < (a: Text, b: Text) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    /// By all its bytes.
    public func hash(into hasher: inout Hasher) {
        let bytes = utf8.span
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        hasher.combine(0xFF as UInt8)
    }

    /// The same text with ASCII capitals made small, and nothing else changed.
    package var asciiLowercased: Text {
        guard utf8.contains(where: { $0 &- 0x41 < 26 }) else { return self }
        return Text(String(decoding: utf8.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self))
    }

    /// The same text with small ASCII letters made capitals, and nothing else changed.
    package var asciiUppercased: Text {
        guard utf8.contains(where: { $0 &- 0x61 < 26 }) else { return self }
        return Text(String(decoding: utf8.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }, as: UTF8.self))
    }

    package func hasPrefix(_ prefix: Text) -> Bool { utf8.starts(with: prefix.utf8) }

    package func hasSuffix(_ suffix: Text) -> Bool {
        let (bytes, end) = (utf8.span, suffix.utf8.span)
        let start = bytes.count - end.count
        guard start >= 0 else { return false }
        for index in end.indices where bytes[start + index] != end[index] { return false }
        return true
    }
}
