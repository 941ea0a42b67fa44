import Calls
import JSON
import Testing

@testable import Rules

@Suite("Conditions: CEL over a call")
struct ConditionTests {
    /// The value of an expression as a summary shows it, or why it has none.
    private func evaluate(_ expression: String, _ call: Call, match: String = "", context: Context = .none) throws
        -> String
    {
        let quoted = expression.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let set = try Sample.set(
            Sample.source(
                """
                - id: r
                  tier: 4
                  match: {\(match)}
                  let: {value: "\(quoted)"}
                  summary: "{{ value }}"
                """, head: "lists: {scratch: [acme, other]}"))
        let verdict = set.judge(call, at: Sample.now, in: context)
        return verdict.matches.first?.failure.map { "! \($0)" } ?? verdict.summaries.joined(separator: " | ")
    }

    private static let body = #"""
        {"a": {"b c": [10, {"d": "deep"}], "e": true, "n": null}, "amount": 2500, "currency": "usd", "big": 1e2,
         "wei": 100000000000000000000000}
        """#

    @Test(
        "a JSON body is walked by name, key and index",
        arguments: [
            ("body.currency", "usd"), ("body.amount", "2500"), ("body.a.e", "true"), ("body['a']['b c'][1].d", "deep"),
            (#"body.a["b c"][0]"#, "10"), ("body.a['b c'][2]", "! missing_field: body.a['b c'][2]"),
            ("body.x", "! missing_field: body.x"), ("body.x.y", "! missing_field: body.x.y"),
            ("body.currency.x", "! wrong_type: body.currency.x"), ("body.a.n", "null"),
            ("body.?x.orValue('none')", "none"), ("body.?currency.orValue('eur')", "usd"),
            ("body.a.?x.y.orValue(\"q\")", "q"), ("body[?'x'].orValue('none')", "none"),
            ("body.?x.orValue(body.?y.orValue(request.host))", "x.test"), ("body.big", "100"),
            ("body.wei", "100000000000000000000000"), ("form.a", "! wrong_type: form.a"), ("'it\\'s'", "it's"),
            ("money(body.amount, body.currency)", "25.00 USD"), ("money(5, 'JPY')", "5 JPY"),
            ("body.amount + 1", "2501"), ("body.amount / 0", "! bad_number: body.amount / 0"),
            ("body.currency > 5", "! wrong_type: body.currency > 5"), ("has(body.x)", "false"),
            ("has(body.x.y)", "! missing_field: body.x.y"), ("has(body.x.y) || true", "true"),
            ("size(body)", "5"), ("body.a['b c'].exists(x, x == 10)", "true"),
            ("'acme' in lists.scratch && !('x' in lists.scratch)", "true"),
        ] as [(String, String)])
    func json(expression: String, value: String) throws {
        let call = Sample.call("POST", "https://x.test/", document: try Sample.json(Self.body))
        #expect(try evaluate(expression, call) == value)
    }

    @Test(
        "the path of a request ends where templates end it",
        arguments: [
            ("/v1/things/cancel", "/v1/things/cancel"), ("/v1/things/cancel/", "/v1/things/cancel"), ("/", "/"),
        ])
    func path(sent: String, judged: String) throws {
        #expect(try evaluate("request.path", Sample.call("POST", "https://x.test\(sent)")) == judged)
    }

    @Test(
        "a form has names, once each, and its values are texts",
        arguments: [
            ("body.a", "1"), ("form.a", "1"), ("body['x[y]']", "2"), ("body.b", "! repeated_name: body.b"),
            ("body.?b.orValue('z')", "! repeated_name: body.?b"), ("body.c", "! missing_field: body.c"),
            ("body.?c.orValue('z')", "z"), ("body.a.b", "! wrong_type: body.a.b"), ("int(body.a) + 1", "2"),
            ("body.a > 5", "! wrong_type: body.a > 5"),
            ("int(body['x[y]'] + 'e3')", "! bad_number: int(body['x[y]'] + 'e3')"),
        ] as [(String, String)])
    func form(expression: String, value: String) throws {
        let call = Sample.call("POST", "https://x.test/", document: Sample.form("a=1&b=2&b=3&x%5By%5D=2"))
        #expect(try evaluate(expression, call) == value)
    }

    @Test(
        "the head has method, host, path, query, headers and bound names",
        arguments: [
            ("request.method", "GET"), ("request.host", "x.test"), ("request.path", "/repos/o/r%20s"),
            ("request.scheme + string(request.port)", "https443"), ("params.owner", "o"), ("params['repo']", "r s"),
            ("query.q", "1"), ("query.t", "! repeated_name: query.t"), ("query.?z.orValue('-')", "-"),
            ("query.z", "! missing_field: query.z"), ("request.query.t", "[1, 2]"), ("size(request.query)", "2"),
            ("request.headers['x-a'][0]", "v"), ("request.headers.?missing.orValue(['none'])[0]", "none"),
            ("now > timestamp('2020-01-01T00:00:00Z')", "true"), ("agent.id", "test"),
        ] as [(String, String)])
    func head(expression: String, value: String) throws {
        let call = Sample.call("GET", "https://x.test/repos/o/r%20s?q=1&t=1&t=2", headers: [("X-A", "v")])
        #expect(try evaluate(expression, call, match: "path: '/repos/{owner}/{repo}'") == value)
    }

    @Test("an operation has its names and arguments")
    func operations() throws {
        let args = try JSONDocument.parse(Array(#"{"path": "/workspace/../etc", "n": {"m": 2}}"#.utf8)).root
        func value(_ expression: String, _ operation: Calls.Operation, _ match: String) throws -> String {
            try evaluate(expression, Sample.call("POST", "https://x.test/", operations: [operation]), match: match)
        }
        let mcp = Calls.Operation.mcp(server: "fs", tool: "write", args: args)
        #expect(try value("mcp.server + mcp.tool + args.path", mcp, "mcp: {server: fs}") == "fswrite/workspace/../etc")
        #expect(try value("args.path.under('/workspace')", mcp, "mcp: {server: fs}") == "false")
        #expect(try value("args.n.m + size(args)", mcp, "mcp: {server: fs}") == "4")
        #expect(try value("args.x", mcp, "mcp: {server: fs}") == "! missing_field: args.x")
        let bare = Calls.Operation.mcp(server: "fs", tool: "write", args: nil)
        #expect(try value("args.?x.orValue('-')", bare, "mcp: {server: fs}") == "-")
        let graphql = Calls.Operation.graphql(
            operation: "mutation", name: nil, field: "f", alias: nil, depth: 3, args: args, variables: args)
        #expect(
            try value(
                "graphql.alias + string(graphql.depth) + graphql.variables.path + args.path", graphql,
                "graphql: {field: f}")
                == "f3/workspace/../etc/workspace/../etc")
        let grpc = Calls.Operation.grpc(service: "s.S", method: "M")
        #expect(try value("grpc.service + grpc.method", grpc, "grpc: {service: s.S}") == "s.SM")
        let aws = Calls.Operation.aws(service: "iam", action: "Do")
        #expect(try value("aws.service + aws.action", aws, "aws: {service: iam}") == "iamDo")
    }

    @Test("what is not known of agent and session is no value, and a condition that needs it fails")
    func context() throws {
        let call = Sample.call("GET", "https://x.test/")
        #expect(try evaluate("session.calls > 5", call) == "! unknown_fact: session.calls")
        #expect(try evaluate("agent.owner", call) == "! unknown_fact: agent.owner")
        let context = Context {
            var known = Context.Known()
            known.owner = "bob"
            known.groups = ["dev"]
            known.labels = [("env", "prod")]
            known.calls = 9
            known.money = [("USD", 500)]
            known.flags = ["injection"]
            return known
        }
        func value(_ expression: String) throws -> String { try evaluate(expression, call, context: context) }
        #expect(try value("session.calls > 5 && agent.owner == 'bob'") == "true")
        #expect(try value("agent.labels.env + agent.labels.?x.orValue('-')") == "prod-")
        #expect(try value("'dev' in agent.groups && 'injection' in session.flags") == "true")
        #expect(try value("session.money.USD") == "500" && value("session.money.?EUR.orValue(0)") == "0")
    }

    @Test("a body that cannot be read is not taken for one without the field")
    func opaque() throws {
        let call = Sample.call("POST", "https://x.test/", document: .opaque("1.5 MiB, more than is read"))
        #expect(try evaluate("body.?a.orValue('x')", call) == "! unreadable_body: body.?a")
        let none = Sample.call("POST", "https://x.test/")
        #expect(try evaluate("body.?a.orValue('x')", none) == "x")
        #expect(try evaluate("body.a", none) == "! missing_field: body.a")
    }

    @Test(
        "what cannot be is refused at its place",
        arguments: [
            ("when: \"bdy.amount > 1\"", .unknownName, 9, nil), ("when: \"body.amount >\"", .syntax, nil, nil),
            ("when: \"body.amount + 1\"", .notBool, 9, nil), ("when: \"request.hots == 'x'\"", .unknownField, nil, nil),
            ("when: \"request.host > 5\"", .typeMismatch, nil, nil),
            ("when: \"lowercase(request.host) == 'x'\"", .unknownFunction, nil, nil),
            ("when: \"params.owner == 'x'\"", .unknownField, nil, nil),
            ("when: \"args.x == 1\"", .unknownName, 9, "args is known in rules that match mcp, graphql or jsonrpc"),
            ("when: \"mcp.tool == 'x'\"", .unknownName, nil, "mcp is known in rules whose match has mcp"),
            ("when: \"request.path.matches('(')\"", .badPattern, nil, nil),
            ("when: \"request.path.matches(body.x)\"", .badPattern, nil, nil),
            ("when: \"'x' in lists.nothing\"", .unknownField, nil, nil), ("when: \"x > 1\"", .unknownName, 9, nil),
            ("escalate: {4: \"1\"}", .notBool, 17, nil), ("escalate: {5: \"true\"}", .badValue, 13, nil),
            ("let: {body: \"1\"}", .badBinding, 8, nil),
            ("recipients: \"body\"", nil, nil, nil), ("recipients: \"1\"", .wrongResult, 15, nil),
            ("money: {minor: body.a, currency: \"1\"}", .wrongResult, nil, nil),
            ("observe: {get: x}", .badPath, nil, nil), ("summary: \"a {{ body. }}\"", .syntax, nil, nil),
            ("summary: \"a {{ bdy }}\"", .unknownName, 17, nil),
        ] as [(String, Diagnostic.Code?, Int?, String?)])
    func refused(line: String, code: Diagnostic.Code?, column: Int?, help: String?) {
        let found = Sample.errors(
            Sample.source("- id: r\n  tier: 2\n  match: {}\n  \(line)", head: "lists: {scratch: [a]}"))
        #expect(found.map(\.code) == (code.map { [$0] } ?? []), "\(found.map(\.rendered))")
        if let column { #expect(found.first?.span.column == column + 3, "\(found.map(\.rendered))") }
        if let help { #expect(found.first?.help == help) }
    }

    @Test("a condition that is no truth value is shown with its caret")
    func caret() {
        let found = Sample.errors(
            Sample.source(
                "- id: r\n  tier: 3\n  match: {}\n  let: {amount: int(body.amount)}\n  escalate: {4: \"amount\"}"))
        #expect(
            found.map(\.rendered) == [
                """
                error[R0231]: condition must be bool, this is int
                  --> rules/test.yaml:10:20  (rule r, escalate 4)
                   10 |     escalate: {4: "amount"}
                      |                    ^^^^^^ int
                   help: compare it, for example: amount > 1000
                """
            ])
    }

    @Test(
        "a condition that reads nothing of the call is warned of",
        arguments: ["1 < 2", "'a' in lists.scratch && false"])
    func constant(condition: String) {
        func codes(_ condition: String) -> [Diagnostic.Code] {
            let source = Sample.source(
                "- {id: r, tier: 2, match: {}, when: \"\(condition)\"}", head: "lists: {scratch: [a]}")
            return RuleSet.load([source], digest: "d", now: Sample.now).1.map(\.code)
        }
        #expect(codes(condition).contains(.alwaysSame))
        #expect(!codes("request.host == 'x' && \(condition.replacing("false", with: "true"))").contains(.alwaysSame))
    }

    @Test("when decides whether the rule speaks, escalate how loudly, and what fails says the most")
    func tiers() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: base, tier: 1, match: {host: x.test}}
                - id: r
                  match: {host: x.test}
                  let: {amount: int(body.amount)}
                  when: "body.kind != 'draft'"
                  tier: 2
                  escalate: {3: "amount > 10", 4: "amount > 100"}
                """))
        func judge(_ form: String) -> (Tier, String?, [String]) {
            let verdict = set.judge(Sample.call("POST", "https://x.test/", document: Sample.form(form)), at: Sample.now)
            return (verdict.tier, verdict.matches.first?.failure, verdict.matches.map(\.rule))
        }
        #expect(judge("kind=draft&amount=5").0 == .readOnly)
        #expect(judge("kind=x&amount=5").0 == .reversible)
        #expect(judge("kind=x&amount=11").0 == .external)
        #expect(judge("kind=x&amount=101").0 == .irreversible)
        #expect(judge("kind=x").0 == .irreversible && judge("kind=x").1 == "missing_field: body.amount")
        #expect(judge("amount=1").1 == "missing_field: body.kind")
        // What a name is bound to comes first: without an amount even a draft is not understood.
        #expect(judge("kind=draft").0 == .irreversible)
        let verdict = set.judge(
            Sample.call("POST", "https://x.test/", document: Sample.form("kind=x&amount=101")), at: Sample.now)
        #expect(verdict.reason == "rule r (rules/test.yaml:7): tier 4, irreversible, because amount > 100")
    }

    @Test("whom it reaches, what it moves and what shows it before are in the verdict")
    func findings() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - id: pay
                  match: {host: x.test}
                  let: {amount: int(body.amount), to: "body.?to.orValue('nobody')"}
                  money: {minor: amount, currency: "'usd'"}
                  recipients: "[to, 'bank']"
                  observe: {get: "/v1/charges/{{ to }}", fields: [amount_refunded]}
                  idempotency: Idempotency-Key
                  summary: "Send {{ money(amount, 'usd') }} to {{ to }}"
                """))
        let verdict = set.judge(
            Sample.call("POST", "https://x.test/", document: Sample.form("amount=2500&to=bob")), at: Sample.now)
        #expect(verdict.recipients == ["bob", "bank"] && verdict.money == [.init(minor: 2500, currency: "USD")])
        #expect(verdict.terms.observations == [.init(path: "/v1/charges/bob", fields: ["amount_refunded"])])
        #expect(verdict.terms.idempotency == "Idempotency-Key" && verdict.summaries == ["Send 25.00 USD to bob"])
        #expect(verdict.tier == .external)
    }

    @Test(
        "a value in the path of a look is one segment of it; where it is missing or climbs there is no path",
        arguments: [
            ("to=a%2F..%2Fb", "/v1/charges/a%2F..%2Fb?x=1"), ("to=a%3Fq%26r%23", "/v1/charges/a%3Fq%26r%23?x=1"),
            ("to=%C3%A9+%25", "/v1/charges/%C3%A9%20%25?x=1"), ("to=..", ""), ("to=.", ""), ("to=", ""), ("a=1", ""),
        ])
    func observedPath(form: String, path: String) throws {
        let set = try Sample.set(
            Sample.source(
                """
                - id: pay
                  match: {host: x.test}
                  tier: external
                  observe: {get: "/v1/charges/{{ body.to }}?x=1"}
                """))
        let verdict = set.judge(
            Sample.call("POST", "https://x.test/", document: Sample.form(form)), at: Sample.now)
        #expect(verdict.terms.observations == [.init(path: path, fields: [])])
    }
}

@Suite("Summary: one sentence, whatever the agent writes into it")
struct SummaryTests {
    private func render(_ text: Text, _ document: Document) throws -> String {
        let call = Sample.call("POST", "https://x.test/p", document: document)
        let set = try Sample.set(
            Sample.source("- id: r\n  tier: 3\n  match: {}\n  summary: '\(text.string.replacing("'", with: "''"))'"))
        return set.judge(call, at: Sample.now).summaries.joined()
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
        arguments: [("a {{ body.b", 2), ("a }} b", 2), ("{{ '}} }}", 0)] as [(Text, Int)])
    func refused(text: Text, place: Int) throws {
        let failure = #expect(throws: Summary.Malformed.self) { try Summary.parts(text) }
        #expect(failure?.range.lowerBound == place)
    }

    @Test("strings and maps inside an expression may have braces")
    func braces() throws {
        #expect(try Summary.parts("{{ {'a': {'b': 1}}.a }}x") == [.expression(2..<21), .text("x")])
    }
}
