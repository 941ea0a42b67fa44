import JSON
import Testing

@Suite("JSONWriter: one spelling for one value")
struct JSONWriterTests {
    @Test("brackets and commas come by themselves")
    func structure() {
        let bytes = JSONWriter.object {
            $0.field("text", "a")
            $0.field("name", Text("b"))
            $0.field("int", -3)
            $0.field("big", UInt64.max)
            $0.field("yes", true)
            $0.field("none", String?.none)
            $0.null("null")
            $0.raw("raw", "[1]".utf8)
            $0.array("list", ["x", "y"])
            $0.array("mixed") {
                $0.element(1)
                $0.element(false)
                $0.object { $0.field("k", "v") }
                $0.array { $0.element("z") }
                $0.raw("null".utf8)
            }
            $0.object("empty") { _ in }
        }
        let expected =
            #"{"text":"a","name":"b","int":-3,"big":18446744073709551615,"yes":true,"none":null,"null":null,"#
            + #""raw":[1],"list":["x","y"],"mixed":[1,false,{"k":"v"},["z"],null],"empty":{}}"#
        #expect(Text(utf8: bytes)?.string == expected)
        #expect(JSONWriter.array { $0.element("a") } == Array(#"["a"]"#.utf8))
    }

    @Test(
        "what could break a line, a terminal or a reader is escaped, the rest is left alone",
        arguments: [
            ("\"\\/", #""\"\\/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
            ("\0\u{1F}\u{7F}", #""\u0000\u001f\u007f""#),
            ("\u{80}\u{9F}\u{A0}", "\"\\u0080\\u009f\u{A0}\""),
            ("\u{2027}\u{2028}\u{2029}\u{202A}", "\"\u{2027}\\u2028\\u2029\u{202A}\""),
            ("é😀", "\"é😀\""),
        ])
    func escapes(text: String, written: String) throws {
        let bytes = JSONWriter.string(text)
        #expect(Text(utf8: bytes) == Text(written))
        #expect(try JSONDocument.parse(bytes).root.text == Text(text))
    }

    @Test("an error inside a closure comes out of the writer")
    func errors() {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try JSONWriter.object { object in
                try object.array("a") { _ in throw Stop() }
            }
        }
    }

    @Test("a random document is read back as it was written, and written again byte for byte")
    func roundTrip() throws {
        var random = Randomness(state: 7)
        for _ in 0..<500 {
            let value = Value.random(depth: 4, using: &random)
            let bytes = JSONWriter.array { value.write(into: &$0) }
            let root = try JSONDocument.parse(bytes).root
            let again = try #require(root[0].flatMap(Value.init))
            #expect(again == value)
            #expect(JSONWriter.array { again.write(into: &$0) } == bytes)
        }
    }
}

/// A JSON value in memory, which only this test has a use for.
private indirect enum Value: Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case text(Text)
    case array([Value])
    case object([(Text, Value)])

    static func == (a: Value, b: Value) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.text(let a), .text(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a.elementsEqual(b) { $0.0 == $1.0 && $0.1 == $1.1 }
        default: false
        }
    }

    static func random(depth: Int, using random: inout Randomness) -> Value {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: .min ... .max, using: &random))
        case 3: return .text(text(using: &random))
        case 4:
            let count = Int.random(in: 0..<6, using: &random)
            return .array((0..<count).map { _ in self.random(depth: depth - 1, using: &random) })
        default:
            let count = Int.random(in: 0..<20, using: &random)
            return .object(
                (0..<count).map {
                    (Text("\($0)\(text(using: &random))"), self.random(depth: depth - 1, using: &random))
                })
        }
    }

    private static func text(using random: inout Randomness) -> Text {
        var text = ""
        for _ in 0..<Int.random(in: 0..<8, using: &random) {
            let limit: UInt32 = [0x80, 0x100, 0x3000, 0x11_0000].randomElement(using: &random) ?? 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return Text(text)
    }

    init?(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .bool: self = .bool(node.bool == true)
        case .number:
            guard let integer = node.integer else { return nil }
            self = .integer(integer)
        case .string:
            guard let text = node.text else { return nil }
            self = .text(text)
        case .array: self = .array(node.elements.compactMap(Value.init))
        case .object: self = .object(node.members.compactMap { member in Value(member.value).map { (member.key, $0) } })
        }
    }

    func write(into array: inout JSONWriter.Array) {
        switch self {
        case .null: array.element(String?.none)
        case .bool(let bool): array.element(bool)
        case .integer(let integer): array.element(integer)
        case .text(let text): array.element(text)
        case .array(let values): array.array { inner in for value in values { value.write(into: &inner) } }
        case .object(let members):
            array.object { object in for (key, value) in members { value.write(key.string, into: &object) } }
        }
    }

    private func write(_ key: String, into object: inout JSONWriter.Object) {
        object.raw(named: key, JSONWriter.array { write(into: &$0) }.dropFirst().dropLast())
    }
}
