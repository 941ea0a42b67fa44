import Calls
import JSON
import Testing

@testable import Rules

@Suite("Diagnostic: what, where, and what to do")
struct DiagnosticTests {
    private func diagnostic(_ line: String, column: Int, length: Int, label: String? = nil) -> Diagnostic {
        var reader = YAMLReader(RuleSource(path: "rules/stripe.yaml", bytes: Array("a: 1\n\(line)\n".utf8)))
        reader.rule = "stripe.money-out"
        reader.report(
            .badValue, "tier cannot be fiv", at: SourceSpan(line: 2, column: column, length: length), label: label,
            in: "escalate 4", help: "did you mean five?")
        return reader.diagnostics[0]
    }

    @Test("text has the place, the line, a caret and a help")
    func rendered() {
        let expected = """
            error[R0204]: tier cannot be fiv
              --> rules/stripe.yaml:2:11  (rule stripe.money-out, escalate 4)
                2 |     tier: fiv
                  |           ^^^ no tier
               help: did you mean five?
            """
        #expect(diagnostic("    tier: fiv", column: 11, length: 3, label: "no tier").rendered == expected)
    }

    @Test("a line cannot move the terminal or the caret")
    func hostile() {
        let rendered = diagnostic("k:\t\u{1B}[2J\u{202E}bad\r", column: 9, length: 50).rendered
        #expect(rendered.contains("    2 | k: \u{FFFD}[2J\u{FFFD}bad\n"))
        #expect(rendered.contains("      |         ^^^\n"))
    }

    @Test("of a long line the part around the caret is shown")
    func longLine() {
        let line = String(repeating: "x", count: 5000) + "HERE" + String(repeating: "y", count: 5000)
        let rendered = diagnostic(line, column: 5001, length: 4).rendered
        let lines = rendered.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count < 200 })
        let caret = lines[3].firstIndex(of: "^").map { lines[3].distance(from: lines[3].startIndex, to: $0) } ?? 0
        #expect(lines[2].dropFirst(caret).hasPrefix("HERE"))
    }

    @Test("a span beyond the line, or beyond the file, is drawn all the same")
    func beyond() {
        #expect(diagnostic("short", column: 400, length: 3).rendered.contains("^"))
        var reader = YAMLReader(RuleSource(path: "f", bytes: []))
        reader.report(.badValue, "x", at: SourceSpan(line: 9, column: 9))
        #expect(reader.diagnostics[0].rendered.contains("--> f:9:9"))
    }

    @Test("JSON carries the same")
    func json() throws {
        let bytes = JSONWriter.object { object in
            diagnostic("    tier: fiv", column: 11, length: 3).write(into: &object)
        }
        let root = try JSONDocument.parse(bytes).root
        #expect(root["code"]?.text == "R0204" && root["severity"]?.text == "error")
        #expect(root["line"]?.integer == 2 && root["column"]?.integer == 11 && root["length"]?.integer == 3)
        #expect(root["excerpt"]?.text == "    tier: fiv" && root["rule"]?.text == "stripe.money-out")
        #expect(root["label"]?.isNull == true)
    }

    @Test("no code stands for two things")
    func codes() {
        #expect(Set(Diagnostic.Code.allCases.map(\.rawValue)).count == Diagnostic.Code.allCases.count)
    }
}

@Suite("suggestion: the word that was meant")
struct SuggestionTests {
    @Test(
        "a slip of the keyboard is recognised, another word is not",
        arguments: [
            ("tiir", "tier"), ("teir", "tier"), ("Tier", "tier"), ("sumary", "summary"), ("approver", "approvers"),
            ("colour", nil), ("", nil), ("zzzz", nil),
        ] as [(String, String?)])
    func words(typed: String, meant: String?) {
        #expect(suggestion(for: typed, among: ["tier", "title", "summary", "approvers"]) == meant)
    }
}
