/// Requests that have no reading, or more than one, each with a twin that has one.
struct Malformed {
    let name: String
    let request: String
    let status: Int
    /// The journal and the agent name the refusal by it.
    let code: String
    let twin: String

    private init(_ name: String, _ request: String, status: Int = 400, _ code: String, twin: String) {
        self.name = name
        self.request = request
        self.status = status
        self.code = code
        self.twin = twin
    }

    private static let line = "PUT http://api.test/echo HTTP/1.1\r\n"
    private static let host = "Host: api.test\r\nConnection: close\r\n"
    private static let start = line + host
    private static let chunked = start + "Transfer-Encoding: chunked\r\n\r\n"
    private static let plain = start + "Content-Length: 5\r\n\r\nhello"
    private static let inChunks = chunked + "5\r\nhello\r\n0\r\n\r\n"
    private static let hidden = "DELETE http://api.test/hidden HTTP/1.1\r\nHost: api.test\r\n\r\n"

    private static func field(_ field: String) -> String { start + field + "Content-Length: 5\r\n\r\nhello" }

    private static func json(_ body: String) -> String {
        start + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    static let all = framing + fields + lines + names + bodies

    private static let framing = [
        Malformed(
            "a length and chunks, with a request behind the last chunk",
            start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, "ambiguous_length",
            twin: inChunks),
        Malformed(
            "chunks and a length, with a request behind the length",
            start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello" + hidden, "ambiguous_length",
            twin: plain),
        Malformed(
            "two lengths",
            start + "Content-Length: 5\r\nContent-Length: \(hidden.utf8.count + 5)\r\n\r\nhello" + hidden,
            "ambiguous_length", twin: plain),
        Malformed("one length twice", field("Content-Length: 5\r\n"), "ambiguous_length", twin: plain),
        Malformed("a list of lengths", start + "Content-Length: 5, 5\r\n\r\nhello", "malformed_length", twin: plain),
        Malformed("a length with a sign", start + "Content-Length: +5\r\n\r\nhello", "malformed_length", twin: plain),
        Malformed(
            "a length that no counter holds", start + "Content-Length: 99999999999999999999\r\n\r\nhello",
            "malformed_length", twin: plain),
        Malformed(
            "a coding before chunked", start + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            status: 501,
            "unsupported_transfer_coding", twin: inChunks),
        Malformed(
            "a coding that only looks like chunked",
            start + "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", status: 501,
            "unsupported_transfer_coding",
            twin: inChunks),
        Malformed(
            "a length in disguise", start + "Content_Length: 0\r\nContent-Length: 5\r\n\r\nhello", "disguised_field",
            twin: plain),
        Malformed(
            "a chunk size that is no number", chunked + "5x\r\nhello\r\n0\r\n\r\n", "malformed_chunk", twin: inChunks),
        Malformed(
            "a chunk size that no counter holds", chunked + "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
            "malformed_chunk",
            twin: inChunks),
        Malformed(
            "a chunk that is longer than its size", chunked + "4\r\nhello\r\n0\r\n\r\n", "malformed_chunk",
            twin: inChunks),
        Malformed(
            "a chunk size that ends in a bare line feed", chunked + "5\nhello\r\n0\r\n\r\n", "malformed_chunk",
            twin: inChunks),
        Malformed(
            "a chunk with an extension", chunked + "5;a=b\r\nhello\r\n0\r\n\r\n", "chunk_extension", twin: inChunks),
        Malformed(
            "fields behind the body", chunked + "5\r\nhello\r\n0\r\nX-Late: 1\r\n\r\n", "trailers", twin: inChunks),
    ]

    private static let fields = [
        Malformed("a bare line feed", field("X-A: 1\n"), "malformed_line_end", twin: field("X-A: 1\r\n")),
        Malformed(
            "a bare carriage return", field("X-A: 1\rX-B: 2\r\n"), "malformed_line_end",
            twin: field("X-A: 1\r\nX-B: 2\r\n")),
        Malformed("a folded field", field("X-A: 1\r\n 2\r\n"), "folded_field", twin: field("X-A: 1 2\r\n")),
        Malformed("a blank before the colon", field("X-A : 1\r\n"), "malformed_field_name", twin: field("X-A: 1\r\n")),
        Malformed("a field without a name", field(": 1\r\n"), "malformed_field_name", twin: field("X-A: 1\r\n")),
        Malformed("a zero byte in a value", field("X-A: 1\0\r\n"), "malformed_field_value", twin: field("X-A: 1\r\n")),
        Malformed(
            "another method in a field", field("X-HTTP-Method-Override: DELETE\r\n"), "method_override", twin: plain),
        Malformed(
            "an expectation that nobody knows", field("Expect: a-wonder\r\n"), status: 417, "unsupported_expectation",
            twin: plain),
        Malformed(
            "another protocol", field("Upgrade: websocket\r\n"), status: 501, "unsupported_upgrade", twin: plain),
    ]

    private static let lines = [
        Malformed(
            "HTTP/0.9", "GET http://api.test/echo\r\n", status: 505, "unsupported_version",
            twin: "GET http://api.test/echo HTTP/1.1\r\n" + host + "\r\n"),
        Malformed(
            "HTTP/2 by itself", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 505, "unsupported_version", twin: plain),
        Malformed(
            "two blanks in the start line", "PUT  http://api.test/echo HTTP/1.1\r\n" + host + "\r\n",
            "malformed_start_line", twin: line + host + "\r\n"),
        Malformed(
            "a start line that ends in a bare line feed", "PUT http://api.test/echo HTTP/1.1\n" + host + "\r\n",
            "malformed_line_end", twin: line + host + "\r\n"),
        Malformed(
            "a method in small letters", "put http://api.test/echo HTTP/1.1\r\n" + host + "\r\n", "malformed_method",
            twin: line + host + "\r\n"),
        Malformed(
            "an encoded separator in the path", "PUT http://api.test/a%2Fb HTTP/1.1\r\n" + host + "\r\n",
            "ambiguous_path", twin: "PUT http://api.test/a/b HTTP/1.1\r\n" + host + "\r\n"),
        Malformed(
            "what is no text at all", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{7c}\u{3}\u{3}", "malformed_method",
            twin: plain),
    ]

    private static let names = [
        Malformed("no Host", line + "Connection: close\r\n\r\n", "missing_host", twin: start + "\r\n"),
        Malformed("two Hosts", start + "Host: api.test\r\n\r\n", "duplicate_field", twin: start + "\r\n"),
        Malformed(
            "another Host than the target", line + "Host: other.test\r\nConnection: close\r\n\r\n", status: 421,
            "misdirected",
            twin: start + "\r\n"),
        Malformed(
            "a Host with a user", line + "Host: api.test@other.test\r\n\r\n", "malformed_host", twin: start + "\r\n"),
        Malformed(
            "a path alone, to the proxy itself", "PUT /echo HTTP/1.1\r\n" + host + "\r\n", "unexpected_target_form",
            twin: start + "\r\n"),
    ]

    private static let bodies = [
        Malformed(
            "a JSON key twice", json(#"{"amount": 1, "amount": 2}"#), "malformed_json", twin: json(#"{"amount": 1}"#)),
        Malformed("JSON that does not end", json(#"{"amount": 1"#), "malformed_json", twin: json(#"{"amount": 1}"#)),
    ]
}
