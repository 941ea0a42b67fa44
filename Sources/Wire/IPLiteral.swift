/// Addresses as text: one spelling for each, and none for those that other readers spell differently.
enum IPLiteral {
    /// Four decimal numbers without zeros in front, which is the only form that all readers agree on (`0x7f.1`,
    /// `0177.0.0.1` and `2130706433` are 127.0.0.1 to some and names to others).
    static func isCanonicalIPv4(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: 0x2E, omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { octet($0) != nil }
    }

    /// Whether a name would be read as an IPv4 address by some readers: its last label is a number.
    static func endsInNumber(_ name: ArraySlice<UInt8>) -> Bool {
        guard let last = name.split(separator: 0x2E, omittingEmptySubsequences: false).last else { return false }
        if last.allSatisfy(ByteClass.isDigit) { return true }
        return last.starts(with: "0x".utf8) && last.dropFirst(2).allSatisfy { ByteClass.hexValue($0) != nil }
    }

    /// The text between the brackets in RFC 5952 form; nil where it is no IPv6 address, or has a zone.
    ///
    /// Addresses that carry an IPv4 address in IPv6 (`::ffff:127.0.0.1`, `::127.0.0.1`) are refused: they are a second
    /// spelling of another host.
    static func canonicalIPv6(_ text: ArraySlice<UInt8>) -> String? {
        guard let groups = groups(text) else { return nil }
        let isEmbedded = groups[0..<5].allSatisfy { $0 == 0 } && (groups[5] == 0xFFFF || groups[5] == 0)
        let isLoopbackOrAny = groups[0..<7].allSatisfy { $0 == 0 } && groups[7] <= 1
        guard !isEmbedded || isLoopbackOrAny else { return nil }
        return spell(groups)
    }

    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard let gap = text.indices.dropLast().first(where: { text[$0] == 0x3A && text[$0 + 1] == 0x3A }) else {
            return list(text).flatMap { $0.count == 8 ? $0 : nil }
        }
        let left = text[..<gap]
        let right = text[(gap + 2)...]
        // A dotted end can only be at the very end.
        guard let head = left.isEmpty ? [] : list(left), let tail = right.isEmpty ? [] : list(right),
            head.count + tail.count < 8, !left.contains(0x2E)
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups of one to four digits between single colons, the last two perhaps as a dotted IPv4 address.
    private static func list(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        var groups: [UInt16] = []
        for part in text.split(separator: 0x3A, maxSplits: 8, omittingEmptySubsequences: false) {
            if part.endIndex == text.endIndex, part.contains(0x2E) {
                guard let values = quad(part) else { return nil }
                groups += values
                continue
            }
            guard 1...4 ~= part.count else { return nil }
            var value: UInt16 = 0
            for byte in part {
                guard let digit = ByteClass.hexValue(byte) else { return nil }
                value = value << 4 | UInt16(digit)
            }
            groups.append(value)
        }
        return groups
    }

    private static func quad(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        let octets = text.split(separator: 0x2E, omittingEmptySubsequences: false).compactMap(octet)
        guard octets.count == 4, isCanonicalIPv4(text) else { return nil }
        return [UInt16(octets[0]) << 8 | UInt16(octets[1]), UInt16(octets[2]) << 8 | UInt16(octets[3])]
    }

    private static func octet(_ text: ArraySlice<UInt8>) -> UInt8? {
        guard let first = text.first, text.count <= 3, first != 0x30 || text.count == 1 else { return nil }
        var value = 0
        for byte in text {
            guard ByteClass.isDigit(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return UInt8(exactly: value)
    }

    /// RFC 5952: small letters, no zeros in front, the longest run of two or more zero groups as `::`.
    private static func spell(_ groups: [UInt16]) -> String {
        var best = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(1, best.count) { best = start..<end }
            start = max(end, start + 1)
        }
        func joined(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        return best.isEmpty
            ? joined(0..<groups.count) : joined(0..<best.lowerBound) + "::" + joined(best.upperBound..<groups.count)
    }
}
