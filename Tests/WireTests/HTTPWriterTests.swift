import Calls
import JSON
import Testing
import Wire

struct HTTPWriterTests {
    private func call(_ method: Text, _ fields: Fields, port: UInt16 = 443) -> Call {
        Call(
            id: CallID("c_1"), session: SessionID("s"), method: method,
            target: Target(
                scheme: .https, authority: Authority(host: "api.test", port: port), segments: ["a"],
                query: [Parameter("b", "c")], spelling: "/a?b=c"),
            fields: fields, body: .none, document: .none, operations: [.http], principal: .none)
    }

    @Test(
        "a request is written from the call alone",
        arguments: [
            ("GET", BodyFraming.none, ""), ("POST", .none, "Content-Length: 0\r\n"), ("DELETE", .none, ""),
            ("POST", .length(5), "Content-Length: 5\r\n"), ("PUT", .chunked, "Transfer-Encoding: chunked\r\n"),
        ] as [(Text, BodyFraming, String)])
    func request(_ method: Text, _ framing: BodyFraming, _ line: String) {
        var output: [UInt8] = []
        HTTPWriter.request(call(method, ["Accept": "*/*"]), framing: framing, into: &output)
        #expect(text(output) == "\(method) /a?b=c HTTP/1.1\r\nHost: api.test\r\nAccept: */*\r\n\(line)\r\n")
    }

    @Test("a proxy reads the whole target, and who asks where it wants to know") func absoluteForm() {
        let call = Call(
            id: CallID("c_1"), session: SessionID("s"), method: "GET",
            target: Target(
                scheme: .http, authority: Authority(host: "api.test", port: 8080), segments: [], query: [],
                spelling: "/"),
            fields: ["Accept": "*/*"], body: .none, document: .none, operations: [.http], principal: .none)
        let head = "GET http://api.test:8080/ HTTP/1.1\r\nHost: api.test:8080\r\n"
        var output: [UInt8] = []
        HTTPWriter.request(call, framing: .none, for: .proxy(authorization: nil), into: &output)
        #expect(text(output) == head + "Accept: */*\r\n\r\n")
        output = []
        HTTPWriter.request(call, framing: .none, for: .proxy(authorization: Array("Basic x".utf8)), into: &output)
        #expect(text(output) == head + "Proxy-Authorization: Basic x\r\nAccept: */*\r\n\r\n")
    }

    @Test("what is written reads as the same request")
    func roundTrip() throws {
        var output: [UInt8] = []
        let fields: Fields = ["Accept": "*/*", "X-Empty": "", "Authorization": "Bearer ü"]
        HTTPWriter.request(call("PATCH", fields, port: 8443), framing: .length(7), into: &output)
        let (head, consumed) = try #require(try RequestHead.parse(output.span))
        #expect(consumed == output.count && head.method == "PATCH" && head.target == "/a?b=c")
        #expect(head.fields.lines == ["Host: api.test:8443"] + fields.lines + ["Content-Length: 7"])
        #expect(head.framing == .length(7))
    }

    @Test("what is written reads as the same response")
    func response() throws {
        for (framing, close) in [(BodyFraming.length(3), false), (.chunked, true), (.untilClose, false)] {
            var output: [UInt8] = []
            HTTPWriter.response(
                status: 503, reason: Array("Held for approval h_1 - NOT executed".utf8), fields: ["Retry-After": "5"],
                framing: framing, close: close, into: &output)
            let (head, consumed) = try #require(try ResponseHead.parse(output.span, to: "GET"))
            #expect(consumed == output.count && head.status == 503 && head.framing == framing)
            #expect(text(head.reason) == "Held for approval h_1 - NOT executed")
            #expect(head.isPersistent == (framing == .length(3)))
        }
    }

    @Test("no value breaks out of its line")
    func injection() throws {
        var output: [UInt8] = []
        HTTPWriter.response(
            status: 200, reason: Array("a\r\nX: y".utf8), fields: ["Tiergate-Reason": "b\r\nSet-Cookie: c\0"],
            framing: .length(0),
            close: false, into: &output)
        let head = try #require(try ResponseHead.parse(output.span, to: "GET")).head
        #expect(head.fields.lines == ["Tiergate-Reason: b  Set-Cookie: c", "Content-Length: 0"])
        #expect(text(head.reason) == "a  X: y")
    }

    @Test("an empty chunk is not written, for it would end the body")
    func emptyChunk() {
        var output: [UInt8] = []
        HTTPWriter.chunk([UInt8]().span, into: &output)
        #expect(output.isEmpty)
        HTTPWriter.chunk(bytes("0123456789abcdef").span, into: &output)
        HTTPWriter.lastChunk(into: &output)
        #expect(text(output) == "10\r\n0123456789abcdef\r\n0\r\n\r\n")
    }
}
