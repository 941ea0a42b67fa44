import Calls
import JSON
import Testing
import Wire

struct ResponseHeadTests {
    @Test(
        "a response that can be read in two ways is refused, its twin taken",
        arguments: [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "ambiguous_length",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "ambiguous_length",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5,5\r\n\r\n", "malformed_length",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "unsupported_transfer_coding",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
            ),
            (
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "unsupported_transfer_coding",
                "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n"
            ),
            (
                "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", "unexpected_body",
                "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
            ),
            (
                "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n", "unexpected_body",
                "HTTP/1.1 100 Continue\r\n\r\n"
            ),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "unexpected_status",
                "HTTP/1.1 103 Early Hints\r\n\r\n"
            ),
            ("HTTP/1.1 099 x\r\n\r\n", "unexpected_status", "HTTP/1.1 100 x\r\n\r\n"),
            ("HTTP/1.1 600 x\r\n\r\n", "unexpected_status", "HTTP/1.1 599 x\r\n\r\n"),
            ("HTTP/1.1 2000 x\r\n\r\n", "malformed_start_line", "HTTP/1.1 200 x\r\n\r\n"),
            ("HTTP/1.1 20 x\r\n\r\n", "malformed_start_line", "HTTP/1.1 200\r\n\r\n"),
            ("HTTP/1.1  200 x\r\n\r\n", "malformed_start_line", "HTTP/1.1 200 \r\n\r\n"),
            ("http/1.1 200 OK\r\n\r\n", "malformed_start_line", "HTTP/1.1 200 OK\r\n\r\n"),
            ("ICY 200 OK\r\n\r\n", "malformed_start_line", "HTTP/1.0 200 OK\r\n\r\n"),
            ("HTTP/2 200 \r\n\r\n", "unsupported_version", "HTTP/1.1 200 \r\n\r\n"),
            ("HTTP/1.1 200 O\0K\r\n\r\n", "malformed_start_line", "HTTP/1.1 200 O\tK\r\n\r\n"),
            ("HTTP/1.1 200 OK\n\n", "malformed_line_end", "HTTP/1.1 200 OK\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "folded_field", "HTTP/1.1 200 OK\r\nA: b c\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "malformed_field_name", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", "malformed_start_line", "HTTP/1.1 200 OK\r\n\r\n"),
        ])
    func hostile(_ head: String, _ code: String, _ twin: String) {
        #expect(verdict(response: head) == code)
        #expect(verdict(response: twin) == nil)
    }

    @Test(
        "the end of the body follows from method, status and fields",
        arguments: [
            ("GET", "200 OK", "Content-Length: 5\r\n", BodyFraming.length(5)),
            ("GET", "200 OK", "Transfer-Encoding: chunked\r\n", .chunked), ("GET", "200 OK", "", .untilClose),
            ("GET", "404 Not Found", "Content-Length: 0\r\n", .length(0)),
            ("HEAD", "200 OK", "Content-Length: 5\r\n", .none),
            ("HEAD", "200 OK", "Transfer-Encoding: chunked\r\n", .none),
            ("HEAD", "200 OK", "", .none), ("head", "200 OK", "", .untilClose),
            ("GET", "304 Not Modified", "Content-Length: 5\r\n", .none), ("GET", "204 No Content", "", .none),
            ("GET", "100 Continue", "", .none), ("CONNECT", "200 OK", "Transfer-Encoding: chunked\r\n", .none),
            ("CONNECT", "407 No", "Content-Length: 5\r\n", .length(5)),
        ])
    func framing(_ method: String, _ status: String, _ fields: String, _ framing: BodyFraming) throws {
        let raw = bytes("HTTP/1.1 \(status)\r\n\(fields)\r\n")
        let head = try #require(try ResponseHead.parse(raw.span, to: Text(method))).head
        #expect(head.framing == framing)
        #expect(head.isPersistent == (framing != .untilClose))
    }

    @Test("every shorter piece is incomplete, and the whole reads the same")
    func prefixes() throws {
        let raw = bytes(
            "HTTP/1.1 503 Held for approval\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 2\r\n\r\n")
        for length in 0..<raw.count {
            #expect(verdict(response: text(raw[..<length])) == "incomplete", "\(length) bytes")
        }
        let (head, consumed) = try #require(try ResponseHead.parse((raw + [0x7B]).span, to: "GET"))
        #expect(consumed == raw.count && head.status == 503 && text(head.reason) == "Held for approval")
        #expect(!head.isPersistent && !head.isInterim)
        #expect(verdict(response: "HTTP/1.1 200 " + String(repeating: "x", count: 20_000)) == "start_line_too_long")
    }
}
