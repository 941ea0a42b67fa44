import Calls
import Testing

struct DigestTests {
    @Test("a digest is 32 bytes, and reads back from its hexadecimal digits")
    func roundTrip() throws {
        let digest = try #require(Digest((0..<32).map { UInt8($0 * 8) }))
        #expect(digest.description == "0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8")
        #expect(Digest(hexadecimal: digest.description) == digest)
        #expect(Digest(hexadecimal: digest.description.uppercased()) == digest)
    }

    @Test("any other number of bytes is none")
    func lengths() {
        for count in [0, 1, 31, 33, 64] { #expect(Digest([UInt8](repeating: 0, count: count)) == nil) }
        #expect(Digest([UInt8](repeating: 0, count: 32)) != nil)
    }

    @Test(
        "what is not 64 hexadecimal digits is none",
        arguments: [
            "", "00", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
            String(repeating: "0", count: 63) + "g", String(repeating: "0", count: 63) + " ",
            String(repeating: "é", count: 32), String(repeating: "０", count: 64),
            "0x" + String(repeating: "0", count: 62),
        ])
    func malformed(_ text: String) { #expect(Digest(hexadecimal: text) == nil) }

    @Test("hexadecimal digits are small and two to a byte")
    func digits() {
        #expect(hexadecimal([0, 0x0F, 0xAB, 0xFF]) == "000fabff")
        #expect(hexadecimal([]) == "")
    }
}
