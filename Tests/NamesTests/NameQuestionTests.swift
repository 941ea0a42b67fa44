import JSON
import Testing

@testable import Names

@Suite("Questions for names as bytes")
struct NameQuestionTests {
    static func message(
        flags: UInt16 = 0x0100, counts: [UInt16] = [1, 0, 0, 0], name: [UInt8] = named("Api.Test").wire,
        type: UInt16 = 1, kind: UInt16 = 1, rest: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [0xAB, 0xCD]
        bytes.append(word: flags)
        for count in counts { bytes.append(word: count) }
        bytes += name
        bytes.append(word: type)
        bytes.append(word: kind)
        return bytes + rest
    }

    static func extensions(size: UInt16 = 4096, version: UInt8 = 0, data: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 41]
        bytes.append(word: size)
        bytes += [0, version, 0, 0]
        bytes.append(word: UInt16(data.count))
        return bytes + data
    }

    @Test("one question is read, its name in small letters")
    func reads() throws {
        let name: [UInt8] = [3] + "aPi".utf8 + [4] + "Test".utf8 + [0]
        let question = try NameQuestion(Self.message(name: name, type: 28))
        #expect(question.id == 0xABCD)
        #expect(question.name.description == "api.test")
        #expect(question.type == .aaaa)
        #expect(question.isInternet && question.isRecursionDesired && question.room == nil)
        // Clients that mix cases compare them.
        #expect(question.spelling.starts(with: name))
    }

    @Test("how much a client takes is kept within bounds", arguments: [(0, 512), (1000, 1000), (4096, 1232)])
    func room(said: UInt16, taken: Int) throws {
        let bytes = Self.message(counts: [1, 0, 0, 1], rest: Self.extensions(size: said, data: [0, 10, 0, 2, 1, 2]))
        #expect(try NameQuestion(bytes).room == taken)
    }

    static let refused: [(String, [UInt8], NameError)] = [
        ("nothing", [], .noQuestion),
        ("a short header", [UInt8](repeating: 0, count: 11), .noQuestion),
        ("an answer", message(flags: 0x8180), .noQuestion),
        ("an update", message(flags: 0x2800), .unsupportedOperation),
        ("no question", Array(message(counts: [0, 0, 0, 0]).prefix(12)), .malformed),
        ("two questions", message(counts: [2, 0, 0, 0], rest: [0, 0, 1, 0, 1]), .malformed),
        ("a question with answers", message(counts: [1, 1, 0, 0]), .malformed),
        ("a question with authorities", message(counts: [1, 0, 1, 0]), .malformed),
        ("two further records", message(counts: [1, 0, 0, 2], rest: extensions() + extensions()), .malformed),
        ("a further record that is missing", message(counts: [1, 0, 0, 1]), .malformed),
        (
            "a further record that is cut", message(counts: [1, 0, 0, 1], rest: extensions(data: [1]).dropLast()),
            .malformed
        ),
        ("a signature", message(counts: [1, 0, 0, 1], rest: [0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0]), .malformed),
        ("another version", message(counts: [1, 0, 0, 1], rest: extensions(version: 1)), .unsupportedVersion),
        ("bytes behind the end", message(rest: [0]), .malformed),
        ("a pointer", message(name: [0xC0, 0x0C]), .malformed),
        ("a label of another kind", message(name: [0x41, 0, 0]), .malformed),
        ("a name without an end", Array(message(name: [3] + "api".utf8).prefix(16)), .malformed),
        ("a label beyond the end", message(name: [60] + "api".utf8), .malformed),
        ("a name that is too long", message(name: (0..<128).flatMap { _ in [1, 0x61] } + [0]), .malformed),
        ("a dot inside a label", message(name: [3] + "a.b".utf8 + [0]), .unusableName),
        ("a zero byte inside a label", message(name: [3, 0x61, 0, 0x62, 0]), .unusableName),
        ("a blank inside a label", message(name: [3] + "a b".utf8 + [0]), .unusableName),
        ("a byte above ASCII", message(name: [2, 0xC3, 0xA9, 0]), .unusableName),
    ]

    @Test("what is not one question has no reading", arguments: refused)
    func refuses(what: String, bytes: [UInt8], error: NameError) {
        #expect(throws: error, "\(what)") { _ = try NameQuestion(bytes) }
    }

    @Test("a name has 253 letters, a label 63")
    func longest() {
        let label = String(repeating: "a", count: 63)
        #expect(DomainName(Text("\(label).\(label).\(label).\(String(repeating: "a", count: 61))")) != nil)
        #expect(DomainName(Text("\(label).\(label).\(label).\(String(repeating: "a", count: 62))")) == nil)
        #expect(DomainName(Text(label + "a")) == nil)
        #expect(DomainName("a..b") == nil)
        #expect(DomainName("a.")?.text == "a")
        #expect(DomainName("")?.wire == [0])
    }

    @Test("what is written is read", arguments: [RecordType.txt, .mx, RecordType(rawValue: 999)])
    func writes(type: RecordType) throws {
        let name = try #require(DomainName("_acme.Example.test"))
        let question = try NameQuestion(NameQuestion.write(name, type, id: 7))
        #expect(question.name == name && question.type == type && question.id == 7 && question.room == 1232)
        #expect(RecordType(type.name) == type)
    }

    @Test(
        "a type without a name is its number in digits (RFC 3597 section 5)",
        arguments: [
            ("TYPE999", 999), ("TXT", 16), ("TYPE+999", nil), ("TYPE-1", nil), ("TYPE", nil), ("TYPE65536", nil),
            ("type9", nil),
        ] as [(Text, UInt16?)])
    func types(name: Text, number: UInt16?) { #expect(RecordType(name)?.rawValue == number) }
}

/// A name of these tests, which is one.
func named(_ text: Text) -> DomainName { DomainName(text) ?? .root }
