package import JSON

/// What is asked of a name (RFC 1035 section 3.2.2 and the registry).
package struct RecordType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let a = RecordType(rawValue: 1)
    package static let ns = RecordType(rawValue: 2)
    package static let cname = RecordType(rawValue: 5)
    package static let soa = RecordType(rawValue: 6)
    package static let ptr = RecordType(rawValue: 12)
    package static let mx = RecordType(rawValue: 15)
    package static let txt = RecordType(rawValue: 16)
    package static let aaaa = RecordType(rawValue: 28)
    package static let srv = RecordType(rawValue: 33)
    static let opt = RecordType(rawValue: 41)
    package static let svcb = RecordType(rawValue: 64)
    package static let https = RecordType(rawValue: 65)

    private static let names: [UInt16: Text] = [
        1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 13: "HINFO", 15: "MX", 16: "TXT", 28: "AAAA", 29: "LOC",
        33: "SRV", 35: "NAPTR", 39: "DNAME", 43: "DS", 44: "SSHFP", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 52: "TLSA",
        61: "OPENPGPKEY", 64: "SVCB", 65: "HTTPS", 99: "SPF", 251: "IXFR", 252: "AXFR", 255: "ANY", 256: "URI",
        257: "CAA",
    ]

    /// The type in capitals; `TYPE65280` where it has no name (RFC 3597 section 5).
    package var name: Text { RecordType.names[rawValue] ?? Text("TYPE\(rawValue)") }

    package init?(_ name: Text) {
        if let known = RecordType.names.first(where: { $0.value == name }) {
            rawValue = known.key
        } else if name.hasPrefix("TYPE"), name.utf8.dropFirst(4).allSatisfy({ $0 &- 0x30 < 10 }),
            let number = UInt16(name.string.dropFirst(4))
        {
            rawValue = number
        } else {
            return nil
        }
    }

    package var description: String { name.string }

    /// Answered here, with nothing sent.
    package var isAddress: Bool { self == .a || self == .aaaa }
    /// What would lead a client past the addresses that it is given: it is told that there is none.
    package var isService: Bool { self == .https || self == .svcb }
}
