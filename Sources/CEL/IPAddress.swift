/// An address of the Internet Protocol, in its strict spellings.
struct IPAddress: Hashable, Sendable {
    let isVersion4: Bool
    /// Version 4 in the last 32 bits.
    let bits: UInt128

    init(isVersion4: Bool, bits: UInt128) {
        self.isVersion4 = isVersion4
        self.bits = bits
    }

    /// Nil for what is none: a zone, a leading nought and version 4 mapped into 6 are refused, because one address would
    /// have two spellings.
    init?(_ text: ByteString) {
        guard 2...45 ~= text.count else { return nil }
        if text.slice.contains(UInt8(ascii: ":")) {
            guard let bits = Self.version6(text.slice), bits >> 32 != 0xFFFF else { return nil }
            self.init(isVersion4: false, bits: bits)
        } else {
            guard let bits = Self.version4(text.slice) else { return nil }
            self.init(isVersion4: true, bits: UInt128(bits))
        }
    }

    private static func version4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard 1...3 ~= part.count, part.allSatisfy(\.isDigit), part.count == 1 || part.first != 0x30,
                let number = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bits = bits << 8 | UInt32(number)
        }
        return bits
    }

    private static func version6(_ text: ArraySlice<UInt8>) -> UInt128? {
        var groups: [UInt16] = []
        var gap: Int?
        var rest = text
        if rest.starts(with: [0x3A, 0x3A]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let part = rest.prefix { $0 != 0x3A }
            if part.contains(UInt8(ascii: ".")) {
                guard part.count == rest.count, let last = version4(part) else { return nil }
                groups += [UInt16(last >> 16), UInt16(truncatingIfNeeded: last)]
                break
            }
            guard 1...4 ~= part.count, part.allSatisfy(\.isHexadecimal) else { return nil }
            groups.append(UInt16(part.reduce(0) { $0 << 4 | $1.hexadecimalValue }))
            rest = rest.dropFirst(part.count)
            guard !rest.isEmpty else { break }
            rest = rest.dropFirst()
            guard let next = rest.first else { return nil }
            if next == 0x3A {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            }
        }
        guard groups.count <= (gap == nil ? 8 : 7), gap != nil || groups.count == 8 else { return nil }
        groups.insert(contentsOf: Array(repeating: 0, count: 8 - groups.count), at: gap ?? 0)
        return groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// With the bits behind a prefix set to nought.
    func masked(_ length: Int) -> IPAddress {
        let width = isVersion4 ? 32 : 128
        let host = max(0, width - length)
        return IPAddress(isVersion4: isVersion4, bits: host >= 128 ? 0 : (bits >> UInt128(host)) << UInt128(host))
    }

    private func isIn(_ prefix: UInt128, _ length: Int) -> Bool { masked(length).bits == prefix }

    var isUnspecified: Bool { bits == 0 }
    var isLoopback: Bool { isVersion4 ? isIn(127 << 24, 8) : bits == 1 }
    var isMulticast: Bool { isVersion4 ? isIn(224 << 24, 4) : isIn(0xFF << 120, 8) }
    var isLinkLocalUnicast: Bool { isVersion4 ? isIn(0xA9FE << 16, 16) : isIn(0xFE80 << 112, 10) }
    var isLinkLocalMulticast: Bool { isVersion4 ? isIn(224 << 24, 24) : (bits >> 112) & 0xFF0F == 0xFF02 }
    var isGlobalUnicast: Bool {
        !isUnspecified && !isLoopback && !isMulticast && !isLinkLocalUnicast
            && !(isVersion4 && bits == 0xFFFF_FFFF)
    }
}

extension IPAddress: CustomStringConvertible {
    /// RFC 5952: small letters, and the longest run of noughts left out.
    var description: String {
        if isVersion4 { return [24, 16, 8, 0].map { String(bits >> $0 & 0xFF) }.joined(separator: ".") }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        var (best, length) = (0, 1)
        var index = 0
        while index < 8 {
            let run = groups[index...].prefix { $0 == 0 }.count
            if run > length { (best, length) = (index, run) }
            index += max(1, run)
        }
        func text(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        return length == 1 ? text(groups[...]) : text(groups[..<best]) + "::" + text(groups[(best + length)...])
    }
}
