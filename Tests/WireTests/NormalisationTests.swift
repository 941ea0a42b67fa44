import Calls
import JSON
import Testing
import Wire

/// What is written in more than one way is brought into one form or refused, and what looks alike but is plain is taken.
struct NormalisationTests {
    /// A line of the table: a request that is refused, the code, and its admitting twin.
    struct Row: CustomTestStringConvertible, Sendable {
        let threat: String
        let refused: String
        let code: String
        let admitted: String
        var fields: [(String, String)] = []
        var twinFields: [(String, String)]?
        var body: [UInt8]?
        var twinBody: [UInt8]?

        var testDescription: String { threat }
    }

    private static let json = [("Content-Type", "application/json")]
    private static let form = [("Content-Type", "application/x-www-form-urlencoded")]

    static let rows: [Row] = [
        // The host.
        Row(
            threat: "userinfo", refused: "GET https://a@h.test/", code: "malformed_host",
            admitted: "GET https://h.test/"),
        Row(
            threat: "octal address", refused: "GET http://0177.0.0.1/", code: "malformed_host",
            admitted: "GET http://127.0.0.1/"),
        Row(
            threat: "short address", refused: "GET http://127.1/", code: "malformed_host", admitted: "GET http://[::1]/"
        ),
        Row(
            threat: "full-width host", refused: "GET https://ｈ.test/", code: "malformed_target",
            admitted: "GET https://xn--h-.test/"),
        Row(
            threat: "two dots behind a host", refused: "GET https://h.test../", code: "malformed_host",
            admitted: "GET https://H.TEST./"),
        Row(
            threat: "host against target", refused: "GET https://h.test/", code: "misdirected",
            admitted: "GET https://h.test/",
            fields: [("Host", "g.test")], twinFields: [("Host", "H.test:443")]),
        // The path.
        Row(
            threat: "backslash", refused: "GET https://h.test/a\\b", code: "ambiguous_path",
            admitted: "GET https://h.test/a//./b/../c"),
        Row(
            threat: "matrix parameter", refused: "GET https://h.test/a;x=y", code: "ambiguous_path",
            admitted: "GET https://h.test/a,x=y"),
        Row(
            threat: "encoded slash", refused: "GET https://h.test/a%2Fb", code: "ambiguous_path",
            admitted: "GET https://gitlab.test/a%2Fb"),
        Row(
            threat: "encoded backslash", refused: "GET https://h.test/a%5Cb", code: "ambiguous_path",
            admitted: "GET https://h.test/a%2Db"),
        Row(
            threat: "NUL", refused: "GET https://h.test/a%00", code: "ambiguous_path",
            admitted: "GET https://h.test/a%20"),
        Row(
            threat: "double encoding", refused: "GET https://h.test/%252e", code: "ambiguous_path",
            admitted: "GET https://h.test/%2e/a"),
        Row(
            threat: "overlong UTF-8", refused: "GET https://h.test/%c0%af", code: "ambiguous_path",
            admitted: "GET https://h.test/%C3%A9"),
        Row(
            threat: "not composed", refused: "GET https://h.test/e%CC%81", code: "ambiguous_path",
            admitted: "GET https://h.test/%C3%A9"),
        Row(
            threat: "full-width dots", refused: "GET https://h.test/%EF%BC%8E%EF%BC%8E/a", code: "ambiguous_path",
            admitted: "GET https://h.test/%EF%BC%A1"),
        // Methods and repetition.
        Row(
            threat: "method override", refused: "POST https://h.test/", code: "method_override",
            admitted: "POST https://h.test/",
            fields: [("X-HTTP-Method-Override", "DELETE")], twinFields: [("X-HTTP-Method-Override", "POST")]),
        Row(
            threat: "_method", refused: "POST https://h.test/", code: "method_override",
            admitted: "POST https://h.test/",
            fields: form, body: bytes("_method=DELETE"), twinBody: bytes("_method=POST")),
        Row(
            threat: "a single-valued field twice", refused: "GET https://h.test/", code: "duplicate_field",
            admitted: "GET https://h.test/",
            fields: [("Range", "a"), ("Range", "b")], twinFields: [("Accept", "a"), ("Accept", "b")]),
        // JSON.
        Row(
            threat: "one key twice", refused: "POST https://h.test/", code: "malformed_json",
            admitted: "POST https://h.test/",
            fields: json, body: bytes("{\"a\":1,\"\\u0061\":2}"), twinBody: bytes("{\"a\":1,\"A\":2}")),
        Row(
            threat: "data behind JSON", refused: "POST https://h.test/", code: "malformed_json",
            admitted: "POST https://h.test/",
            fields: json, body: bytes("{}{}"), twinBody: bytes("{} \n")),
        Row(
            threat: "not a number", refused: "POST https://h.test/", code: "malformed_json",
            admitted: "POST https://h.test/",
            fields: json, body: bytes("[NaN]"), twinBody: bytes("[1e999]")),
        Row(
            threat: "comment", refused: "POST https://h.test/", code: "malformed_json",
            admitted: "POST https://h.test/",
            fields: json, body: bytes("[1/*2*/]"), twinBody: bytes("[\"1/*2*/\"]")),
        Row(
            threat: "lone surrogate", refused: "POST https://h.test/", code: "malformed_json",
            admitted: "POST https://h.test/",
            fields: json, body: bytes("[\"\\ud800\"]"), twinBody: bytes("[\"\\ud83d\\ude00\"]")),
        Row(
            threat: "depth", refused: "POST https://h.test/", code: "malformed_json", admitted: "POST https://h.test/",
            fields: json,
            body: bytes(String(repeating: "[", count: 65) + String(repeating: "]", count: 65)),
            twinBody: bytes(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))),
        Row(
            threat: "nodes", refused: "POST https://h.test/", code: "malformed_json", admitted: "POST https://h.test/",
            fields: json,
            body: bytes("[" + String(repeating: "0,", count: 65_535) + "0]"),
            twinBody: bytes("[" + String(repeating: "0,", count: 65_534) + "0]")),
        // Types, charsets, codings.
        Row(
            threat: "JSON as a form", refused: "POST https://h.test/", code: "content_type_mismatch",
            admitted: "POST https://h.test/",
            fields: form, body: bytes("{\"a\":1}"), twinBody: bytes("a={}")),
        Row(
            threat: "JSON as XML", refused: "POST https://h.test/", code: "content_type_mismatch",
            admitted: "POST https://h.test/",
            fields: [("Content-Type", "application/soap+xml")], body: bytes(" {}"), twinBody: bytes(" <a/>")),
        Row(
            threat: "JSON as parts", refused: "POST https://h.test/", code: "content_type_mismatch",
            admitted: "POST https://h.test/",
            fields: [("Content-Type", "multipart/form-data; boundary=b")], body: bytes("{}"),
            twinBody: bytes(crlf("--b", "Content-Disposition: form-data; name=a", "", "{}", "--b--"))),
        Row(
            threat: "charset", refused: "POST https://h.test/", code: "unsupported_charset",
            admitted: "POST https://h.test/",
            fields: [("Content-Type", "application/json; charset=utf-16")],
            twinFields: [("Content-Type", "application/json; charset=utf-8")], body: bytes("{}"), twinBody: bytes("{}")),
        Row(
            threat: "coding", refused: "POST https://h.test/", code: "unsupported_content_coding",
            admitted: "POST https://h.test/",
            fields: json + [("Content-Encoding", "gzip, br")], twinFields: json + [("Content-Encoding", "identity")],
            body: bytes("{}"), twinBody: bytes("{}")),
        // Framing.
        Row(
            threat: "two lengths", refused: "POST https://h.test/", code: "ambiguous_length",
            admitted: "POST https://h.test/",
            fields: [("Content-Length", "2"), ("Transfer-Encoding", "chunked")], twinFields: [("Content-Length", "2")],
            body: bytes("{}"), twinBody: bytes("{}")),
        // What a body holds.
        Row(
            threat: "GraphQL in two places", refused: "POST https://h.test/graphql?query=%7Ba%7D",
            code: "malformed_graphql",
            admitted: "POST https://h.test/graphql", fields: json, body: bytes("{\"query\":\"{b}\"}"),
            twinBody: bytes("{\"query\":\"{b}\"}")),
        Row(
            threat: "an unseen character in a tool's name", refused: "POST https://h.test/", code: "malformed_name",
            admitted: "POST https://h.test/", fields: json,
            body: bytes("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"a\u{200B}b\"}}"),
            twinBody: bytes("{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"a_b\"}}")),
        Row(
            threat: "gRPC flags", refused: "POST https://h.test/a.B/C", code: "malformed_message",
            admitted: "POST https://h.test/a.B/C",
            fields: [("Content-Type", "application/grpc")], body: [2, 0, 0, 0, 0], twinBody: [1, 0, 0, 0, 0]),
    ]

    @Test("each way to be read twice is refused, and its twin taken", arguments: rows)
    func table(_ row: Row) {
        #expect(code(row.refused, row.fields, row.body) == row.code)
        #expect(code(row.admitted, row.twinFields ?? row.fields, row.twinBody ?? row.body) == nil)
    }

    private func code(_ line: String, _ fields: [(String, String)], _ body: [UInt8]?) -> String? {
        let words = line.split(separator: " ", maxSplits: 1)
        do throws(WireError) {
            _ = try WireTests.read(Text(String(words[0])), Text(String(words[1])), fields, body)
            return nil
        } catch { return error.code }
    }

    @Test("the forms that differ in spelling only are one call")
    func oneForm() throws {
        let spellings = [
            "https://API.test./v1//refunds", "https://api.test:443/v1/./refunds", "https://api.test/v1/x/../refunds",
            "https://api.test/%761/refunds", "https://api.test/v1/refund%73",
        ]
        for spelling in spellings {
            #expect(try WireTests.read("GET", Text(spelling)).target.description == "https://api.test/v1/refunds")
        }
    }

    @Test("a body over the inspection limit that its endpoint needs read is tier 4 at least")
    func withheld() throws {
        func operations(_ url: Text, _ type: String) throws -> [String] {
            let head = try RequestHead.spelled(
                method: "POST", url: url, fields: [(name: "Content-Type", value: type)], bodyLength: 9)
            return try CallReader.read(
                id: CallID("c_1"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
                body: .streamed(length: 9),
                principal: { _ in .none }
            ).operations.map(word)
        }
        #expect(try operations("https://h.test/graphql", "application/json") == ["unreadable 4"])
        #expect(try operations("https://h.test/odata/$batch", "application/json") == ["unreadable 4"])
        #expect(try operations("https://h.test/odata/$batch", "multipart/mixed; boundary=b") == ["unreadable 4"])
        #expect(try operations("https://h.test/batch/x", "multipart/mixed; boundary=b") == ["unreadable 4"])
        #expect(try operations("https://h.test/batch/x", "multipart/related; boundary=b") == ["http"])
        #expect(try operations("https://h.test/_bulk", "application/x-ndjson") == ["unreadable 4"])
        #expect(try operations("https://h.test/mcp", "application/json") == ["unreadable 1"])
        #expect(try operations("https://b.s3.amazonaws.com/key", "application/json") == ["http"])
        #expect(try operations("https://h.test/upload", "application/octet-stream") == ["http"])
        #expect(try operations("https://h.test/a.B/C", "application/grpc") == ["grpc a.B C", "unreadable 3"])
        #expect(try operations("https://h.test/any", "application/graphql") == ["unreadable 4"])
    }

    @Test("JSON that is declared an upload may be a call that nobody reads, and says so")
    func disguised() {
        #expect(
            operations("https://h.test/x", "application/octet-stream", " {\"jsonrpc\":\"2.0\"}") == ["unreadable 1"])
        #expect(operations("https://h.test/x", "application/octet-stream", "PK") == ["http"])
        #expect(operations("https://h.test/graphql", "application/octet-stream", "{}") == ["unreadable 4"])
        #expect(operations("https://h.test/x", "application/x-ndjson", "{\"jsonrpc\":\"2.0\"}") == ["unreadable 1"])
        #expect(operations("https://h.test/x", "application/x-ndjson", "1\n2\n") == ["http"])
    }

    @Test("JSON that says that it is signed chunks is none that nobody need read: most servers overlook the field")
    func chunks() throws {
        func operations(_ url: Text, _ type: String?, _ body: String) throws -> [String] {
            let fields = [("Content-Encoding", "aws-chunked")] + (type.map { [("Content-Type", $0)] } ?? [])
            return try WireTests.read("POST", url, fields, bytes(body)).operations.map(word)
        }
        let message = "{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"del\"}}"
        for type in ["application/json", "text/plain", "application/octet-stream", "application/x-ndjson", nil] {
            #expect(try operations("https://h.test/mcp", type, message) == ["unreadable 1"])
        }
        #expect(try operations("https://h.test/graphql", "application/json", message) == ["unreadable 4"])
        #expect(try operations("https://h.test/odata/$batch", "application/json", message) == ["unreadable 4"])
        #expect(try operations("https://h.test/x", "multipart/mixed; boundary=b", "--b--") == ["unreadable 4"])
        #expect(try operations("https://h.test/_bulk", "application/x-ndjson", message) == ["unreadable 4"])
        let chunk = "5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n"
        #expect(try operations("https://b.s3.amazonaws.com/key", "application/octet-stream", chunk) == ["http"])
        #expect(try operations("https://b.s3.amazonaws.com/key", "image/png", chunk) == ["http"])
        #expect(try operations("https://b.s3.eu-west-1.amazonaws.com/key", "application/json", chunk) == ["http"])
        #expect(try operations("https://b.s3.amazonaws.com/key", nil, chunk) == ["http"])
        #expect(try operations("https://s3.amazonaws.com.evil.test/key", "application/json", chunk) == ["unreadable 1"])
    }

    @Test(
        "SQL in a JSON body is told by its kind",
        arguments: [
            ("{\"statement\":\"drop\u{A0}table orders\"}", "sql drop"), ("{\"query\":\"SELECT 1\"}", "sql select"),
            ("{\"sql\":\"SELECT 1; DELETE FROM t\"}", "sql delete"), ("{\"query\":\"weather\"}", "http"),
            ("{\"sql\":1}", "http"), ("{\"statement\":\"SELECT 1\",\"sql\":\"DROP TABLE t\"}", "sql drop"),
            ("{\"title\":\"DROP TABLE t\"}", "http"), ("[{\"sql\":\"DROP TABLE t\"}]", "http"),
        ])
    func sql(_ body: String, _ expected: String) {
        #expect(operations("https://h.test/x", "application/json", body) == [expected])
    }
}
