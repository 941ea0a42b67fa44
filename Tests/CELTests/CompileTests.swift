import CEL
import JSON
import Testing

@Suite("Conditions are checked when they are loaded")
struct CompileTests {
    private func diagnostics(_ source: String, _ environment: CEL.Environment = Bench.environment())
        -> [CompileDiagnostic]
    {
        var table = SlotTable()
        do throws(CompileFailure) {
            _ = try environment.compile(Array(source.utf8), expecting: .bool, slots: &table)
            return []
        } catch {
            return error.diagnostics
        }
    }

    @Test(
        "what does not fit is refused with its place, and its twin is not",
        arguments: [
            ("params.ownr == 'a'", "params.owner == 'a'", CompileDiagnostic.Code.noSuchField, "did you mean 'owner'?"),
            ("params['x'] == 'a'", "params['repo'] == 'a'", .noSuchField, "it has: owner, repo"),
            ("amout > 1", "amount > 1", .undeclaredName, "did you mean 'amount'?"),
            ("amount", "amount > 1", .wrongResult, "compare it, for example: … > 1000"),
            (
                "amount == 'a'", "string(amount) == 'a'", .noMatchingOverload,
                "convert the text first, for example: int(…)"
            ),
            (
                "amount + 1u > 1", "amount + 1 > 1", .noMatchingOverload,
                "convert one of them: int(…), uint(…) or double(…)"
            ),
            ("currency.size > 1", "currency.size() > 1", .noSuchField, nil),
            ("currency.lower() == 'a'", "currency.lowerAscii() == 'a'", .undeclaredFunction, nil),
            ("currency.startswith('a')", "currency.startsWith('a')", .undeclaredFunction, "did you mean 'startsWith'?"),
            (
                "body.?x > 1", "body.?x.orValue(0) > 1", .noMatchingOverload,
                "say what it is where there is none: ….orValue(…)"
            ),
            ("currency.matches('(')", "currency.matches('x')", .pattern, nil),
            (
                "currency.matches(tags[0])", "currency.matches(r'\\d')", .pattern,
                "compare with ==, startsWith, contains or glob"
            ),
            ("true &&", "true && true", .syntax, "a value is expected here"),
            ("'a", "'a' == 'b'", .syntax, "end it with '"),
            ("'\\q' == 'a'", "r'\\q' == 'a'", .literal, "write \\\\ for a backslash, or a raw string: r'…'"),
            ("'\\ud800' == 'a'", "'\\u00e9' == 'a'", .literal, nil),
            ("9223372036854775808 > 1", "9223372036854775807 > 1", .literal, nil),
            ("!-1 > 0", "!(-1 > 0)", .syntax, nil), ("let > 1", "dyn(1) > 1", .syntax, nil),
            ("{1.5: 1} == {}", "{1: 1} == {}", .mapKey, nil),
            (
                "(true ? 1 : 'a') == 1", "(true ? 1 : 2) == 1", .noMatchingOverload,
                "dyn(…) around one of them says that this is meant"
            ),
            ("true true", "true && true", .syntax, "put an operator between the two"),
        ] as [(String, String, CompileDiagnostic.Code, String?)])
    func refused(wrong: String, right: String, code: CompileDiagnostic.Code, help: String?) {
        let found = diagnostics(wrong)
        #expect(found.first?.code == code, "\(found)")
        if let help { #expect(found.first?.help == help) }
        #expect(diagnostics(right) == [])
    }

    @Test("every error is found in one go, in order, with line and column")
    func several() {
        let source = "amount == 'a'\n  && currency > 1 \n && nope"
        let found = diagnostics(source)
        #expect(found.map(\.code) == [.noMatchingOverload, .noMatchingOverload, .undeclaredName])
        #expect(found.last?.position(in: Array(source.utf8)).line == 3)
        #expect(found.last?.position(in: Array(source.utf8)).column == 5)
    }

    @Test("the limits are errors, and what is just inside of them is evaluated")
    func limits() {
        func nested(_ depth: Int) -> String {
            String(repeating: "(1 + ", count: depth) + "1" + String(repeating: ")", count: depth) + " > 0"
        }
        var environment = Bench.environment()
        #expect(diagnostics(nested(150)) == [])
        #expect(diagnostics(nested(5_000)).map(\.code) == [.limit])
        #expect(diagnostics(String(repeating: "!", count: 60_000) + "true") == [])
        #expect(diagnostics(String(repeating: "[", count: 60_000)).map(\.code) == [.limit])
        #expect(diagnostics((0..<9_000).map { _ in "1" }.joined(separator: "+") + " > 0").map(\.code) == [.limit])
        #expect(diagnostics(String(repeating: " ", count: 70_000) + "true").map(\.code) == [.limit])
        let loops = "body.to.all(a, body.to.all(b, body.to.all(c, body.to.all(d, a == b && c == d))))"
        #expect(diagnostics(loops).map(\.code) == [.cost])
        environment.limits.estimatedLength = 10
        #expect(diagnostics(loops, environment) == [])
    }

    @Test("what takes too long at run time ends in an error")
    func steps() {
        var environment = Bench.environment()
        environment.limits.steps = 2_000
        #expect(Bench.run("lists.range(amount).size() > 0", environment) == "error: the limit of steps is reached")
        #expect(Bench.run("lists.range(amount / 100).size() > 0", environment) == "true")
        let doubling = "[tags]" + String(repeating: ".map(x, [x, x])", count: 30)
        #expect(Bench.run("\(doubling) == \(doubling)", environment) == "error: the limit of steps is reached")
        let text = "['\(String(repeating: "x", count: 500))']" + String(repeating: ".map(x, x + x)", count: 20)
        #expect(Bench.run("\(text) != []", environment) == "error: the limit of steps is reached")
    }

    @Test(
        "no number gives steps back, neither one of a call nor one that is too large; once used up they stay so",
        arguments: [
            ("body.l[?int(body.m)].orValue(0) == 0", "true"),
            ("body.l[?int(body.m)].orValue(0) == 0 && \(work)", limit),
            ("body.l[int(body.m)] == 0", "error: index out of range"), ("body.l[int(body.m)] == 0 || \(work)", limit),
            ("body.l[?9223372036854775807].orValue(0) == 0", "true"), ("\(endless) || \(endless)", limit),
            ("\(endless) || body.l[0] == 1", limit), ("!(\(endless) && body.l[0] == 2)", limit),
            ("[1, 2].exists(x, \(endless)) || [1].all(x, true)", limit),
        ])
    func stepsAreUsedUp(source: String, value: String) {
        var environment = Bench.environment()
        environment.limits.steps = 200_000
        #expect(Bench.run(source, environment, body: #"{"m": -9223372036854775808, "l": [1, 2]}"#) == value)
    }

    private static let work = "lists.range(500).all(x, lists.range(500).all(y, y >= 0))"
    private static let endless = "lists.range(9223372036854775807 - size(body)).size() == 0"
    private static let limit = "error: the limit of steps is reached"

    @Test("a format makes no more than the limit of steps, counted before it grows")
    func formats() {
        var environment = Bench.environment()
        environment.limits.steps = 2_000
        func run(_ verbs: String, _ values: String, _ count: Int) -> String {
            let body = #"{"s": "\#(String(repeating: "x", count: count))", "t": 1}"#
            return Bench.run("'\(verbs)'.format(\(values)).size()", environment, body: body)
        }
        #expect(run("%x%x", "[body.s, body.s]", 300) == "1200")
        #expect(run("%x%x%x%x", "[body.s, body.s, body.s, body.s]", 300) == CompileTests.limit)
        #expect(run("%x", "[body.s]", 1_001) == CompileTests.limit)
        #expect(run("%s%s", "[body.s, body.s]", 500) == "1000")
        #expect(run("%s%s", "[body.s, body.s]", 1_001) == CompileTests.limit)
        #expect(run("%s", "[{body.s + 'a': 1, body.s + 'b': 2}]", 300) == "612")
        #expect(run("%s", "[{body.s + 'a': 1, body.s + 'b': 2, body.s + 'c': 3}]", 600) == CompileTests.limit)
        #expect(run("%.999f", "[body.t]", 1) == "1001")
        #expect(run("%.999f%.999f", "[body.t, body.t]", 1) == CompileTests.limit)
    }

    @Test("constants are folded, and paths are slots of their own")
    func folding() throws {
        var table = SlotTable()
        let environment = Bench.environment()
        func compile(_ source: String) throws -> Program { try environment.compile(Array(source.utf8), slots: &table) }
        #expect(try compile("size('abc') + 2 * 3 == 9 && !false").constant?.literal == "true")
        #expect(try compile("amount > 1 || true").constant?.literal == "true")
        #expect(try compile("1 / 0 == 1").constant == nil)
        let program = try compile(
            "body.a.b > 1 && has(body.c) && body['d-e'] == 1 && body.a.b < 9 && body.?f.hasValue()")
        #expect(program.slots.map { table.references[$0].description } == ["body.a.b", "body.c", "body.d-e", "body.f"])
        #expect(try compile("body.size() > 1").slots.map { table.references[$0].description } == ["body"])
    }

    @Test("a slot that has nothing says why")
    func absences() throws {
        var table = SlotTable()
        let read = try Bench.environment().compile(Array("body.a == 1".utf8), slots: &table)
        let has = try Bench.environment().compile(Array("has(body.a)".utf8), slots: &table)
        func kind(_ program: Program, _ value: Value) -> String {
            do throws(EvaluationError) { return "\(try program.test([value].span))" } catch {
                return error.kind.rawValue
            }
        }
        for (absence, error, presence) in [
            (Absence.noSuchKey, "no such key", "false"), (.noContainer, "no such key", "no such key"),
            (.notMap, "no such overload", "no such overload"), (.unbound, "no value for", "no value for"),
            (.ambiguous, "more than one value for", "true"),
        ] {
            #expect(kind(read, .absent(absence)) == error)
            #expect(kind(has, .absent(absence)) == presence)
        }
        #expect(kind(read, .int(1)) == "true" && kind(has, .null) == "true")
        #expect(throws: EvaluationError.self) { try read.test([Value]().span) }
    }

    @Test("names of the container come first, variables of macros before all, a leading point is absolute")
    func names() {
        var environment = CEL.Environment([
            .init("a.b.x", .int, constant: .int(1)), .init("x", .int, constant: .int(2)),
        ])
        environment.container = "a.b"
        #expect(Bench.run("x", environment) == "1")
        #expect(Bench.run(".x", environment) == "2")
        #expect(Bench.run("[3].map(x, x + .x)", environment) == "[5]")
        #expect(Bench.run("b.x", environment) == "1")
    }
}
