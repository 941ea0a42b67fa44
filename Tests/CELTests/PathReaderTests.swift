import CEL
import JSON
import Testing

@Suite("Paths of a document are read in one pass")
struct PathReaderTests {
    private func table(_ paths: [[Text]]) -> SlotTable {
        var table = SlotTable()
        for path in paths { _ = table.slot(for: Reference("body", path)) }
        _ = table.slot(for: Reference("other"))
        return table
    }

    private func read(_ text: String, _ paths: [[Text]]) throws -> [Value] {
        let table = table(paths)
        var slots = [Value](repeating: .absent(.unbound), count: table.count)
        PathReader(table, variable: "body").fill(Value(try JSONDocument.parse(Array(text.utf8))), into: &slots)
        return slots
    }

    private func text(_ value: Value) -> String {
        if case .absent(let absence) = value { "\(absence)" } else { value.literal.string }
    }

    @Test("each slot has its value, or why it has none")
    func values() throws {
        let paths: [[Text]] = [
            ["a"], ["b", "c"], ["b"], ["x"], ["x", "y"], ["a", "z"], ["b", "d", "e"], ["k\n"], [],
        ]
        let slots = try read(#"{"b": {"q": 0, "c": "t"}, "k\n": 2, "a": 1}"#, paths)
        #expect(
            slots.dropLast(2).map(text) == [
                "1", "'t'", "{'q': 0, 'c': 't'}", "noSuchKey", "noContainer", "notMap", "noContainer", "2",
            ])
        #expect(text(slots[8]).hasPrefix("{'b': ") && text(slots[9]) == "unbound")
    }

    @Test("a variable without a value has the same reason for every path", arguments: [Absence.ambiguous, .unbound])
    func absent(reason: Absence) {
        let table = table([["a"], ["a", "b"], []])
        var slots = [Value](repeating: .null, count: table.count)
        PathReader(table, variable: "body").fill(reason, into: &slots)
        #expect(slots.map(text) == ["\(reason)", "\(reason)", "\(reason)", "null"])
        #expect(PathReader(table, variable: "none").isEmpty)
    }

    @Test("what is no object has no members")
    func scalars() throws {
        #expect(try read("[1]", [["a"], ["a", "b"]]).dropLast().map(text) == ["notMap", "notMap"])
        #expect(try read("{}", [["a"], ["a", "b"]]).dropLast().map(text) == ["noSuchKey", "noContainer"])
    }

    @Test("conditions say what they need to be true")
    func comparisons() throws {
        var table = SlotTable()
        let environment = Bench.environment()
        let both = try environment.compile(Array("1000 < body.amount && currency == 'usd'".utf8), slots: &table)
        #expect(both.comparisons.isWhole)
        #expect(both.comparisons.needed.map(\.relation) == [.greater, .equal])
        let one = try environment.compile(Array("currency == 'usd' && size(tags) > 1".utf8), slots: &table)
        #expect(!one.comparisons.isWhole && one.comparisons.needed.map(\.constant.literal) == ["'usd'"])
        let none = try environment.compile(Array("currency == 'usd' || amount > 1".utf8), slots: &table)
        #expect(none.comparisons.needed.isEmpty)
    }
}
