import JSON
import Testing

struct TextTests {
    @Test("texts are the same where their bytes are")
    func identity() {
        #expect(Text("é") == Text("\u{E9}") && Text("é") != Text("e\u{301}"))
        #expect(Text("K") != Text("\u{212A}") && String("K") == "\u{212A}", "String folds, Text does not")
        let texts: Set<Text> = ["é", "e\u{301}", "K", "\u{212A}", "", "K"]
        #expect(texts.count == 5)
        #expect(Text("a") != Text("ab") && Text("ab") != Text("a") && Text("") == Text(""))
    }

    @Test("texts are ordered by their bytes")
    func order() {
        #expect(Text("a") < Text("b") && Text("B") < Text("a") && Text("a") < Text("aa") && !(Text("a") < Text("a")))
        #expect(Text("e\u{301}") < Text("é") && Text("z") < Text("é"))
    }

    @Test(
        "bytes that are not UTF-8 are no text",
        arguments: [
            [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xC3], [0x80],
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        #expect(Text(utf8: bytes) == nil)
        #expect(Text(utf8: [0xC3, 0xA9] as [UInt8]) == "é")
        #expect(Text(utf8: [0x00] as [UInt8]) == "\0")
    }

    @Test("only ASCII letters change their case")
    func letters() {
        #expect(Text("AZaz[`{@09ÉİK\u{212A}").asciiLowercased == "azaz[`{@09Éİk\u{212A}")
        #expect(Text("AZaz[`{@09éıſ").asciiUppercased == "AZAZ[`{@09éıſ")
        #expect(Text("abc").asciiLowercased == "abc" && Text("").asciiLowercased == "")
    }

    @Test("prefixes and suffixes are of bytes")
    func affixes() {
        #expect(Text("a.test").hasSuffix(".test") && !Text("test").hasSuffix(".test") && Text("x").hasSuffix(""))
        #expect(Text("a.test").hasPrefix("a.") && !Text("a").hasPrefix("a.") && Text("").hasPrefix(""))
        #expect(!Text("e\u{301}").hasPrefix("é") && Text("e\u{301}").hasPrefix("e") && Text("é").bytes == [0xC3, 0xA9])
    }
}
