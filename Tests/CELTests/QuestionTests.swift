import CEL
import JSON
import Testing

@Suite("Questions about slots")
struct QuestionTests {
    @Test(
        "the quick way and the machine agree, for values of every type and for none",
        arguments: [
            "body.x == 1", "body.x != 'a'", "body.x < 5", "'b' > body.x", "body.x in [1, 'a', true]",
            "body.x in ['a', 'b']",
            "body.x.startsWith('a')", "body.x.endsWith('a')", "body.x.contains('a')", "!body.x.contains('a')",
            "!(body.x in ['a', 1])", "!(body.x < 5)", "!!(body.x == 1)", "has(body.x)", "!has(body.x)",
            "has(body.x) && body.x == 1", "body.x", "body.x == true",
            "body.x == 1 && body.y == 2", "body.x == 1 || body.y == 2", "body.x == 1.0", "body.x == null",
            "body.x in []",
        ])
    func agreement(source: String) throws {
        var table = SlotTable()
        let program = try Bench.environment().compile(Array("dyn(\(source))".utf8), slots: &table)
        let quick = try Bench.environment().compile(Array(source.utf8), slots: &table)
        let values: [Value] = [
            .int(1), .int(7), .text("a"), .text("b"), .text(""), .bool(true), .bool(false), .double(1), .uint(1), .null,
            .list([]), .absent(.noSuchKey), .absent(.notMap), .absent(.unbound),
        ]
        for x in values {
            for y in [Value.int(2), .text("z"), .absent(.noSuchKey)] {
                let slots = [x, y]
                #expect(
                    outcome { () throws(EvaluationError) in try quick.test(slots.span) }
                        == outcome { () throws(EvaluationError) in
                            guard case .bool(let bool) = try program.evaluate(slots.span) else {
                                throw EvaluationError(.noSuchOverload)
                            }
                            return bool
                        })
            }
        }
        #expect(throws: EvaluationError.self) { try quick.test([Value]().span) }
    }

    private func outcome(_ body: () throws(EvaluationError) -> Bool) -> String {
        do throws(EvaluationError) { return "\(try body())" } catch { return error.kind.rawValue }
    }
}
