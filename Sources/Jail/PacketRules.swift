import Glibc

/// The nf_tables rules of a jail, as one transaction:
///
///     table inet tiergate {
///         chain pre {
///             type filter hook prerouting priority mangle; policy drop;
///             ip daddr 127.0.0.0/8 accept
///             ip6 daddr ::1 accept
///             meta l4proto tcp socket wildcard 0 accept
///             udp dport 53 accept
///             tcp dport 53 accept
///             udp sport 53 accept
///             meta nfproto ipv4 meta l4proto tcp tproxy ip to :15001 accept
///             meta nfproto ipv6 meta l4proto tcp tproxy ip6 to :15001 accept
///             icmp type destination-unreachable accept
///             icmpv6 type destination-unreachable accept
///             meta l4proto udp reject
///         }
///     }
struct PacketRules {
    private static let table = "tiergate"
    private static let chain = "pre"
    private static let nftables: UInt16 = 10
    private static let tcp: UInt8 = 6
    private static let udp: UInt8 = 17
    private static let ipv4: UInt8 = 2
    private static let ipv6: UInt8 = 10

    private var netlink = NetlinkBytes()

    /// - Parameter port: where the gate listens for what was meant for other addresses.
    static func intercepting(to port: UInt16) -> [UInt8] {
        var rules = PacketRules()
        rules.batch(0x10)
        rules.add(0) { $0.attribute(1, text: table) }
        rules.addChain()
        rules.rule { rule in
            rule.protocol(ipv4)
            rule.payload(.network, at: 16, [0x7F])
            rule.accept()
        }
        rules.rule { rule in
            rule.protocol(ipv6)
            rule.payload(.network, at: 24, [UInt8](repeating: 0, count: 15) + [1])
            rule.accept()
        }
        // Packets of a connection that a socket of its own has: without it answers would be dropped.
        rules.rule { rule in
            rule.transport(tcp)
            rule.ownSocket()
            rule.accept()
        }
        for (transport, offset) in [(udp, UInt32(2)), (tcp, 2), (udp, 0)] {
            rules.rule { rule in
                rule.transport(transport)
                rule.payload(.transport, at: offset, [0, 53])
                rule.accept()
            }
        }
        for family in [ipv4, ipv6] {
            rules.rule { rule in
                rule.protocol(family)
                rule.transport(tcp)
                rule.redirect(family, to: port)
                rule.accept()
            }
        }
        for (family, transport, unreachable) in [(ipv4, UInt8(1), UInt8(3)), (ipv6, 58, 1)] {
            rules.rule { rule in
                rule.protocol(family)
                rule.transport(transport)
                rule.payload(.transport, at: 0, [unreachable])
                rule.accept()
            }
        }
        rules.rule { rule in
            rule.transport(udp)
            rule.reject()
        }
        rules.batch(0x11)
        return rules.netlink.bytes
    }

    /// NFNL_MSG_BATCH_BEGIN or _END.
    private mutating func batch(_ type: UInt16) {
        netlink.message(type: type, flags: 0) {
            $0.append(UInt16(0))
            $0.append(PacketRules.nftables.bigEndian)
        }
    }

    /// An nf_tables message that creates something.
    private mutating func add(_ type: UInt16, _ attributes: (inout NetlinkBytes) -> Void) {
        // NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND
        netlink.message(type: PacketRules.nftables << 8 | type, flags: 4 | 0x400 | 0x800) {
            // struct nfgenmsg: NFPROTO_INET, version 0.
            $0.append(UInt8(1))
            $0.append(UInt8(0))
            $0.append(UInt16(0))
            attributes(&$0)
        }
    }

    private mutating func addChain() {
        add(3) {
            $0.attribute(1, text: PacketRules.table)
            $0.attribute(3, text: PacketRules.chain)
            $0.nested(4) {
                $0.attribute(1, network: 0)
                // Priority mangle, -150.
                $0.attribute(2, network: UInt32(bitPattern: -150))
            }
            // NF_DROP
            $0.attribute(5, network: 0)
            $0.attribute(7, text: "filter")
        }
    }

    private mutating func rule(_ expressions: (inout Rule) -> Void) {
        var rule = Rule()
        expressions(&rule)
        add(6) {
            $0.attribute(1, text: PacketRules.table)
            $0.attribute(2, text: PacketRules.chain)
            $0.attribute(4 | 0x8000, rule.expressions.bytes)
        }
    }

    /// The expressions of one rule: register 1 is loaded, then compared.
    private struct Rule {
        enum Header: UInt32 {
            case network = 1
            case transport = 2
        }

        var expressions = NetlinkBytes()

        private mutating func expression(_ name: String, _ data: (inout NetlinkBytes) -> Void) {
            expressions.nested(1) {
                $0.attribute(1, text: name)
                $0.nested(2, data)
            }
        }

        private mutating func meta(_ key: UInt32, is value: UInt8) {
            expression("meta") {
                $0.attribute(2, network: key)
                $0.attribute(1, network: 1)
            }
            equals([value])
        }

        mutating func `protocol`(_ family: UInt8) { meta(15, is: family) }
        mutating func transport(_ number: UInt8) { meta(16, is: number) }

        mutating func payload(_ header: Header, at offset: UInt32, _ value: [UInt8]) {
            expression("payload") {
                $0.attribute(1, network: 1)
                $0.attribute(2, network: header.rawValue)
                $0.attribute(3, network: offset)
                $0.attribute(4, network: UInt32(value.count))
            }
            equals(value)
        }

        /// The packet's socket is not one that listens on every address.
        mutating func ownSocket() {
            expression("socket") {
                $0.attribute(1, network: 2)
                $0.attribute(2, network: 1)
            }
            equals([0])
        }

        private mutating func equals(_ value: [UInt8]) {
            expression("cmp") {
                $0.attribute(1, network: 1)
                $0.attribute(2, network: 0)
                $0.nested(3) { $0.attribute(1, value) }
            }
        }

        mutating func redirect(_ family: UInt8, to port: UInt16) {
            expression("immediate") {
                $0.attribute(1, network: 1)
                $0.nested(2) { $0.attribute(1, [UInt8(port >> 8), UInt8(port & 0xFF)]) }
            }
            expression("tproxy") {
                $0.attribute(1, network: UInt32(family))
                $0.attribute(3, network: 1)
            }
        }

        mutating func accept() {
            expression("immediate") {
                $0.attribute(1, network: 0)
                // NF_ACCEPT
                $0.nested(2) { $0.nested(2) { $0.attribute(1, network: 1) } }
            }
        }

        /// As an unreachable port (icmpx): the program learns it at once.
        mutating func reject() {
            expression("reject") {
                $0.attribute(1, network: 2)
                $0.attribute(2, [1])
            }
        }
    }
}
