import Testing

@testable import System

@Suite struct AddressRestrictionTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text), "\(text)") }

    /// The first and the last address of each range that is not public, with its neighbours that are.
    @Test(
        "a range begins and ends where its registry says",
        arguments: [
            ("0.0.0.0", "0.255.255.255", nil, "1.0.0.0", "this host"),
            ("10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0", "private"),
            ("100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0", "shared address space"),
            ("127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0", "loopback"),
            ("169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0", "link-local"),
            ("172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0", "private"),
            ("192.0.0.0", "192.0.0.255", "191.255.255.255", "192.0.1.0", "protocol assignments"),
            ("192.0.2.0", "192.0.2.255", "192.0.1.255", "192.0.3.0", "documentation"),
            ("192.88.99.0", "192.88.99.255", "192.88.98.255", "192.88.100.0", "6to4 relays"),
            ("192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0", "private"),
            ("198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0", "benchmarking"),
            ("198.51.100.0", "198.51.100.255", "198.51.99.255", "198.51.101.0", "documentation"),
            ("203.0.113.0", "203.0.113.255", "203.0.112.255", "203.0.114.0", "documentation"),
            ("224.0.0.0", "239.255.255.255", "223.255.255.255", nil, "multicast"),
            ("240.0.0.0", "255.255.255.254", nil, nil, "reserved"),
            ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil, "Teredo"),
            ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", nil, "2001:200::", "protocol assignments"),
            (
                "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
                "2001:db9::", "documentation"
            ),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, "2003::", "6to4"),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3ffe:ffff::", "3fff:1000::", "documentation"),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil, "private"),
            ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil, "link-local"),
            ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil, "site-local"),
            ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil, "multicast"),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", nil, nil, "local translation"),
            ("100::", "100::ffff:ffff:ffff:ffff", nil, nil, "discard"),
            ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nil, nil, "segment routing"),
            ("4000::", "5eff::", "3ffe::", nil, "not global unicast"),
        ] as [(String, String, String?, String?, String)])
    func edges(first: String, last: String, before: String?, after: String?, kind: String) throws {
        #expect(try address(first).restriction == kind)
        #expect(try address(last).restriction == kind)
        for text in [before, after].compactMap({ $0 }) { #expect(try address(text).restriction == nil, "\(text)") }
    }

    @Test(
        "where a cloud hands out credentials is told by name",
        arguments: [
            "169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16", "192.0.0.192",
            "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42", "fe80::a9fe:a9fe",
            "::ffff:169.254.169.254",
        ])
    func metadata(text: String) throws {
        #expect(try address(text).restriction == "a cloud's metadata service")
    }

    @Test(
        "single addresses",
        arguments: [
            ("255.255.255.255", "broadcast"), ("::", "unspecified"), ("::1", "loopback"),
            ("::127.0.0.1", "an IPv4-compatible address"), ("::ffff:127.0.0.1", "loopback"), ("8.8.8.8", nil),
            ("2606:4700::1111", nil), ("2620:fe::fe", nil),
        ] as [(String, String?)])
    func single(text: String, kind: String?) throws {
        #expect(try address(text).restriction == kind)
    }

    @Test(
        "an IPv4 address inside an IPv6 one is found",
        arguments: [
            ("64:ff9b::10.0.0.1", "10.0.0.1"), ("2002:a9fe:a9fe::1", "169.254.169.254"), ("::10.0.0.1", "10.0.0.1"),
            // The client's address of Teredo, which is written inverted.
            ("2001:0:4136:e378:8000:63bf:80ff:fffe", "127.0.0.1"),
            ("2606:4700::5efe:10.0.0.1", "10.0.0.1"), ("2606:4700::200:5efe:10.0.0.1", "10.0.0.1"),
            ("2606:4700::1111", nil), ("::1", nil), ("::", nil), ("8.8.8.8", nil),
        ] as [(String, String?)])
    func embedded(text: String, inside: String?) throws {
        #expect(try address(text).embedded?.description == inside)
    }

    @Test(
        "only what is allowed may be led to, and what is inside counts for itself",
        arguments: [
            ("10.1.1.1", [], false), ("10.1.1.1", ["10.0.0.0/8"], true), ("10.1.1.1", ["11.0.0.0/8"], false),
            ("169.254.169.254", ["10.0.0.0/8", "127.0.0.0/8"], false), ("169.254.169.254", ["169.254.0.0/16"], true),
            ("64:ff9b::8.8.8.8", [], true), ("64:ff9b::10.0.0.1", [], false),
            ("64:ff9b::10.0.0.1", ["64:ff9b::/96"], false), ("64:ff9b::10.0.0.1", ["10.0.0.0/8"], true),
            ("2002:0808:0808::1", [], false), ("2002:0808:0808::1", ["2002::/16"], true),
            ("2002:7f00:1::1", ["2002::/16"], false), ("2002:7f00:1::1", ["2002::/16", "127.0.0.0/8"], true),
            ("2606:4700::5efe:127.0.0.1", [], false), ("2606:4700::5efe:8.8.8.8", [], true),
            ("::ffff:127.0.0.1", ["127.0.0.0/8"], true), ("::127.0.0.1", ["::/96"], false),
            ("fd00::1", ["fd00::/8"], true), ("fd00:ec2::254", ["fe80::/10"], false), ("1.1.1.1", [], true),
        ] as [(String, [String], Bool)])
    func allowed(text: String, ranges: [String], isAllowed: Bool) throws {
        let ranges = try ranges.map { try #require(AddressRange($0)) }
        #expect(try (address(text).restriction(allowing: ranges) == nil) == isAllowed)
    }

    @Test(
        "what stays on this machine is known",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("0.0.0.0", true), ("::", true),
            ("8.8.8.8", false),
            ("10.254.253.252", false),
        ])
    func local(text: String, isLocal: Bool) throws {
        #expect(try address(text).isOfThisMachine == isLocal)
    }
}
