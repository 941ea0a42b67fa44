import CEL
import JSON
import Testing

@Suite("Expressions and their values")
struct EvaluationTests {
    @Test(
        "arithmetic is exact, and an overflow is an error",
        arguments: [
            ("1 + 2 * 3 - 4 / 2 % 3", "5"), ("9223372036854775807 + 0", "9223372036854775807"),
            ("9223372036854775807 + 1", "error: return error for overflow"),
            ("-9223372036854775808 / -1", "error: return error for overflow"),
            ("-9223372036854775808 % -1", "error: return error for overflow"),
            ("-(-9223372036854775807)", "9223372036854775807"),
            ("-(-9223372036854775808)", "error: return error for overflow"),
            ("0u - 1u", "error: return error for overflow"),
            ("18446744073709551615u", "18446744073709551615u"), ("1 / 0", "error: division by zero"),
            ("1.0 / 0.0", "double('Infinity')"),
            ("amount * 461168601842739", "error: return error for overflow"), ("amount + 1", "20001"),
            ("--1", "1"), ("-amount", "-20000"), ("!!true", "true"), ("0.1 + 0.2", "0.30000000000000004"),
        ])
    func arithmetic(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "strings are code points, never normalised",
        arguments: [
            ("'\u{E9}' == 'e\u{301}'", "false"), ("size('e\u{301}')", "2"), ("body.u == '\u{E9}'", "false"),
            ("body.u == 'e\\u0301'", "true"), ("'\u{1F600}ab'.substring(1)", "'ab'"),
            ("'a\u{1F600}b'.charAt(1)", "'\u{1F600}'"),
            ("'\u{FFFF}' < '\u{10000}'", "true"), ("'abc'.reverse()", "'cba'"),
            ("' \u{3000}x\u{200B} '.trim()", "'x\\u200b'"),
            ("'a,b,c'.split(',', 2)", "['a', 'b,c']"), ("'abc'.replace('', '-')", "'-a-b-c-'"),
            ("'ab'.split('')", "['a', 'b']"),
            ("'tacocat'.lastIndexOf('ac', 3)", "1"), ("'hello'.indexOf('l', 20)", "-1"),
            ("['a', 'b'].join('-')", "'a-b'"),
            ("string(b'\\xff')", "error: invalid UTF-8"), ("bytes('\u{E9}')", "b'\\xc3\\xa9'"),
            ("strings.quote('a\"\\n')", "'\"a\\\\\"\\\\n\"'"),
        ])
    func strings(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "one operand that decides lets errors of the others go; else the error stands",
        arguments: [
            ("body.none > 1 || true", "true"), ("true || body.none > 1", "true"),
            ("body.none > 1 || false", "error: no such key"),
            ("body.none > 1 && false", "false"), ("body.none > 1 && true", "error: no such key"),
            ("1 / 0 > 0 ? 1 : 2", "error: division by zero"), ("false ? 1 / 0 : 2", "2"),
            ("[0, 1].exists(x, 1 / x > 0)", "true"), ("[0, 1].all(x, 1 / x > 1)", "false"),
            ("[0, 1].all(x, 1 / x > 0)", "error: division by zero"),
            ("[0, 1].exists_one(x, 1 / x > 0)", "error: division by zero"),
        ])
    func logic(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "a document is read where it lies, by paths and as a whole",
        arguments: [
            ("body.amount", "2500"), ("has(body.amount)", "true"), ("has(body.none)", "false"),
            ("has(body.none.deeper)", "error: no such key"), ("body.none.deeper", "error: no such key"),
            ("has(body.amount.deeper)", "error: no such overload"), ("body.n.x == null", "true"),
            ("has(body.n.x)", "true"),
            ("body.to[1]", "'c@d.test'"), ("body['to'][0]", "'a@b.test'"), ("body.to[2]", "error: index out of range"),
            ("body.to.exists(a, a.domain() == 'd.test')", "true"), ("body.?none.orValue(7)", "7"),
            ("body.?amount.orValue(7)", "2500"),
            ("body.?none.deeper.hasValue()", "false"), ("body[?'amount'].value()", "2500"), ("size(body)", "6"),
            ("'to' in body", "true"),
            ("body.n", "{'x': null}"), ("body.n == {'x': null}", "true"), ("body.big", "'18446744073709551616'"),
            ("decimal(body.big) > decimal(18446744073709551615u)", "true"), ("body.half", "0.5"),
            ("type(body.to) == list && type(body.n) == map", "true"), ("body.map(k, k).size()", "6"),
            ("body.to + ['x']", "['a@b.test', 'c@d.test', 'x']"), ("params.owner in lists.orgs", "true"),
            ("count(body.to) + count(body.amount) + count(body.n.x)", "3"),
        ])
    func documents(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "numbers of different types stand on one line; other types differ",
        arguments: [
            ("dyn(1) == 1u && dyn(1) == 1.0 && dyn(2u) > 1", "true"), ("dyn(-1) < 0u", "true"),
            ("dyn('1') == 1", "false"),
            ("{1: 'a'}[dyn(1.0)]", "'a'"), ("{1u: 'a', '1': 'b'}[dyn(1)]", "'a'"),
            ("{1: 1, 1u: 2}", "error: duplicate key"),
            ("dyn(1) in [1u, 2u]", "true"), ("double('nan') == double('nan')", "false"),
            ("[1, 2u] == [1.0, 2]", "true"),
            ("dyn(0.5) in [0, 1]", "false"), ("[1] < [2]", "refused: no-matching-overload"),
            ("dyn([1]) < dyn([2])", "error: no such overload"),
        ])
    func equality(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "macros",
        arguments: [
            ("[1, 2, 3].map(x, x % 2 == 1, x * x)", "[1, 9]"), ("{'a': 1}.exists(k, v, k == 'a' && v == 1)", "true"),
            ("[5, 6].transformList(i, v, i * v)", "[0, 6]"), ("['a'].transformMap(i, v, v + 'b')", "{0: 'ab'}"),
            ("['a', 'b'].transformMapEntry(i, v, {v: i})", "{'a': 0, 'b': 1}"),
            ("['a', 'a'].transformMapEntry(i, v, {v: i})", "error: duplicate key"), ("cel.bind(x, 2, x * x + x)", "6"),
            ("[3, 1, 2].sortBy(x, -x)", "[3, 2, 1]"), ("[[3], [1]].map(x, x.map(y, y + x[0]))", "[[6], [2]]"),
            ("optional.of(2).optMap(x, x + 1)", "optional.of(3)"),
            ("optional.of(2).optFlatMap(x, optional.none())", "optional.none()"),
            ("[1].all(1, true)", "refused: macro"), ("has(1)", "refused: macro"),
            ("[1].all(x, x, x > 0)", "refused: macro"),
            ("[1, [2, [3]]].flatten(2)", "[1, 2, 3]"), ("sets.contains([1, 2], [2u])", "refused: no-matching-overload"),
            ("sets.intersects([1, 2], [2, 3])", "true"), ("[1, 1, 2].distinct()", "[1, 2]"),
            ("lists.range(3)", "[0, 1, 2]"),
        ])
    func macros(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "formats",
        arguments: [
            ("'%.3f|%.0f|%.0f|%.2f'.format([123.4999, 2.5, 3.5, 0.005])", "'123.500|2|4|0.01'"),
            ("'%.1e'.format([-3.14])", "'-3.1e+00'"),
            ("'%e'.format([0.0])", "'0.000000e+00'"),
            ("'%s'.format([[1.0, 1e30]])", "'[1, 1000000000000000000000000000000]'"),
            ("'%x %X %o %b'.format([-255, 'az', 8, true])", "'-ff 617A 10 1'"),
            ("'%d'.format(['a'])", "error: invalid argument"),
            ("'%s %s'.format([1])", "error: index out of range"), ("'%s %s'.format(body.to)", "'a@b.test c@d.test'"),
            ("'%s %s %s'.format(body.to)", "error: index out of range"),
            ("'%s'.format([{'b': {'d': 1}, 'a': [2]}])", "'{a: [2], b: {d: 1}}'"), ("'%s'.format([{}])", "'{}'"),
            ("'%.1001f'.format([1.0])", "error: invalid argument"),
            ("string(1e21) + string(-0.0001) + string(0.00001)", "'1e+21-0.00011e-05'"),
            ("'%.20f'.format([0.1])", "'0.10000000000000000555'"), ("'%.3f'.format([5e-324])", "'0.000'"),
        ])
    func formats(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "times",
        arguments: [
            ("timestamp('2026-11-21T16:27:57.5Z') + duration('1h30m')", "timestamp('2026-11-21T17:57:57.5Z')"),
            ("timestamp('2024-02-29T00:00:00Z').getDayOfYear()", "59"),
            ("timestamp('2023-02-29T00:00:00Z')", "error: range error"),
            ("timestamp('0001-01-01T00:00:00Z') - duration('1ns')", "error: range error"),
            ("duration('-1.5s')", "duration('-1.5s')"),
            ("duration('9223372037s')", "error: range error"), ("duration('1x')", "error: type conversion error"),
            ("duration('1.234s').getMilliseconds()", "234"),
            ("timestamp('2026-07-01T12:00:00Z').getHours('Test/Berlin')", "14"),
            ("timestamp('2026-01-01T12:00:00Z').getHours('Test/Berlin')", "13"),
            ("timestamp('2026-01-01T12:00:00Z').getHours('-02:30')", "9"),
            ("timestamp('2026-01-01T12:00:00Z').getHours('No/Where')", "refused: time-zone"),
            ("timestamp('1969-12-31T23:59:59.9Z').getMilliseconds()", "900"),
            ("timestamp('1969-12-31T23:59:59Z').getDayOfWeek()", "3"),
        ])
    func times(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test("a case of a test suite is evaluated with its types")
    func cases() throws {
        let line =
            #"{"id": "a", "expr": "x + 1", "type_env": [{"name": "x", "type": "int"}], "bindings": {"x": {"t": "int", "v": "4"}}}"#
        let outcome = try EvaluationCase(try JSONDocument.parse(Array(line.utf8)).root, zones: { _ in nil }).run()
        guard case .value(let value) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(String(decoding: value.typed, as: UTF8.self) == #"{"t":"int","v":"5"}"#)
    }

    @Test("values are written with their types and read again")
    func typed() throws {
        let source =
            "[null, true, 1, 2u, -0.0, 1.5, 5e-324, 'a', b'\\x00', {'k': [timestamp(0)]}, duration('-1.5s'), int, {}]"
        var table = SlotTable()
        let value = try CEL.Environment([]).compile(Array("dyn(\(source))".utf8), slots: &table).evaluate(
            [Value]().span)
        let again = try #require(Value(typed: try JSONDocument.parse(value.typed).root))
        #expect(again.typed == value.typed)
    }
}
