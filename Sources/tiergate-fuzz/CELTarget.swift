import CEL
import JSON

extension FuzzTarget {
    static let cel = FuzzTarget(
        name: "cel",
        summary: "conditions: nothing traps, what is folded is what is evaluated, spans are inside of the source",
        seeds: [
            "body.amount > 10000 && body.currency == 'usd'",
            "has(body.to) ? body.to.all(a, a.endsWith('.test')) : false",
            "[1, 2u, 3.5].map(x, x * 2).filter(x, x > 2)", "{'a': 1, ?'b': body.?x}[?'a'].orValue(0)",
            "cel.bind(x, [1, 2], x.exists(i, v, i == v))", "'%s %.3f %x'.format(['a', 1.5, b'\\x00'])",
            "timestamp('2026-11-21T16:27:57Z').getHours('+01:00') + int(duration('1h30m'))",
            "ip('10.0.0.1') == ip('::1') || cidr('10.0.0.0/8').containsIP('10.1.1.1')",
            "math.greatest([1, 2.0, 3u]) - -9223372036854775808", "'/a/../b'.under('/a') || 'a*b'.glob('a**')",
            "sql.kind('SELECT 1; /* x */ DROP TABLE t')", "money(2500, 'usd') + string(decimal('1.50') + decimal('2'))",
            "[3, 1, 2].sortBy(x, -x).transformMap(i, v, i / v)", "'abc'.matches(r'^[a-c]{1,3}$')", "\"\\u00e9\".size()",
        ].map(\.bytes),
        dictionary: [
            "body", "body.", "&&", "||", "!", "==", "!=", "<=", "in", "?", ":", ".?", "[?", "{?", "has(", "all(",
            "exists(",
            "existsOne(", "map(", "filter(", "transformList(", "transformMap(", "transformMapEntry(", "optMap(",
            "sortBy(",
            "cel.bind(", "math.least(", "0x", "u", "9223372036854775807", "-9223372036854775808", "1e308", "'", "'''",
            "r'",
            "b'", "\\x", "\\U0010FFFF", "duration('", "timestamp('", "optional.none()", ".format([", "%.3f", "%s",
            "lists.range(",
            "string(", "int(", "bytes(", "size(", "base64.decode(", ".split(", ".replace(", ".substring(",
            "sets.contains(",
            "// c\n", "google.protobuf.Int32Value{", "type(", "dyn(", "null", "true", "`a-b`",
        ],
        run: { bytes throws(Finding) in
            guard bytes.count <= 4_096 else { return }
            for isUnchecked in [false, true] { try examine(bytes, isUnchecked: isUnchecked) }
        })

    private static func examine(_ source: [UInt8], isUnchecked: Bool) throws(Finding) {
        var environment = CEL.Environment([
            .init("body", .dyn, hasPaths: true), .init("amount", .int), .init("currency", .string),
            .init("params", .record("params", ["owner": .string]), hasPaths: true),
        ])
        environment.isUnchecked = isUnchecked
        environment.patternsAreConstant = false
        // An input takes milliseconds at most.
        environment.limits.steps = 50_000
        var table = SlotTable()
        let program: Program
        do throws(CompileFailure) {
            program = try environment.compile(source, slots: &table)
        } catch {
            try require(!error.diagnostics.isEmpty, "an expression is refused without a reason")
            for diagnostic in error.diagnostics {
                try require(
                    diagnostic.span.lowerBound >= 0 && diagnostic.span.upperBound <= source.count,
                    "a diagnostic is outside of the source: \(diagnostic)")
                _ = diagnostic.position(in: source)
            }
            return
        }
        let slots = table.references.map(slot)
        let first = outcome(program, slots)
        try requireSame(first, outcome(program, slots), "an expression has two results")
        let test = Result { () throws(EvaluationError) in try program.test(slots.span) }
        if case .success(let bool) = test {
            try requireSame(first, "{\"t\":\"bool\",\"v\":\(bool)}", "a condition is not what it evaluates to")
        }
    }

    private static func outcome(_ program: Program, _ slots: [Value]) -> String {
        do throws(EvaluationError) {
            let value = try program.evaluate(slots.span)
            // Values share their parts: what is small can be long when it is written.
            guard !value.isLarger(than: 10_000) else { return "large" }
            _ = value.literal
            return String(decoding: value.typed, as: UTF8.self)
        } catch {
            return error.description
        }
    }

    private static func slot(_ reference: Reference) -> Value {
        switch reference.variable {
        case "amount": return .int(20_000)
        case "currency": return .text("usd")
        case "params": return reference.path == ["owner"] ? .text("acme") : .absent(.noSuchKey)
        default: break
        }
        var value = body
        for key in reference.path {
            guard case .json(let tree, let index) = value else { return .absent(.notMap) }
            guard let member = tree.member(key.bytes.span, of: Int(index)) else { return .absent(.noSuchKey) }
            value = Value(tree, member)
        }
        return value
    }

    private static let body: Value = {
        let text =
            #"{"amount": 2500, "currency": "eur", "to": ["a@b.test", "é"], "n": {"x": null, "y": [1.5, -3]}, "wei": 1e30}"#
        return (try? JSONDocument.parse(text.bytes)).map { Value($0) } ?? .null
    }()
}
