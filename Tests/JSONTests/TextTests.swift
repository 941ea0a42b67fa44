import JSON
import Testing

@Suite("Text: bytes, not characters")
struct TextTests {
    @Test(
        "equal is equal byte by byte",
        arguments: [
            ("a", "a", true), ("\u{E9}", "e\u{301}", false), ("", "", true), ("a", "A", false), ("a", "ab", false),
            ("\u{212B}", "\u{C5}", false),
        ])
    func equality(a: String, b: String, expected: Bool) {
        #expect((Text(a) == Text(b)) == expected)
        #expect((Set([Text(a), Text(b)]).count == 1) == expected)
    }

    @Test("only ASCII letters change case")
    func cases() {
        #expect(Text("ABZ@[\u{C9}").asciiLowercased == "abz@[\u{C9}")
        #expect(Text("abz`{\u{E9}").asciiUppercased == "ABZ`{\u{E9}")
    }

    @Test("beginnings and ends are compared by bytes")
    func affixes() {
        #expect(Text("abc").hasPrefix("ab") && !Text("abc").hasPrefix("b") && Text("abc").hasPrefix(""))
        #expect(Text("abc").hasSuffix("bc") && !Text("abc").hasSuffix("abcd"))
        #expect(Text("b") > Text("a\u{FFFF}") && Text("a") < Text("aa"))
    }

    @Test("bytes that are not UTF-8 are no text", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        #expect(Text(utf8: bytes) == nil)
        #expect(Text(copying: bytes.span) == nil)
    }
}
