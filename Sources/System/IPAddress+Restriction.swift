import Glibc

/// Which addresses an upstream name may not lead to.
extension IPAddress {
    /// Why an upstream may not be here unless the settings allow the range; nil for a public address, and for one that
    /// only carries an IPv4 address (`embedded`), which is then what counts.
    package var restriction: String? {
        if let kind = IPAddress.restricted.first(where: { $0.0.contains(self) })?.1 { return kind }
        guard case .v6(let high, _) = self, high >> 61 != 1, IPAddress.nat64?.contains(self) != true else { return nil }
        // Of IPv6 only 2000::/3 is given out for the public network (RFC 4291 section 2.4).
        return "not global unicast"
    }

    /// The same, where `ranges` are what the settings allow. An IPv4 address inside an IPv6 one must be allowed as such,
    /// whatever is said of the IPv6 range: translators and tunnels lead to it.
    package func restriction(allowing ranges: [AddressRange]) -> String? {
        if let kind = restriction, !ranges.contains(where: { $0.contains(self) }) { return kind }
        guard let embedded, let kind = embedded.restriction(allowing: ranges) else { return nil }
        return "\(kind): \(embedded) in an IPv6 address"
    }

    /// The IPv4 address that a translator or a tunnel makes of this one; mapped ones are IPv4 addresses already.
    package var embedded: IPAddress? {
        guard case .v6(let high, let low) = self else { return nil }
        // NAT64 (RFC 6052 section 2.1), IPv4-compatible (RFC 4291 section 2.5.5.1).
        if IPAddress.nat64?.contains(self) == true || high == 0 && low > 1 {
            return .v4(UInt32(truncatingIfNeeded: low))
        }
        // 6to4 (RFC 3056), Teredo (RFC 4380 section 4), ISATAP (RFC 5214 section 6.1).
        if high >> 48 == 0x2002 { return .v4(UInt32(truncatingIfNeeded: high >> 16)) }
        if high >> 32 == 0x2001_0000 { return .v4(~UInt32(truncatingIfNeeded: low)) }
        if low >> 32 & ~0x0200_0000 == 0x0000_5EFE { return .v4(UInt32(truncatingIfNeeded: low)) }
        return nil
    }

    private static let nat64 = AddressRange("64:ff9b::/96")

    // RFC 6890 with its registries, and the addresses at which clouds hand out credentials or take orders.
    private static let restricted: [(AddressRange, String)] = [
        ("169.254.169.254/32", "a cloud's metadata service"), ("169.254.170.2/32", "a cloud's metadata service"),
        ("169.254.170.23/32", "a cloud's metadata service"), ("100.100.100.200/32", "a cloud's metadata service"),
        ("168.63.129.16/32", "a cloud's metadata service"), ("192.0.0.192/32", "a cloud's metadata service"),
        ("fd00:ec2::254/128", "a cloud's metadata service"), ("fd00:ec2::23/128", "a cloud's metadata service"),
        ("fd20:ce::254/128", "a cloud's metadata service"), ("fd00:42::42/128", "a cloud's metadata service"),
        ("fe80::a9fe:a9fe/128", "a cloud's metadata service"),
        ("0.0.0.0/8", "this host"), ("127.0.0.0/8", "loopback"), ("10.0.0.0/8", "private"),
        ("172.16.0.0/12", "private"), ("192.168.0.0/16", "private"), ("100.64.0.0/10", "shared address space"),
        ("169.254.0.0/16", "link-local"), ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "6to4 relays"), ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"), ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"), ("240.0.0.0/4", "reserved"), ("::/128", "unspecified"),
        ("::1/128", "loopback"), ("::/96", "an IPv4-compatible address"), ("64:ff9b:1::/48", "local translation"),
        ("100::/64", "discard"), ("2001::/32", "Teredo"), ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"), ("3fff::/20", "documentation"), ("2002::/16", "6to4"),
        ("5f00::/16", "segment routing"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"), ("ff00::/8", "multicast"),
    ].compactMap { text, reason in AddressRange(text).map { ($0, reason) } }

    /// Whether a connection to it stays on this machine.
    ///
    /// Interfaces come and go, so the kernel is asked each time; only where a listener's port is what was asked for.
    package var isOfThisMachine: Bool {
        if isUnspecified || SocketAddress.ip(self, port: 0).isLoopback { return true }
        var list: UnsafeMutablePointer<ifaddrs>?
        // Where the kernel does not say, none is known not to be.
        guard getifaddrs(&list) == 0 else { return true }
        defer { freeifaddrs(list) }
        var entry = list
        while let interface = entry {
            if IPAddress(interface.pointee.ifa_addr) == self { return true }
            entry = interface.pointee.ifa_next
        }
        return false
    }

    /// Nil for what is not of the internet families.
    init?(_ raw: UnsafeMutablePointer<sockaddr>?) {
        guard let raw else { return nil }
        let size =
            switch CInt(raw.pointee.sa_family) {
            case AF_INET: MemoryLayout<sockaddr_in>.size
            case AF_INET6: MemoryLayout<sockaddr_in6>.size
            default: 0
            }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: size))
        }
        guard case .ip(let address, _)? = SocketAddress(storage) else { return nil }
        self = address
    }
}
