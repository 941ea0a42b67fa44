import CEL
import JSON
import Testing

@Suite("An expression is explained by its parts")
struct ExplanationTests {
    private func explain(_ source: String) throws -> [String] {
        var table = SlotTable()
        let program = try Bench.environment().compile(Array(source.utf8), slots: &table)
        return program.explain(Bench.slots(table).span).map { part in
            let text = String(decoding: Array(source.utf8)[part.span], as: UTF8.self)
            switch part.outcome {
            case .success(let value): return "\(text) -> \(value.literal)"
            case .failure(let error): return "\(text) -> \(error.kind.rawValue)"
            }
        }
    }

    @Test("outer before inner, errors with their reason")
    func parts() throws {
        #expect(
            try explain("amount > 10000 && body.none == 1") == [
                "amount > 10000 && body.none == 1 -> no such key", "amount > 10000 -> true", "amount -> 20000",
                "10000 -> 10000", "body.none == 1 -> no such key", "body.none -> no such key", "1 -> 1",
            ])
    }

    @Test("what is inside of a macro has no one value")
    func macros() throws {
        #expect(
            try explain("body.to.all(a, a != currency)") == [
                "body.to.all(a, a != currency) -> true", "body.to -> ['a@b.test', 'c@d.test']",
            ])
    }
}
