import Calls
import JSON
import Testing

struct FieldsTests {
    private func lines(_ fields: Fields) -> [String] {
        (0..<fields.count).map {
            "\(String(decoding: fields.name(at: $0), as: UTF8.self)): \(String(decoding: fields.value(at: $0), as: UTF8.self))"
        }
    }

    @Test("fields keep order, spelling and repetition")
    func order() {
        let fields: Fields = ["B": "1", "a": "2", "b": "", "A": "4"]
        #expect(lines(fields) == ["B: 1", "a: 2", "b: ", "A: 4"])
        #expect(fields.count == 4 && !fields.isEmpty && Fields().isEmpty)
        #expect(fields.count(of: "b") == 2 && fields.count(of: "c") == 0)
        #expect(fields.values(of: "A").map { String(decoding: $0, as: UTF8.self) } == ["2", "4"])
        #expect(fields.text("B") == "1" && fields.text("c") == nil)
    }

    @Test(
        "names are the same without regard to ASCII case, and only then",
        arguments: [
            ("Content-Type", "content-type", true), ("CONTENT-TYPE", "content-Type", true), ("A", "a", true),
            ("Content-Type", "Content-Typ", false), ("Content-Typ", "Content-Type", false), ("", "", true),
            // Pairs that differ in the bit that tells capitals from small letters, and are no letters.
            ("@", "`", false), ("[", "{", false), ("^", "~", false), ("-", "\r", false), ("_", "\u{7F}", false),
            ("0", "\u{10}", false), ("K", "\u{212A}", false), ("k", "\u{212A}", false), ("é", "É", false),
            ("é", "e\u{301}", false), ("é", "é", true),
        ])
    func names(_ stored: String, _ asked: String, _ same: Bool) {
        var fields = Fields()
        fields.append(stored, "x")
        #expect(fields.contains(asked) == same)
        #expect(fields.has(asked, at: 0) == same)
        #expect((fields.first(asked) != nil) == same)
        #expect(!fields.isRepeated(at: 0))
        fields.append(asked, "y")
        #expect(fields.isRepeated(at: 0) == same && fields.isRepeated(at: 1) == same)
    }

    @Test("setting replaces every field of the name, removing removes every one")
    func changes() {
        var fields: Fields = ["A": "1", "b": "2", "a": "3"]
        let copy = fields
        fields.set("a", "4")
        #expect(lines(fields) == ["b: 2", "a: 4"])
        fields.remove("B")
        #expect(lines(fields) == ["a: 4"])
        fields.remove("nothing")
        #expect(lines(fields) == ["a: 4"])
        #expect(lines(copy) == ["A: 1", "b: 2", "a: 3"])
    }

    @Test("fields that pass are the same fields, in order")
    func filter() {
        let fields: Fields = ["A": "1", "b": "2", "a": "3"]
        #expect(lines(fields.filter { !fields.has("b", at: $0) }) == ["A: 1", "a: 3"])
        #expect(fields.filter { _ in false }.isEmpty && lines(fields.filter { _ in true }) == lines(fields))
    }

    @Test("a value that is no UTF-8 is bytes, and no text")
    func bytes() {
        var fields = Fields()
        fields.append("A".utf8, [0xFF, 0x00])
        #expect(fields.text("a") == nil)
        #expect(fields.first("a").map(Array.init) == [0xFF, 0x00])
    }

    @Test("what is known of a name goes with its field")
    func known() {
        var fields: Fields = ["Host": "a", "AUTHORIZATION": "b", "X-Api-Key": "c", "content_type": "d"]
        #expect(fields.contains(.host) && fields.contains(.underscored) && !fields.contains(.contentType))
        #expect(fields.known(at: 1) == .authorization && fields.known(at: 2) == .credential && fields.hasCredential)
        fields.remove("authorization")
        #expect(!fields.contains(.authorization) && fields.first(.authorization) == nil && fields.hasCredential)
        #expect(!fields.filter { $0 == 0 }.hasCredential)
        fields.set("Authorization", "e")
        #expect(fields.first(.authorization).map(Array.init) == Array("e".utf8))
    }

    @Test("an index over a block of bytes is the fields in it")
    func block() {
        let block = Array("Host: a\r\nX:\r\n".utf8)
        var index = FieldIndex(reserving: 2)
        index.append(.host, name: 0..<4, value: 6..<7)
        index.append(.ordinary, name: 9..<10, value: 11..<11)
        var fields = Fields(block, index)
        #expect(lines(fields) == ["Host: a", "X: "])
        fields.append("Y", "z")
        #expect(lines(fields) == ["Host: a", "X: ", "Y: z"])
    }
}
