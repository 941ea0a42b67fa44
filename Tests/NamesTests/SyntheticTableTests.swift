import Calls
import JSON
import Testing

@testable import Names

@Suite("Addresses that stand for names")
struct SyntheticTableTests {
    private let agent = AgentID("uid-1")

    @Test("a name keeps its address, another has another, and each leads back")
    func stable() throws {
        var table = SyntheticTable(first: 0)
        let (one, two) = (table.address(of: "a.test", for: agent), table.address(of: "b.test", for: agent))
        let (first, second) = (try #require(one), try #require(two))
        #expect(first != second)
        #expect(table.address(of: "a.test", for: AgentID("uid-2")) == first)
        #expect(table.name(of: first) == "a.test" && table.name(of: second) == "b.test")
        #expect(first.v4 == 0xC612_0001 && first.v6 == (0xFD74_6965_7267_0000, 1))
        #expect(SyntheticAddress(v4: first.v4) == first && SyntheticAddress(v6: first.v6) == first)
    }

    @Test("an agent has so many names and no more, and the next one its own")
    func limit() {
        var table = SyntheticTable()
        for number in 0..<SyntheticTable.mostNames {
            #expect(table.address(of: Text("n\(number).test"), for: agent) != nil)
        }
        #expect(table.address(of: "one-more.test", for: agent) == nil)
        #expect(table.address(of: "n0.test", for: agent) != nil)
        #expect(table.address(of: "one-more.test", for: AgentID("uid-2")) != nil)
    }

    @Test("so many agents are counted by themselves, and all that come after them as one")
    func agents() {
        var table = SyntheticTable()
        for number in 0..<SyntheticTable.mostAgents {
            #expect(table.address(of: Text("\(number).test"), for: AgentID("a\(number)")) != nil)
        }
        for number in 0..<SyntheticTable.mostNames {
            #expect(table.address(of: Text("\(number).late.test"), for: AgentID("b\(number % 7)")) != nil)
        }
        #expect(table.address(of: "one-more.test", for: AgentID("c")) == nil)
        #expect(table.address(of: "one-more.test", for: AgentID("a7")) != nil)
    }

    @Test("no address is given out twice, also where the table begins at the end")
    func wraps() {
        var table = SyntheticTable(first: SyntheticAddress.last - 1)
        var seen: Set<UInt32> = []
        for number in 0..<Int(SyntheticAddress.last) {
            guard let address = table.address(of: Text("\(number)"), for: AgentID("s\(number / 4096)"))
            else {
                Issue.record("none left at \(number)")
                return
            }
            seen.insert(address.v4)
        }
        #expect(seen.count == Int(SyntheticAddress.last))
        #expect(seen.allSatisfy { SyntheticAddress.covers(v4: $0) && $0 & 0x1FFFF != 0 && $0 & 0x1FFFF != 0x1FFFF })
        #expect(table.address(of: "x", for: AgentID("last")) == nil)
    }

    @Test(
        "names of the reverse tree are read",
        arguments: [
            ("1.0.18.198.in-addr.arpa", 1), ("2.1.19.198.in-addr.arpa", 0x1_0102), ("0.0.18.198.in-addr.arpa", nil),
            ("1.0.20.198.in-addr.arpa", nil), ("x.0.18.198.in-addr.arpa", nil), ("0.18.198.in-addr.arpa", nil),
            ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.6.2.7.5.6.9.6.4.7.d.f.ip6.arpa", 1),
            ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.6.2.7.5.6.9.6.4.7.d.e.ip6.arpa", nil),
        ] as [(Text, UInt32?)])
    func reverse(name: Text, number: UInt32?) throws {
        #expect(SyntheticAddress(reverse: try #require(DomainName(name)))?.number == number)
    }
}
