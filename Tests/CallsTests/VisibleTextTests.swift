import Calls
import Testing

@Suite struct VisibleTextTests {
    @Test(
        "what a screen would act on, reorder or leave out is marked",
        arguments: [
            ("plain text, ümläut, 漢字, 👍", "plain text, ümläut, 漢字, 👍"), ("a\nb\tc", "a↵b⇥c"), ("a\rb", "a⟨U+000D⟩b"),
            ("\u{1B}[31mred", "⟨U+001B⟩[31mred"), ("pay\u{202E}txt.exe", "pay⟨U+202E⟩txt.exe"),
            ("a\u{200B}b\u{FEFF}", "a⟨U+200B⟩b⟨U+FEFF⟩"), ("\u{0}", "⟨U+0000⟩"), ("\u{7F}\u{9B}", "⟨U+007F⟩⟨U+009B⟩"),
            ("a\u{00A0}b\u{2028}c", "a⟨U+00A0⟩b⟨U+2028⟩c"), ("\u{E0041}", "⟨U+E0041⟩"), ("\u{3164}", "⟨U+3164⟩"),
            ("\u{2800}", "⟨U+2800⟩"), ("\u{E000}", "⟨U+E000⟩"), ("⟨U+202E⟩↵", "⟨U+27E8⟩U+202E⟨U+27E9⟩⟨U+21B5⟩"),
            ("e\u{301}\u{301}\u{301}", "e\u{301}\u{301}⟨U+0301⟩"), ("\u{2066}x\u{2069}", "⟨U+2066⟩x⟨U+2069⟩"), ("", ""),
        ])
    func show(text: String, shown: String) {
        #expect(Array(VisibleText.show(text).utf8) == Array(shown.utf8))
    }

    @Test(
        "what is left out is counted, and no character is cut", arguments: [(5, "abcd…⟨3 more bytes⟩"), (7, "abcd€")])
    func limit(limit: Int, shown: String) { #expect(VisibleText.show("abcd€", limit: limit) == shown) }

    @Test("bytes that are no text show as bytes")
    func bytes() { #expect(VisibleText.show([0x61, 0xFF, 0x0A]) == "a⟨xFF⟩↵") }

    @Test(
        "a reason is one line",
        arguments: [("fine, thanks – 漢字", true), ("a\nb", false), ("\u{1B}", false), ("a\u{202E}", false)])
    func oneLine(text: String, isOne: Bool) { #expect(VisibleText.isOneLine(text) == isOne) }
}
