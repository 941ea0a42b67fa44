import Glibc

/// An IPv4 or IPv6 address; an IPv4-mapped IPv6 address is the IPv4 address that it means.
package enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    case v4(UInt32)
    case v6(UInt64, UInt64)

    /// The canonical spelling, nothing else: no octal, no short forms.
    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(six)
        } else {
            return nil
        }
    }

    init(_ address: in6_addr) {
        let (high, low) = withUnsafeBytes(of: address) {
            (
                $0.loadUnaligned(as: UInt64.self).bigEndian,
                $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian
            )
        }
        self = high == 0 && low >> 32 == 0xFFFF ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high, low)
    }

    package var description: String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let size = socklen_t(buffer.count)
        switch self {
        case .v4(let bits):
            var address = in_addr(s_addr: bits.bigEndian)
            inet_ntop(AF_INET, &address, &buffer, size)
        case .v6:
            var address = in6
            inet_ntop(AF_INET6, &address, &buffer, size)
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var in6: in6_addr {
        var address = in6_addr()
        guard case .v6(let high, let low) = self else { return address }
        withUnsafeMutableBytes(of: &address) {
            $0.storeBytes(of: high.bigEndian, as: UInt64.self)
            $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    /// Why an upstream name may not lead here unless the settings allow the range; nil for a public address.
    package var restriction: String? {
        IPAddress.restricted.first { $0.0.contains(self) }?.1
    }

    /// Whether a listener on it is on all addresses of the machine.
    package var isUnspecified: Bool { self == .v4(0) || self == .v6(0, 0) }

    // RFC 6890 and its registry, and the addresses at which clouds hand out credentials.
    private static let restricted: [(AddressRange, String)] = [
        ("169.254.169.254/32", "a cloud's metadata service"), ("fd00:ec2::254/128", "a cloud's metadata service"),
        ("100.100.100.200/32", "a cloud's metadata service"), ("0.0.0.0/8", "this host"),
        ("127.0.0.0/8", "loopback"), ("10.0.0.0/8", "private"), ("172.16.0.0/12", "private"),
        ("192.168.0.0/16", "private"), ("100.64.0.0/10", "shared address space"), ("169.254.0.0/16", "link-local"),
        ("192.0.0.0/24", "protocol assignments"), ("192.0.2.0/24", "documentation"),
        ("198.18.0.0/15", "benchmarking"), ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"), ("::/128", "unspecified"), ("::1/128", "loopback"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"), ("64:ff9b:1::/48", "local translation"),
        ("100::/64", "discard"), ("2001::/23", "protocol assignments"), ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"), ("fc00::/7", "private"), ("fe80::/10", "link-local"), ("ff00::/8", "multicast"),
    ].compactMap { text, reason in AddressRange(text).map { ($0, reason) } }
}

/// Addresses that share their first bits: `10.0.0.0/8`, `fd00::/8`, or one address.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    private let base: IPAddress
    private let bits: Int

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let base = parts.first.flatMap({ IPAddress(String($0)) }), parts.count <= 2 else { return nil }
        let width =
            switch base {
            case .v4: 32
            case .v6: 128
            }
        guard let bits = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(bits) else { return nil }
        self.base = base
        self.bits = bits
    }

    package func contains(_ address: IPAddress) -> Bool {
        switch (base, address) {
        case (.v4(let a), .v4(let b)):
            bits == 0 || (a ^ b) >> UInt32(32 - bits) == 0
        case (.v6(let a, let c), .v6(let b, let d)):
            bits <= 64
                ? bits == 0 || (a ^ b) >> UInt64(64 - bits) == 0
                : a == b && (c ^ d) >> UInt64(128 - bits) == 0
        case (.v4, .v6), (.v6, .v4): false
        }
    }

    package var description: String { "\(base)/\(bits)" }
}
