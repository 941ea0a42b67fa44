import JSON
import Testing

@testable import Rules

@Suite("YAML: one tree, or a place and a reason")
struct YAMLTests {
    private func read(_ text: String, limits: YAMLLimits = .default) -> (YAMLNode?, [Diagnostic]) {
        var reader = YAMLReader(RuleSource(path: "f.yaml", bytes: Array(text.utf8)))
        let node = reader.document(limits: limits)
        return (node, reader.diagnostics)
    }

    @Test("scalars stay what was written, with their places")
    func scalars() throws {
        let (node, diagnostics) = read("a: no\nb: 010\nc: \"x\\ty\"\nd: 'it''s'\ne: |\n  two\n  lines\nf:\ng: ~\n")
        #expect(diagnostics.isEmpty)
        guard case .mapping(let members)? = node?.content else { return #expect(Bool(false)) }
        let values = members.map { member in
            if case .scalar(let text, let isQuoted) = member.value.content {
                (text.string, isQuoted)
            } else {
                ("?", false)
            }
        }
        #expect(values.map(\.0) == ["no", "010", "x\ty", "it's", "two\nlines\n", "", "~"])
        #expect(values.map(\.1) == [false, false, true, true, true, false, false])
        #expect(members.map(\.value.isNull) == [false, false, false, false, false, true, true])
        #expect(members[1].value.span == SourceSpan(line: 2, column: 4, length: 3))
        #expect(members[2].value.span == SourceSpan(line: 3, column: 4, length: 6))
        #expect(members[2].keySpan == SourceSpan(line: 3, column: 1, length: 1))
    }

    @Test(
        "what two readers could understand differently is refused, at its place",
        arguments: [
            ("a: &x 1\n", Diagnostic.Code.anchor, 1, 4), ("a: *x\n", .anchor, 1, 4), ("a: !!str 1\n", .tag, 1, 4),
            ("a: ! 1\n", .tag, 1, 4), ("%YAML 1.1\n---\na: 1\n", .tag, 1, 1),
            ("a: {b: 1}\nc:\n  <<: {d: 1}\n", .mergeKey, 3, 3),
            ("a: 1\nb: 2\na: 3\n", .duplicateKey, 3, 1), ("a: 1\n\"\\u0061\": 3\n", .duplicateKey, 2, 1),
            ("a: 1\n---\nb: 1\n", .notOneDocument, 2, 1), ("", .notOneDocument, 1, 1),
            ("# nothing\n", .notOneDocument, 2, 1),
            ("? [a]\n: 1\n", .keyNotText, 1, 3), ("s: {{ x }}\n", .keyNotText, 1, 5), ("a: [1\nb: 2\n", .notYAML, 2, 2),
            ("a: \"x\n", .notYAML, 2, 1), ("a:\n\t- x\n", .notYAML, 2, 1), ("\u{FEFF}a: 1\n", .notText, 1, 1),
            ("a: 1\nb: x\0y\n", .notText, 2, 5),
        ])
    func refused(text: String, code: Diagnostic.Code, line: Int, column: Int) {
        let (node, diagnostics) = read(text)
        #expect(node == nil)
        #expect(diagnostics.map(\.code) == [code], "\(diagnostics.map(\.rendered))")
        #expect(diagnostics.first?.span.line == line && diagnostics.first?.span.column == column)
    }

    @Test("bytes that are not UTF-8 are refused where they stand")
    func encoding() {
        var reader = YAMLReader(RuleSource(path: "f", bytes: Array("a: 1\nb: ".utf8) + [0xC3, 0x28]))
        #expect(reader.document() == nil)
        #expect(reader.diagnostics.map(\.code) == [.notText])
        #expect(reader.diagnostics.first?.span == SourceSpan(line: 2, column: 4))
        var utf16 = YAMLReader(RuleSource(path: "f", bytes: [0xFF, 0xFE, 0x61, 0x00]))
        #expect(utf16.document() == nil && utf16.diagnostics.map(\.code) == [.notText])
    }

    @Test("each limit admits its value and refuses one more")
    func limits() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        let limits = YAMLLimits(bytes: 100, depth: 4, nodes: 10)
        #expect(read(nested(5), limits: limits).0 != nil)
        #expect(read(nested(6), limits: limits).1.map(\.code) == [.overLimit])
        #expect(read("[1,2,3,4,5,6,7,8,9]", limits: limits).0 != nil)
        #expect(read("[1,2,3,4,5,6,7,8,9,10]", limits: limits).1.map(\.code) == [.overLimit])
        #expect(read(String(repeating: "x", count: 100), limits: limits).0 != nil)
        #expect(read(String(repeating: "x", count: 101), limits: limits).1.map(\.code) == [.overLimit])
        #expect(read(nested(100_000)).1.map(\.code) == [.overLimit])
    }

    @Test("no byte, wherever it is changed, does worse than a diagnostic")
    func mutations() {
        let seed = Array("a: [x, 'y', {z: \"q\\n\"}]\nb:\n  - c: |\n      text\n  - {d: 1, e: ~}\n".utf8)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var reader = YAMLReader(RuleSource(path: "f", bytes: bytes))
            let node = reader.document()
            #expect((node == nil) == reader.hasErrors)
            for diagnostic in reader.diagnostics { #expect(!diagnostic.rendered.isEmpty) }
        }
    }

    @Test("typed values are read, and every wrong one is reported with what it should be")
    func accessors() throws {
        let text = """
            text: hello
            number: 12
            octal: 012
            yes: true
            quoted: "true"
            word: fallback
            one: a
            list: [a, b]
            empty: []
            typo: 1
            """
        var reader = YAMLReader(RuleSource(path: "f.yaml", bytes: Array(text.utf8)))
        let keys = ["text", "number", "octal", "yes", "quoted", "word", "one", "list", "empty", "type"]
        let document = reader.document()
        let read = reader.mapping(document, "a thing", keys: keys)
        let map = try #require(read)
        #expect(reader.text(map["text"]) == "hello")
        #expect(reader.integer(map["number"], "number", in: 1...12) == 12)
        #expect(reader.bool(map["yes"], "yes") == true)
        #expect(reader.texts(map["one"], "one") == ["a"])
        #expect(reader.texts(map["list"], "list") == ["a", "b"])
        #expect(reader.text(map["missing"]) == nil)
        #expect(reader.diagnostics.map(\.code) == [.unknownKey])
        #expect(reader.diagnostics.first?.help == "did you mean type?")

        #expect(reader.integer(map["number"], "number", in: 1...11) == nil)
        #expect(reader.integer(map["octal"], "octal", in: 0...99) == nil)
        #expect(reader.bool(map["quoted"], "quoted") == nil)
        #expect(reader.list(map["empty"], "empty") == nil)
        #expect(reader.text(map["list"]) == nil)
        #expect(reader.required("type", of: map) == nil)
        #expect(
            reader.diagnostics.dropFirst().map(\.code) == [
                .badValue, .badValue, .badValue, .badValue, .wrongKind, .missingKey,
            ])
    }
}
