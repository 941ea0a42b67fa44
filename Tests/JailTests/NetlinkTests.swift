import Testing

@testable import Jail

@Suite("Netlink messages")
struct NetlinkTests {
    /// The parts of a stream of messages; nil where a length does not fit.
    private func messages(_ bytes: [UInt8]) -> [(type: UInt16, flags: UInt16, body: [UInt8])]? {
        var rest = bytes[...]
        var found: [(UInt16, UInt16, [UInt8])] = []
        while !rest.isEmpty {
            let header = Array(rest.prefix(16))
            guard header.count == 16 else { return nil }
            func number(_ at: Int) -> Int { Int(header[at]) | Int(header[at + 1]) << 8 }
            let length = number(0) | number(2) << 16
            guard length >= 16, length <= rest.count else { return nil }
            found.append((UInt16(number(4)), UInt16(number(6)), Array(rest.prefix(length).dropFirst(16))))
            rest = rest.dropFirst((length + 3) / 4 * 4)
        }
        return found
    }

    @Test("the packet rules are one transaction: a table, a chain and its rules between a beginning and an end")
    func transaction() throws {
        let found = try #require(messages(PacketRules.intercepting(to: 15001)))
        #expect(found.map(\.type) == [0x10, 0xA00, 0xA03] + [UInt16](repeating: 0xA06, count: 11) + [0x11])
        // Whatever the kernel refuses of it is told: each part asks for an answer, the two ends do not.
        #expect(found.map { $0.flags & 4 != 0 } == [false] + [Bool](repeating: true, count: 13) + [false])
    }

    @Test("attributes are padded to four bytes and counted without it")
    func padding() {
        var netlink = NetlinkBytes()
        netlink.attribute(3, text: "pre")
        netlink.attribute(1, text: "ab")
        #expect(netlink.bytes == [8, 0, 3, 0, 0x70, 0x72, 0x65, 0, 7, 0, 1, 0, 0x61, 0x62, 0, 0])
    }

    @Test("every address of the world is a route of type local without a destination")
    func route() throws {
        let found = try #require(messages(Routes.everyAddress6))
        #expect(found.map(\.type) == [24])
        #expect(found.first?.body.prefix(8) == [10, 0, 0, 0, 255, 3, 0, 2])
    }
}
