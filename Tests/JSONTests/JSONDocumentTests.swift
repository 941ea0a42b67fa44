import JSON
import Testing

@Suite("JSONDocument: one reading, or none")
struct JSONDocumentTests {
    private func parse(_ text: String, limits: JSONLimits = .default) throws(JSONError) -> JSONNode {
        try JSONDocument.parse(Array(text.utf8), limits: limits).root
    }

    private func refusal(_ bytes: [UInt8], limits: JSONLimits = .default) -> JSONError? {
        do {
            _ = try JSONDocument.parse(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "scalars are read as what they are",
        arguments: [
            ("null", JSONNode.Kind.null), ("true", .bool), (" false\r\n\t", .bool), ("0", .number),
            ("-0.5e+10", .number),
            ("\"\"", .string), ("[]", .array), ("{ }", .object), ("[ ]", .array),
        ])
    func kinds(text: String, kind: JSONNode.Kind) throws {
        #expect(try parse(text).kind == kind)
    }

    @Test("members and elements are found, in order, with their spans")
    func structure() throws {
        let root = try parse(#" {"a": {"b": [1, {"c": "deep"}, []]}, "n": null, "z": "last"} "#)
        #expect(root["a"]?["b"]?[1]?["c"]?.text == "deep")
        #expect(root["a"]?["b"]?.count == 3)
        #expect(root["a"]?["b"]?[3] == nil)
        #expect(root["a"]?["b"]?[-1] == nil)
        #expect(root["n"]?.isNull == true)
        #expect(root["missing"] == nil)
        #expect(root.members.map { $0.key } == ["a", "n", "z"])
        #expect(root["a"]?["b"]?.elements.map { $0.kind } == [.number, .object, .array])
        #expect(root["a"]?["b"].map { Text(utf8: $0.spelling) } == #"[1, {"c": "deep"}, []]"#)
        #expect(root["z"]?.span == 54..<60)
        #expect(root["z"]?.count == 0 && root["z"]?.elements.first { _ in true } == nil)
        #expect(root.count == 3)
    }

    @Test(
        "integers are exact or absent",
        arguments: [
            ("0", 0), ("-0", 0), ("-12", -12), ("9223372036854775807", Int64.max), ("9223372036854775808", nil),
            ("1.0", nil), ("1e3", nil), ("-9223372036854775808", Int64.min), ("\"5\"", nil),
        ] as [(String, Int64?)])
    func integers(text: String, value: Int64?) throws {
        #expect(try parse(text).integer == value)
    }

    @Test("a number keeps all its digits")
    func digits() throws {
        let wei = "123456789012345678901234567890.000000000000000000001"
        #expect(try parse(wei).number?.string == wei)
        #expect(try parse("true").number == nil)
    }

    @Test("escapes are resolved, in values and in keys")
    func escapes() throws {
        let root = try parse(#"{"k\u0065y": "\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00 é", "plain": "é", "\u0000": true}"#)
        #expect(root["key"]?.text == "\"\\/\u{8}\u{C}\n\r\té😀 é")
        #expect(root["plain"]?.text == "é")
        #expect(root["\0"]?.bool == true)
        #expect(root.members.map { $0.key } == ["key", "plain", "\0"])
    }

    @Test(
        "what two readers could understand differently is refused",
        arguments: [
            (#"{"a":1,"a":2}"#, JSONError.Reason.duplicateKey, 7), (#"{"a":1,"\u0061":2}"#, .duplicateKey, 7),
            (#"{"x":{"é":1,"\u00e9":2}}"#, .duplicateKey, 13), ("1 2", .trailingData, 2), ("{}x", .trailingData, 2),
            ("\u{FEFF}{}", .byteOrderMark, 0), ("NaN", .unexpectedByte, 0), ("[Infinity]", .unexpectedByte, 1),
            ("-Infinity", .invalidNumber, 0), ("// c\n1", .unexpectedByte, 0), ("[1,/**/2]", .unexpectedByte, 3),
            (#""\ud800""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1),
            (#""\ud800\ud800""#, .loneSurrogate, 1), (#""\ud83dx""#, .loneSurrogate, 1), ("01", .invalidNumber, 0),
            ("-01", .invalidNumber, 0), ("1.", .invalidNumber, 0), (".5", .unexpectedByte, 0),
            ("+1", .unexpectedByte, 0),
            ("1e", .invalidNumber, 0), ("-", .invalidNumber, 0), ("0x10", .trailingData, 1),
            ("\"a\tb\"", .controlCharacter, 2),
            ("\"a\nb\"", .controlCharacter, 2), (#""\x41""#, .invalidEscape, 1), (#""\u12G4""#, .invalidEscape, 1),
            (#""\u12"#, .unexpectedEnd, 5), (#""abc"#, .unexpectedEnd, 4), (#""abc\"#, .unexpectedEnd, 5),
            ("", .unexpectedEnd, 0), ("[", .unexpectedEnd, 1), ("[1,]", .unexpectedByte, 3),
            ("[,1]", .unexpectedByte, 1),
            (#"{"a"}"#, .unexpectedByte, 4), (#"{"a":}"#, .unexpectedByte, 5), (#"{"a":1,}"#, .unexpectedByte, 7),
            ("{a:1}", .unexpectedByte, 1), ("{'a':1}", .unexpectedByte, 1), ("[1}", .unexpectedByte, 2),
            (#"{"a":1]"#, .unexpectedByte, 6), ("tru", .unexpectedEnd, 3), ("trux", .unexpectedByte, 3),
            ("[1 2]", .unexpectedByte, 3), ("]", .unexpectedByte, 0), ("TRUE", .unexpectedByte, 0),
            ("\u{A0}1", .unexpectedByte, 0),
        ])
    func refused(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(refusal(Array(text.utf8)) == JSONError(reason, at: offset))
    }

    @Test(
        "bytes that are not UTF-8 are refused, their neighbours are text",
        arguments: [
            ([0xC0, 0x80], false), ([0xC1, 0xBF], false), ([0xC2, 0x80], true), ([0xE0, 0x80, 0x80], false),
            ([0xE0, 0xA0, 0x80], true), ([0xED, 0xA0, 0x80], false), ([0xED, 0x9F, 0xBF], true),
            ([0xEF, 0xBF, 0xBF], true),
            ([0xF0, 0x80, 0x80, 0x80], false), ([0xF0, 0x90, 0x80, 0x80], true), ([0xF4, 0x90, 0x80, 0x80], false),
            ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0xF5, 0x80, 0x80, 0x80], false), ([0x80], false), ([0xFF], false),
            ([0xE2, 0x82], false), ([0xF0, 0x9F, 0x98], false), ([0xC3, 0x28], false),
        ] as [([UInt8], Bool)])
    func text(bytes: [UInt8], valid: Bool) {
        let refused = refusal([0x22] + bytes + [0x22])
        #expect((refused == nil) == valid)
        if let refused { #expect(refused.reason == .invalidText) }
        // The standard library is the second opinion.
        #expect((Text(utf8: bytes) != nil) == valid)
    }

    @Test("each limit admits its value and refuses one more")
    func limits() {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeatElement(UInt8(ascii: "["), count: depth))
                + Array(repeatElement(UInt8(ascii: "]"), count: depth))
        }
        #expect(refusal(nested(64)) == nil)
        #expect(refusal(nested(65)) == JSONError(.tooDeep, at: 64))
        #expect(refusal(nested(1_000_000))?.reason == .tooDeep)

        func wide(_ values: Int) -> [UInt8] {
            Array(("[" + repeatElement("0", count: values - 1).joined(separator: ",") + "]").utf8)
        }
        #expect(refusal(wide(65_536)) == nil)
        #expect(refusal(wide(65_537))?.reason == .tooManyValues)

        let short = JSONLimits(bytes: 4)
        #expect(refusal(Array("1234".utf8), limits: short) == nil)
        #expect(refusal(Array("12345".utf8), limits: short) == JSONError(.tooLong, at: 4))
    }

    @Test("a key is the same however it is written and wherever it stands", arguments: [0, 1, 7, 8, 9, 15, 16, 17, 40])
    func spellingsOfOneKey(length: Int) throws {
        let rest = (0..<length).map { String(UnicodeScalar(UInt8(0x61 + $0 % 26))) }.joined()
        let (plain, escaped) = ("\"k\(rest)\":1", "\"\\u006b\(rest)\":1")
        for (first, second) in [(plain, escaped), (escaped, plain), (plain, plain), (escaped, escaped)] {
            // In the middle, and where the document ends at once.
            for tail in ["}", ",\"another-key\":\"and a long value\"}"] {
                let refused = refusal(Array("{\(first),\(second)\(tail)".utf8))
                #expect(refused == JSONError(.duplicateKey, at: first.utf8.count + 2))
                let other = second.dropLast(3) + ".\":1"
                #expect(try parse("{\(first),\(other)\(tail)")[Text("k\(rest).")]?.integer == 1)
            }
        }
    }

    @Test("a dense document takes as much room as it needs", arguments: ["0,", "[],", "{},", "\"\",", "{\"\":0},"])
    func dense(item: String) throws {
        let root = try parse("[" + String(repeating: item, count: 20_000) + "[1,[2]]]")
        #expect(root.count == 20_001)
        #expect(root[20_000]?[1]?[0]?.integer == 2)
        #expect(root[19_999].map { Text(utf8: $0.spelling) } == Text(String(item.dropLast())))
    }

    @Test("an object's keys are told apart whatever their number", arguments: [2, 31, 32, 33, 100, 30_000])
    func manyKeys(count: Int) throws {
        let keys = (0..<count).map { $0.isMultiple(of: 3) ? #""\u006b\#($0)":\#($0)"# : #""k\#($0)":\#($0)"# }
        let unique = "{" + keys.joined(separator: ",") + "}"
        let root = try parse(unique)
        #expect(root.count == count)
        #expect(root[Text("k\(count - 1)")]?.integer == Int64(count - 1))
        let twice = "{" + keys.joined(separator: ",") + #","k0":0}"#
        #expect(refusal(Array(twice.utf8))?.reason == .duplicateKey)
        #expect(refusal(Array(twice.utf8))?.offset == unique.utf8.count)
    }

    @Test("canonically equivalent keys are two keys")
    func equivalentKeys() throws {
        let root = try parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(root["\u{E9}"]?.integer == 1)
        #expect(root["e\u{301}"]?.integer == 2)
    }

    @Test("no byte, wherever it is changed, makes the parser do worse than refuse")
    func mutations() {
        let seed = Array(#"{"a":[1,-2.5e3,true,null,"é\u00e9\ud83d\ude00"],"b":{"c":{},"d":[]},"":"x"}"#.utf8)
        var random = Randomness(state: 1)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                }
            }
            if let document = try? JSONDocument.parse(bytes) { walk(document.root) } else { refused += 1 }
        }
        for end in 0..<seed.count { #expect(refusal(Array(seed[..<end])) != nil) }
        #expect(refused > 10_000)
    }

    private func walk(_ node: JSONNode) {
        _ = (node.text, node.integer, node.number, node.bool, node.spelling.count)
        for element in node.elements { walk(element) }
        for (key, value) in node.members {
            #expect(node[key]?.span == value.span)
            walk(value)
        }
    }
}
