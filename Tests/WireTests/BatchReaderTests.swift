import Calls
import JSON
import Testing
import Wire

struct BatchReaderTests {
    private let gmail: Text = "https://gmail.googleapis.com/batch/gmail/v1"
    private let odata: Text = "https://a.test/odata/$batch"
    private let graph: Text = "https://graph.microsoft.com/v1.0/$batch"

    private func mixed(_ url: Text, _ parts: String...) -> [String] {
        let body = parts.map { crlf("--b", "Content-Type: application/http", "", $0, "") }.joined() + "--b--\r\n"
        return operations(url, "multipart/mixed; boundary=b", body)
    }

    private func json(_ url: Text, _ requests: String) -> [String] {
        operations(url, "application/json", "{\"requests\":[\(requests)]}")
    }

    @Test("requests in parts are read like requests of their own, with or without a version and an end")
    func parts() {
        #expect(
            mixed(gmail, "GET /a/1\r\n", "DELETE /a//2 HTTP/1.1\r\nHost: GMAIL.googleapis.com\r\n\r\n", "POST /a?x=1")
                == ["wrapper", "GET /a/1", "DELETE /a/2", "POST /a?x=1"])
    }

    @Test("what an entry says is read as it would be alone: body, fields, credential")
    func content() throws {
        let body = crlf(
            "--b", "Content-Type: application/http", "Content-ID: <1>", "",
            crlf(
                "POST /v1/x HTTP/1.1", "Content-Type: application/json", "Content-Length: 11",
                "Authorization: Bearer k", "", "{\"a\": 1.50}"),
            "--b", "Content-Type: application/http", "", "GET /v1/y", "", "--b--")
        let call = try WireTests.read(
            "POST", odata, [("Content-Type", "multipart/mixed; boundary=b"), ("Authorization", "Bearer outer")],
            bytes(body))
        guard call.operations.count == 3, case .batched(let first) = call.operations[1],
            case .batched(let second) = call.operations[2], case .json(let json) = first.document
        else {
            Issue.record("\(call.operations.map(word))")
            return
        }
        #expect(json.root["a"]?.number == "1.50")
        #expect(first.fields.text("authorization") == "Bearer k" && first.principal != call.principal)
        #expect(second.principal == call.principal && second.session == call.session)
    }

    @Test("a change set is taken apart, one inside another refused")
    func changeSets() {
        func set(_ inner: String) -> String {
            crlf("--b", "Content-Type: multipart/mixed; boundary=c", "", inner, "--b--")
        }
        let request = crlf("--c", "Content-Type: application/http", "", "DELETE /x HTTP/1.1", "", "", "--c--")
        #expect(operations(odata, "multipart/mixed; boundary=b", set(request)) == ["wrapper", "DELETE /x"])
        let deeper = crlf(
            "--c", "Content-Type: multipart/mixed; boundary=d", "", request.replacing("--c", with: "--d"), "--c--")
        #expect(operations(odata, "multipart/mixed; boundary=b", set(deeper)) == ["malformed_multipart"])
    }

    @Test(
        "JSON entries are read from their roots",
        arguments: [
            ("https://graph.microsoft.com/v1.0/$batch", "/me/messages/1", "DELETE /v1.0/me/messages/1"),
            ("https://graph.microsoft.com/v1.0/$batch", "me/messages/1", "DELETE /v1.0/me/messages/1"),
            ("https://a.test/odata/$batch", "/me/1", "DELETE /me/1"),
            ("https://a.test/odata/$batch", "Me(1)", "DELETE /odata/Me(1)"),
            ("https://a.test/odata/$batch", "https://a.test/odata/Me", "DELETE /odata/Me"),
            ("https://a.test/odata/$BATCH?x=1", "Me", "DELETE /odata/Me"),
            ("https://a.test/odata/%24batch", "Me", "DELETE /odata/Me"),
        ] as [(Text, String, String)])
    func roots(_ url: Text, _ entry: String, _ expected: String) {
        #expect(json(url, "{\"id\":\"1\",\"method\":\"delete\",\"url\":\"\(entry)\"}") == ["wrapper", expected])
    }

    @Test("the body of a JSON entry is its document")
    func jsonBodies() throws {
        let entry =
            "{\"method\":\"POST\",\"url\":\"/me/sendMail\",\"body\":{\"to\":\"x\"}},{\"method\":\"PUT\",\"url\":\"/me/photo\",\"headers\":{\"Content-Type\":\"image/png\"},\"body\":\"iVBOR\"}"
        let call = try WireTests.read(
            "POST", graph, [("Content-Type", "application/json")], bytes("{\"requests\":[\(entry)]}"))
        guard case .batched(let mail) = call.operations[1], case .json(let json) = mail.document,
            case .batched(let photo) = call.operations[2], case .opaque = photo.document
        else {
            Issue.record("\(call.operations.map(word))")
            return
        }
        #expect(json.root["to"]?.text == "x")
    }

    @Test("what an entry hides is found: an override, a GraphQL request")
    func nested() {
        let query = "{\"method\":\"POST\",\"url\":\"/graphql\",\"body\":{\"query\":\"mutation{del}\"}}"
        #expect(json(odata, query) == ["wrapper", "POST /graphql [\"mutation: del 0\"]"])
        let override = "{\"method\":\"POST\",\"url\":\"/x\",\"headers\":{\"X-HTTP-Method\":\"DELETE\"}}"
        #expect(json(odata, override) == ["method_override"])
        #expect(json(odata, override.replacing("DELETE", with: "POST")) == ["wrapper", "POST /x"])
    }

    @Test(
        "an entry without one reading is refused",
        arguments: [
            "{\"method\":\"GET\"}", "{\"url\":\"/x\"}", "{\"method\":\"GET\",\"url\":\"\"}",
            "{\"method\":\"G T\",\"url\":\"/x\"}",
            "{\"method\":\"GET\",\"url\":\"/x\",\"URL\":\"/y\"}", "{\"method\":\"GET\",\"url\":\"https://b.test/x\"}",
            "{\"method\":\"CONNECT\",\"url\":\"/x\"}", "{\"method\":\"GET\",\"url\":\"/x\",\"headers\":[]}",
            "{\"method\":\"GET\",\"url\":\"/x\",\"headers\":{\"a b\":\"c\"}}",
            "{\"method\":\"GET\",\"url\":\"/x\",\"headers\":{\"a\":\"b\\r\\nc\"}}",
            "{\"method\":\"GET\",\"url\":\"/x\",\"headers\":{\"Host\":\"b.test\"}}",
            "{\"method\":\"GET\",\"url\":\"/a%2Fb\"}",
            "{\"method\":\"POST\",\"url\":\"/$batch\",\"body\":{\"requests\":[{\"method\":\"GET\",\"url\":\"/x\"}]}}",
            "1", "",
        ])
    func refused(_ entry: String) {
        let result = json(odata, entry)
        #expect(!["wrapper", "http"].contains(result[0]), "\(result)")
        #expect(
            json(odata, "{\"method\":\"GET\",\"url\":\"/x\",\"headers\":{\"Host\":\"a.test\"}}") == [
                "wrapper", "GET /x",
            ])
    }

    @Test(
        "a part that is no plain request is refused",
        arguments: [
            "GET", "GET  /x", "GET /x HTTP/2", "GET /x y z", "G(T /x", "GET http://b.test/x",
            "GET /x\r\nA b: c\r\n\r\n",
            "GET /x\nHost: a.test", "POST /x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /x\r\nContent-Length: -1\r\n\r\nab", "POST /x\r\nContent-Length: +2\r\n\r\nab",
            "POST /x\r\nContent-Length: \r\n\r\n", "POST /x\r\nContent-Length: 9\r\n\r\nab",
            "POST /x\r\nContent-Length: 1\r\n\r\nab", "",
            "POST /x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", "delete /x", "GET /x\r\n folded",
        ])
    func refusedPart(_ request: String) {
        let result = mixed(odata, request)
        #expect(result.count == 1 && result[0].contains("_"), "\(result)")
        #expect(mixed(odata, "POST /x\r\nContent-Length: 2\r\n\r\nab") == ["wrapper", "POST /x"])
    }

    @Test("an entry that is packed by itself is refused: the limit on what a body unpacks to is the whole call's")
    func packed() {
        func json(_ headers: String) -> [String] {
            self.json(odata, "{\"method\":\"POST\",\"url\":\"/x\",\"headers\":{\(headers)},\"body\":{}}")
        }
        #expect(json("\"Content-Encoding\":\"gzip\"") == ["malformed_batch"])
        #expect(json("\"Accept-Encoding\":\"gzip\"") == ["wrapper", "POST /x"])
        #expect(mixed(odata, "POST /x\r\nContent-Encoding: br\r\n\r\nab") == ["malformed_batch"])
        #expect(mixed(odata, "POST /x\r\nContent-Language: br\r\n\r\nab") == ["wrapper", "POST /x"])
    }

    @Test("a batch of requests and something else is refused, another compound is left alone")
    func strangers() {
        let request = crlf("--b", "Content-Type: application/http", "", "GET /x", "")
        let other = crlf("--b", "Content-Type: text/plain", "", "hello", "")
        let url: Text = "https://a.test/any"
        let disguised = request.replacing("application/http", with: "application/httpx")
        #expect(operations(url, "multipart/mixed; boundary=b", disguised + request + "--b--") == ["malformed_batch"])
        let empty = crlf("--b", "Content-Type: multipart/mixed; boundary=c", "", "--c", "", "x", "--c--", "")
        #expect(operations(url, "multipart/mixed; boundary=b", empty + request + "--b--") == ["malformed_batch"])
        #expect(operations(url, "multipart/mixed; boundary=b", request + other + "--b--") == ["malformed_batch"])
        #expect(operations(url, "multipart/mixed; boundary=b", other + request + "--b--") == ["malformed_batch"])
        #expect(operations(url, "multipart/mixed; boundary=b", other + "--b--") == ["http"])
        #expect(operations(odata, "multipart/mixed; boundary=b", other + "--b--") == ["malformed_batch"])
        #expect(operations(url, "multipart/mixed; boundary=b", request + "--b--") == ["wrapper", "GET /x"])
        #expect(operations(odata, "text/plain", "x") == ["unreadable 4"])
    }

    @Test("a batch holds at most 64 requests, with what is inside them")
    func limit() {
        func batch(_ count: Int) -> [String] {
            json(odata, Array(repeating: "{\"method\":\"GET\",\"url\":\"/x\"}", count: count).joined(separator: ","))
        }
        #expect(batch(64).count == 65 && batch(65) == ["too_many_operations"])
        let request = crlf("--b", "Content-Type: application/http", "", "GET /x", "")
        func parts(_ count: Int) -> [String] {
            operations(gmail, "multipart/mixed; boundary=b", String(repeating: request, count: count) + "--b--")
        }
        #expect(parts(64).count == 65 && parts(65) == ["too_many_operations"])
        let query =
            "{\"method\":\"POST\",\"url\":\"/graphql\",\"body\":{\"query\":\"{\(String(repeating: "a ", count: 33))}\"}}"
        #expect(json(odata, query).count == 2 && json(odata, "\(query),\(query)") == ["too_many_operations"])
    }
}
