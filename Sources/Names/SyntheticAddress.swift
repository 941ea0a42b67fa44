/// An address that stands for a name and for nothing else: the same number in both families.
package struct SyntheticAddress: Hashable, Sendable {
    /// From 1 to `last`.
    package let number: UInt32

    /// 198.18.0.0/15 is for tests of networks (RFC 2544) and routed nowhere; of it the last address stays unused.
    package static let last: UInt32 = (1 << 17) - 2
    private static let v4Base: UInt32 = 0xC612_0000
    /// fd74:6965:7267::/64, of the addresses that every site may use for itself (RFC 4193): `tierg` behind `fd`.
    private static let v6Base: UInt64 = 0xFD74_6965_7267_0000

    init(number: UInt32) { self.number = number }

    package var v4: UInt32 { SyntheticAddress.v4Base + number }
    package var v6: (UInt64, UInt64) { (SyntheticAddress.v6Base, UInt64(number)) }

    /// Whether an address is of these ranges, given out or not.
    package static func covers(v4: UInt32) -> Bool { v4 >> 17 == v4Base >> 17 }
    package static func covers(v6: (UInt64, UInt64)) -> Bool { v6.0 == v6Base }

    package init?(v4: UInt32) {
        guard SyntheticAddress.covers(v4: v4), v4 != SyntheticAddress.v4Base else { return nil }
        number = v4 - SyntheticAddress.v4Base
    }

    package init?(v6: (UInt64, UInt64)) {
        guard SyntheticAddress.covers(v6: v6), v6.1 > 0, v6.1 <= UInt64(SyntheticAddress.last) else { return nil }
        number = UInt32(truncatingIfNeeded: v6.1)
    }

    /// The address that a name of the reverse tree is about (RFC 1035 section 3.5, RFC 3596 section 2.5); nil for another.
    package init?(reverse name: DomainName) {
        let labels = name.labels
        if labels.count == 6, labels.suffix(2) == ["in-addr", "arpa"] {
            var bits: UInt32 = 0
            for label in labels.prefix(4).reversed() {
                guard let octet = UInt8(label) else { return nil }
                bits = bits << 8 | UInt32(octet)
            }
            self.init(v4: bits)
        } else if labels.count == 34, labels.suffix(2) == ["ip6", "arpa"] {
            var halves: [UInt64] = [0, 0]
            for (index, label) in labels.prefix(32).reversed().enumerated() {
                guard label.utf8.count == 1, let digit = UInt64(label, radix: 16) else { return nil }
                halves[index / 16] = halves[index / 16] << 4 | digit
            }
            self.init(v6: (halves[0], halves[1]))
        } else {
            return nil
        }
    }
}
