import Calls
import JSON
import Testing
import Wire

struct GraphQLReaderTests {
    private func read(_ query: String, _ rest: String = "", limits: DecodingLimits = .default) -> [String] {
        let body = "{\"query\":\(text(JSONWriter.string(query)))\(rest)}"
        return operations("https://a.test/graphql", "application/json", body, knowing: .init(limits: limits))
    }

    @Test(
        "root fields are found under their real names",
        arguments: [
            ("{ a }", ["query: a 0"]), ("query Q { a b { c { d } } }", ["query Q: a 0", "query Q: b 2"]),
            (
                "mutation { viewer: deleteIssue(input:{id:\"I\"}) { x } }",
                ["mutation: viewer=deleteIssue {\"input\":{\"id\":\"I\"}} 1"]
            ),
            ("mutation { ... on Mutation { ... { deleteIssue(a:1) } } }", ["mutation: deleteIssue {\"a\":1} 0"]),
            (
                "mutation { ...F } fragment F on Mutation { ...G } fragment G on Mutation { drop { a } }",
                ["mutation: drop 1"]
            ),
            ("query A { viewer } mutation B { del }", ["query A: viewer 0", "mutation B: del 0"]),
            (
                "subscription S($a: [Int!]! = [1] @x) @y(z: 1) { a(b: $a) @skip(if: true) }",
                ["subscription S: a {\"b\":[1]} 0"]
            ),
            (
                "mutation { addComment(body: \"\"\"} query { viewer } \"\"\") { id } del }",
                ["mutation: addComment {\"body\":\"} query { viewer } \"} 1", "mutation: del 0"]
            ),
            ("# c\u{2028}\n\u{FEFF}".prefix(3) + "\n{ a, , b }", ["query: a 0", "query: b 0"]),
            (
                "{ a(s: \"\\u0041\\u{1F600}\\\"\\n\", e: RED, n: null, t: true, l: [1.5e3, -0], o: {k: {}}) }",
                [
                    "query: a {\"s\":\"A😀\\\"\\n\",\"e\":\"RED\",\"n\":null,\"t\":true,\"l\":[1.5e3,-0],\"o\":{\"k\":{}}} 0"
                ]
            ),
            (
                "{ query mutation fragment on }",
                ["query: query 0", "query: mutation 0", "query: fragment 0", "query: on 0"]
            ),
            (
                "{ a(b: \"\"\"\n    one\n      two\n    \\\"\"\"\n  \"\"\") }",
                ["query: a {\"b\":\"one\\n  two\\n\\\"\\\"\\\"\"} 0"]
            ),
        ] as [(any StringProtocol & Sendable, [String])])
    func fields(_ query: any StringProtocol & Sendable, _ expected: [String]) {
        #expect(read(String(query)) == expected)
    }

    @Test("variables are put into arguments, or their defaults")
    func variables() {
        let query = "mutation($i: I!, $j: Int = 7, $k: Int) { f(input: $i, j: $j, k: [$k]) }"
        #expect(
            read(query, ",\"variables\":{\"i\":{\"id\": 1}}") == [
                "mutation: f {\"input\":{\"id\": 1},\"j\":7,\"k\":[null]} 0"
            ])
        #expect(read(query, ",\"variables\":null").count == 1)
        #expect(read(query, ",\"variables\":[]") == ["malformed_graphql"])
    }

    @Test(
        "a query without one reading is refused",
        arguments: [
            "", "{", "{}", "{ a", "{ a } }", "query", "{ a() }", "{ a(b) }", "{ a(b: ) }", "{ a(b: 01) }",
            "{ a(b: 1x) }",
            "{ a(b: 1.) }", "{ a(b: \"x) }", "{ a(b: \"\n\") }", "{ a(b: \"\\x\") }", "{ a(b: \"\\uD800\") }",
            "{ a(b: \"\\u{D800}\") }", "{ a(b: \"\"\"x) }", "{ a(b: 1, b: 2) }", "{ a(o: {k: 1, k: 2}) }", "{ ...F }",
            "{ ...F } fragment F on Q { ...F }", "{ ...F } fragment F on Q { ...G } fragment G on Q { ...F }",
            "{ ...F } fragment F on Q { a } fragment F on Q { b }", "{ a } { b }", "{ a } query B { b }",
            "query A { a } mutation A { b }", "query($a: Int, $a: Int) { a }", "fragment F on Q { a }",
            "type T { a: Int }",
            "{ a .. b }", "{ a; b }", "{ a\u{0} }", "{ é }", "fragment on on Q { a } { b }",
            "extend type T { a: Int } { a }",
        ])
    func refused(_ query: String) {
        let expected = query.isEmpty ? "unreadable 4" : "malformed_graphql"
        #expect(read(query) == [expected])
    }

    @Test("fields are limited to 1,000 with fragments put in, and nesting to 16")
    func limits() {
        let ten = "fragment F on Q { " + String(repeating: "a ", count: 10) + "}"
        func spreads(_ count: Int) -> String { "{ r { " + String(repeating: "...F ", count: count) + "} } " + ten }
        #expect(read(spreads(99)) == ["query: r 1"])
        #expect(read(spreads(100)) == ["malformed_graphql"])
        func nested(_ depth: Int) -> String {
            String(repeating: "{ a ", count: depth) + String(repeating: "}", count: depth)
        }
        #expect(read(nested(16)) == ["query: a 15"])
        #expect(read(nested(17)) == ["malformed_graphql"])
        #expect(read("{ a }", limits: DecodingLimits(graphqlFields: 0)) == ["malformed_graphql"])
        // Fragments in fragments double at each step.
        let bomb =
            (0..<30).map { "fragment F\($0) on Q { ...F\($0 + 1) ...F\($0 + 1) }" }.joined() + "fragment F30 on Q { a }"
        #expect(read("{ ...F0 } " + bomb) == ["malformed_graphql"])
        func roots(_ count: Int) -> String { "{ " + (0..<count).map { "a\($0): b " }.joined() + "}" }
        #expect(read(roots(64)).count == 64 && read(roots(65)) == ["too_many_operations"])
        func list(_ depth: Int) -> String {
            "{ a(b: \(String(repeating: "[", count: depth))\(String(repeating: "]", count: depth))) }"
        }
        #expect(read(list(31)).count == 1 && read(list(31))[0].hasPrefix("query: a"))
        #expect(read(list(33)) == ["malformed_graphql"])
        let large = ",\"variables\":{\"v\":\"\(String(repeating: "x", count: 3000))\"}"
        let uses = "query($v: S) { a(" + (0..<100).map { "a\($0): $v " }.joined() + ") }"
        #expect(read(uses, large).first?.hasPrefix("query: a") == true)
        #expect(read(uses, large, limits: DecodingLimits(decodedBytes: 100_000)) == ["content_expands"])
    }

    @Test("a stored query that only the server knows is tier 4 at least")
    func persisted() {
        let hash = "{\"extensions\":{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"ab\"}}}"
        #expect(operations("https://a.test/graphql", "application/json", hash) == ["unreadable 4"])
        #expect(operations("https://a.test/graphql", "application/json", "{\"id\":\"1\"}") == ["unreadable 4"])
        #expect(
            operations("https://a.test/graphql", "application/json", "{\"query\":\"{a}\",\"extensions\":{}}") == [
                "query: a 0"
            ])
        #expect(operations("https://a.test/graphql", "application/json", "{\"query\":7}") == ["malformed_graphql"])
        #expect(
            operations("https://a.test/graphql?extensions=%7B%22persistedQuery%22:%7B%7D%7D", "", "", method: "GET")
                == ["unreadable 4"])
    }

    @Test("keys that differ in case only are refused, as some servers take the last of them")
    func caseVariants() {
        let url: Text = "https://a.test/graphql"
        #expect(
            operations(url, "application/json", "{\"query\":\"{a}\",\"Query\":\"mutation{d}\"}") == [
                "malformed_graphql"
            ])
        #expect(operations(url, "application/json", "{\"query\":\"{a}\",\"queries\":1}") == ["query: a 0"])
    }

    @Test("all forms of a request are read: GET, form, document, batch, upload")
    func forms() {
        #expect(
            operations("https://a.test/graphql?query=mutation%7Bdel%7D&variables=%7B%7D", "", "", method: "GET") == [
                "mutation: del 0"
            ])
        #expect(
            operations("https://a.test/graphql?query=%7Ba%7D&query=%7Bb%7D", "", "", method: "GET") == [
                "malformed_graphql"
            ])
        #expect(
            operations("https://a.test/graphql?query=%7Ba%7D&variables=1", "", "", method: "GET") == [
                "malformed_graphql"
            ])
        #expect(operations("https://a.test/graphql", "", "", method: "GET") == ["http"])
        #expect(
            operations("https://a.test/graphql", "application/x-www-form-urlencoded", "query=mutation{del}") == [
                "mutation: del 0"
            ])
        #expect(operations("https://a.test/any", "application/graphql", "mutation { del }") == ["mutation: del 0"])
        #expect(
            operations("https://a.test/graphql", "application/json", "[{\"query\":\"{a}\"},{\"query\":\"{b}\"}]") == [
                "query: a 0", "query: b 0",
            ])
        #expect(operations("https://a.test/graphql", "application/json", "[]") == ["malformed_graphql"])
        let upload = crlf(
            "--b", "Content-Disposition: form-data; name=\"operations\"", "",
            "{\"query\":\"mutation($f: U) { up(f: $f) }\"}", "--b--")
        #expect(
            operations("https://a.test/graphql", "multipart/form-data; boundary=b", upload) == [
                "mutation: up {\"f\":null} 0"
            ])
        let other = upload.replacing("operations", with: "operation")
        #expect(operations("https://a.test/graphql", "multipart/form-data; boundary=b", other) == ["malformed_graphql"])
    }

    @Test("parts of a request in the query and in the body are refused")
    func twoPlaces() {
        let body = "{\"query\":\"{a}\"}"
        #expect(
            operations("https://a.test/graphql?query=mutation%7Bdel%7D", "application/json", body) == [
                "malformed_graphql"
            ])
        #expect(operations("https://a.test/graphql?operationName=B", "application/json", body) == ["malformed_graphql"])
        #expect(operations("https://a.test/graphql?trace=1", "application/json", body) == ["query: a 0"])
    }

    @Test(
        "endpoints are told by their path, other requests by their looks",
        arguments: [
            ("https://a.test/api/graphql", true), ("https://a.test/admin/api/2024-01/graphql.json", true),
            ("https://a.test/GraphQL", true), ("https://a.test/graphql/v2", true), ("https://a.test/graphql/", true),
            ("https://graphql.a.test/", true), ("https://a.test/repos/x/graphql/issues", false),
            ("https://a.test/graphqlx", false), ("https://a.test/", false),
        ])
    func endpoints(_ url: Text, _ isEndpoint: Bool) {
        #expect(operations(url, "application/json", "{\"id\":1}") == [isEndpoint ? "unreadable 4" : "http"])
        #expect(operations(url, "application/json", "{\"query\":\"mutation { del }\"}") == ["mutation: del 0"])
        let prose = operations(url, "application/json", "{\"query\":\"weather in Paris\"}")
        #expect(prose == [isEndpoint ? "malformed_graphql" : "http"])
    }

    @Test(
        "off the endpoints, too, a query over a limit or without one reading is no call that asks nothing",
        arguments: [
            "{ r { \(String(repeating: "a ", count: 1001))} }",
            "{ \((0..<65).map { "a\($0): b " }.joined())}",
            String(repeating: "{ a ", count: 17) + String(repeating: "}", count: 17),
            "mutation { del(a: 1, a: 2) }", "mutation { ...F }", "{ ...F } fragment F on Q { ...F }",
        ])
    func unread(_ query: String) {
        let body = "{\"query\":\(text(JSONWriter.string(query)))}"
        #expect(operations("https://a.test/any", "application/json", body) == ["unreadable 3"])
        #expect(operations("https://a.test/any", "application/json", "[\(body)]") == ["unreadable 3"])
    }

    @Test("off the endpoints, a list of requests is one, wherever in it the first of them stands")
    func lists() {
        let url: Text = "https://a.test/any"
        func read(_ body: String) -> [String] { operations(url, "application/json", body) }
        #expect(read("[{\"query\":\"{a}\"},{\"query\":\"mutation{del}\"}]") == ["query: a 0", "mutation: del 0"])
        #expect(read("[{\"id\":1},{\"query\":\"mutation{del}\"}]") == ["unreadable 4", "mutation: del 0"])
        #expect(read("[7,{\"query\":\"mutation{del}\"}]") == ["unreadable 3"])
        #expect(read("[{\"query\":\"mutation{del}\",\"variables\":7}]") == ["unreadable 3"])
        #expect(read("[{\"query\":\"weather\"}]") == ["http"])
        #expect(read("[]") == ["http"])
    }

    @Test(
        "prose that begins as a query does is none",
        arguments: ["{ hello", "{name} is here", "query the weather in Paris", "fragment", "{}", "mutation of a gene"])
    func prose(_ query: String) {
        let body = "{\"query\":\(text(JSONWriter.string(query)))}"
        #expect(operations("https://a.test/any", "application/json", body) == ["http"])
    }
}
