import Calls
import Testing

struct IdentifierTests {
    @Test("a hold's name is h_ and twelve characters that nobody mistakes")
    func hold() throws {
        #expect(HoldID(random: 0).description == "h_000000000000")
        #expect(HoldID(random: .max).description == "h_zzzzzzzzzzzz")
        let name = HoldID(random: 0x0123_4567_89AB_CDEF)
        #expect(try #require(HoldID(name.description)) == name)
        for character in "ilou" { #expect(!HoldID(random: .max).description.contains(character)) }
    }

    @Test("every one of the sixty bits is in the name")
    func bits() {
        let names = Set((0..<60).map { HoldID(random: 1 << $0).description })
        #expect(names.count == 60)
        #expect(HoldID(random: 1 << 60) == HoldID(random: 0))
    }

    @Test(
        "what is not a hold's name is none",
        arguments: [
            "", "h_", "h_00000000000", "h_0000000000000", "H_000000000000", "c_000000000000", "h_00000000000i",
            "h_00000000000l", "h_00000000000o", "h_00000000000u", "h_00000000000A", "h_0000000000 0", "h_0000000000é",
            "h-000000000000", " h_000000000000",
        ])
    func notAHold(_ text: String) {
        #expect(HoldID(text) == nil)
        #expect(HoldID("h_00000000000a") != nil)
    }

    @Test("a call's name has twenty characters from both numbers")
    func call() {
        #expect(CallID(random: (0, .max)).description == "c_0000000000zzzzzzzzzz")
        #expect(CallID(random: (1, 0)) != CallID(random: (0, 1)))
        #expect(CallID("c_1").description == "c_1" && SessionID("s").description == "s")
    }
}
