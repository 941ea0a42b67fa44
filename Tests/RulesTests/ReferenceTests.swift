import Calls
import JSON
import Testing

@testable import Rules

@Suite("References: values out of a call, in the words of CEL")
struct ReferenceTests {
    private func evaluate(_ text: Text, _ call: Call, path: Text = "/**") throws -> String {
        let facts = Facts(call: call, path: try PathTemplate.parse(path).get())
        do {
            return try facts.text(ReferenceParser.parse(text)).string
        } catch let failure as EvaluationFailure {
            return "! \(failure.description)"
        }
    }

    private static let body = #"""
        {"a": {"b c": [10, {"d": "deep"}], "e": true, "n": null}, "amount": 2500, "currency": "usd", "big": 1e2}
        """#

    @Test(
        "a JSON body is walked by name, key and index",
        arguments: [
            ("body.currency", "usd"), ("body.amount", "2500"), ("body.a.e", "true"), ("body['a']['b c'][1].d", "deep"),
            (#"body.a["b c"][0]"#, "10"), ("body.a['b c'][2]", "! missing_field: body.a['b c'][2]"),
            ("body.x", "! missing_field: body.x"), ("body.x.y", "! missing_field: body.x.y"),
            ("body.currency.x", "! wrong_type: body.currency.x"), ("body.a", "! wrong_type: body.a is no text"),
            ("body.a.n", "! wrong_type: body.a.n is no text"), ("body.a[0]", "! wrong_type: body.a[0]"),
            ("body.?x.orValue('none')", "none"), ("body.?currency.orValue('eur')", "usd"),
            ("body.a.?x.y.orValue(\"q\")", "q"), ("body[?'x'].orValue('none')", "none"),
            ("body.?x.orValue(body.?y.orValue(request.host))", "x.test"), ("body.big", "1e2"),
            ("form.a", "! wrong_type: form.a: the body is no form"), ("'it\\'s'", "it's"),
            ("money(body.amount, body.currency)", "25.00 USD"), ("money('5', 'JPY')", "5 JPY"),
            ("money(body.amount, 'zzz')", "! bad_amount: zzz is no currency"),
            ("money(body.big, 'USD')", "! bad_amount: body.big is not a plain decimal number"),
            ("  body . currency  ", "usd"),
        ] as [(Text, String)])
    func json(reference: Text, value: String) throws {
        let call = Sample.call("POST", "https://x.test/", document: try Sample.json(Self.body))
        #expect(try evaluate(reference, call) == value)
    }

    @Test(
        "a form has names, once each",
        arguments: [
            ("body.a", "1"), ("form.a", "1"), ("body['x[y]']", "2"), ("body.b", "! repeated_name: body.b"),
            ("body.?b.orValue('z')", "! repeated_name: body.?b.orValue('z')".replacing(".orValue('z')", with: "")),
            ("body.c", "! missing_field: body.c"), ("body.?c.orValue('z')", "z"),
            ("body.a.b", "! wrong_type: body.a.b: the values of a form are texts"),
            ("body[0]", "! wrong_type: body[0]: a form has names only"),
        ] as [(Text, String)])
    func form(reference: Text, value: String) throws {
        let call = Sample.call("POST", "https://x.test/", document: Sample.form("a=1&b=2&b=3&x%5By%5D=2"))
        #expect(try evaluate(reference, call) == value)
    }

    @Test(
        "the head has method, host, path, query and bound names",
        arguments: [
            ("request.method", "GET"), ("request.host", "x.test"), ("request.path", "/repos/o/r%20s"),
            ("params.owner", "o"), ("params['repo']", "r s"), ("query.q", "1"), ("query.t", "! repeated_name: query.t"),
            ("query.?z.orValue('-')", "-"), ("query.z", "! missing_field: query.z"),
        ] as [(Text, String)])
    func head(reference: Text, value: String) throws {
        let call = Sample.call("GET", "https://x.test/repos/o/r%20s?q=1&t=1&t=2")
        #expect(try evaluate(reference, call, path: "/repos/{owner}/{repo}") == value)
    }

    @Test("a body that cannot be read is not taken for one without the field")
    func opaque() throws {
        let call = Sample.call("POST", "https://x.test/", document: .opaque("1.5 MiB, more than is read"))
        #expect(try evaluate("body.?a.orValue('x')", call) == "! unreadable_body: 1.5 MiB, more than is read")
        let none = Sample.call("POST", "https://x.test/")
        #expect(try evaluate("body.?a.orValue('x')", none) == "x")
        #expect(try evaluate("body.a", none) == "! missing_field: body.a")
    }

    @Test(
        "what is no reference is refused at its place",
        arguments: [
            ("", Diagnostic.Code.badReference, 0), ("bdy.amount", .unknownName, 0), ("body.", .badReference, 5),
            ("body..a", .badReference, 5), ("body.a + 1", .badReference, 7), ("body.a == 'x'", .badReference, 7),
            ("body.?a", .openOptional, 0), ("body.?a.size()", .badReference, 8),
            ("body.a.orValue('x')", .badReference, 7),
            ("body.a.lowerAscii()", .badReference, 7), ("int(body.a)", .unknownName, 0), ("body['a", .badReference, 5),
            ("body[01]", .badReference, 5), ("body[-1]", .badReference, 5), ("body[a]", .badReference, 5),
            ("body[99999999999999999999]", .badReference, 5), ("body['a'", .badReference, 8),
            ("money(body.a)", .badReference, 12),
            ("request.headers", .unknownName, 0), ("params", .badReference, 6), ("'\\x41'", .badReference, 1),
            ("money(body.?a, 'usd')", .openOptional, 6), ("body.ä", .badReference, 5),
        ] as [(Text, Diagnostic.Code, Int)])
    func refused(text: Text, code: Diagnostic.Code, place: Int) throws {
        let failure = #expect(throws: ReferenceParser.Failure.self) { try ReferenceParser.parse(text) }
        #expect(failure?.code == code && failure?.range.lowerBound == place, "\(String(describing: failure))")
    }

    @Test("nesting and length end somewhere")
    func limits() {
        let nested = String(repeating: "body.?a.orValue(", count: 5000) + "'x'" + String(repeating: ")", count: 5000)
        #expect(throws: ReferenceParser.Failure.self) { try ReferenceParser.parse(Text(nested)) }
        let short = String(repeating: "body.?a.orValue(", count: 9) + "'x'" + String(repeating: ")", count: 9)
        #expect(throws: ReferenceParser.Failure.self) { try ReferenceParser.parse(Text(short)) }
        let steps = "body" + String(repeating: ".a", count: 16)
        #expect(throws: Never.self) { try ReferenceParser.parse(Text(steps)) }
        #expect(throws: ReferenceParser.Failure.self) { try ReferenceParser.parse(Text(steps + ".a")) }
    }
}

@Suite("Summary: one sentence, whatever the agent writes into it")
struct SummaryTests {
    private func render(_ text: Text, _ document: Document) throws -> String {
        let call = Sample.call("POST", "https://x.test/p", document: document)
        return try Summary.parse(text).render(Facts(call: call, path: .every))
    }

    @Test("values stand in their places, missing ones as a question mark and the reference")
    func values() throws {
        let document = try Sample.json(#"{"to": "bob", "n": 3, "o": {"x": [1]}, "e": ""}"#)
        #expect(try render("Send {{ body.n }} to {{body.to}}!", document) == "Send 3 to bob!")
        #expect(try render("{{ body.missing }} and {{ body.?x.orValue('}}') }}", document) == "?body.missing and }}")
        #expect(try render("{{ body.o }} {{ body.e }}{ } single", document) == #"{"x": [1]} { } single"#)
        #expect(try render("nothing", document) == "nothing")
        #expect(try render("{{ body.n }}", .opaque("big")) == "?body.n")
    }

    @Test("a value can neither hide, nor turn the sentence around, nor fill the screen")
    func hostile() throws {
        let long = String(repeating: "y", count: 500)
        let document = try Sample.json("{\"a\": \"x\u{202E}\\u0000\\n\", \"b\": \"\(long)\", \"c\": \"{{ body.a }}\"}")
        #expect(try render("{{ body.a }}", document) == "x⟨U+202E⟩⟨U+0000⟩↵")
        #expect(try render("{{ body.b }}", document) == String(repeating: "y", count: 120) + "…⟨380 more bytes⟩")
        #expect(try render("{{ body.c }}", document) == "{{ body.a }}")
    }

    @Test(
        "braces that do not fit are refused at their place",
        arguments: [
            ("a {{ body.b", Diagnostic.Code.badTemplate, 2), ("a }} b", .badTemplate, 2), ("{{ }}", .badReference, 3),
            ("x {{ body.a + 1 }}", .badReference, 12), ("{{ '}} }}", .badTemplate, 0),
        ] as [(Text, Diagnostic.Code, Int)])
    func refused(text: Text, code: Diagnostic.Code, place: Int) throws {
        let failure = #expect(throws: ReferenceParser.Failure.self) { try Summary.parse(text) }
        #expect(failure?.code == code && failure?.range.lowerBound == place, "\(String(describing: failure))")
    }
}
