import Calls
import JSON
import Testing
import Wire

struct RequestHeadTests {
    /// A head that must not be taken, and the smallest change of it that is.
    struct Hostile: CustomTestStringConvertible, Sendable {
        let name: String
        let head: String
        let code: String
        let twin: String

        var testDescription: String { name }

        init(_ name: String, _ head: String, _ code: String, twin: String) {
            self.name = name
            self.head = head
            self.code = code
            self.twin = twin
        }

        /// A field section in a POST that is otherwise fine.
        static func fields(_ name: String, _ lines: String, _ code: String, twin: String) -> Hostile {
            let head = "POST / HTTP/1.1\r\nHost: a.test\r\n"
            return Hostile(name, head + lines + "\r\n", code, twin: head + twin + "\r\n")
        }

        static func line(_ name: String, _ line: String, _ code: String, twin: String) -> Hostile {
            let rest = "Host: a.test\r\n\r\n"
            return Hostile(name, line + rest, code, twin: twin + rest)
        }

        static func host(_ name: String, _ host: String, _ code: String, twin: String = "Host: a.test\r\n") -> Hostile {
            Hostile(name, "GET / HTTP/1.1\r\n\(host)\r\n", code, twin: "GET / HTTP/1.1\r\n\(twin)\r\n")
        }
    }

    @Test("a hostile start line is refused, its twin taken", arguments: startLines)
    func startLine(_ hostile: Hostile) {
        #expect(verdict(request: hostile.head) == hostile.code)
        #expect(verdict(request: hostile.twin) == nil)
    }

    @Test("a hostile field is refused, its twin taken", arguments: fieldLines)
    func fieldLine(_ hostile: Hostile) {
        #expect(verdict(request: hostile.head) == hostile.code)
        #expect(verdict(request: hostile.twin) == nil)
    }

    @Test("two lengths are never one reading", arguments: framings)
    func framing(_ hostile: Hostile) {
        #expect(verdict(request: hostile.head) == hostile.code)
        #expect(verdict(request: hostile.twin) == nil)
    }

    @Test("one host, and only one", arguments: hosts)
    func host(_ hostile: Hostile) {
        #expect(verdict(request: hostile.head) == hostile.code)
        #expect(verdict(request: hostile.twin) == nil)
    }

    static let startLines: [Hostile] = [
        .line("an empty line first", "\r\nGET / HTTP/1.1\r\n", "malformed_method", twin: "GET / HTTP/1.1\r\n"),
        .line("a blank first", " GET / HTTP/1.1\r\n", "malformed_method", twin: "GET / HTTP/1.1\r\n"),
        .line("no method", " / HTTP/1.1\r\n", "malformed_method", twin: "X / HTTP/1.1\r\n"),
        .line("a method that is no token", "G(T / HTTP/1.1\r\n", "malformed_method", twin: "G!T / HTTP/1.1\r\n"),
        .line("a colon in the method", "GET: / HTTP/1.1\r\n", "malformed_method", twin: "GET- / HTTP/1.1\r\n"),
        .line("a NUL in the method", "G\0T / HTTP/1.1\r\n", "malformed_method", twin: "GET / HTTP/1.1\r\n"),
        .line("a method that is not ASCII", "GÉT / HTTP/1.1\r\n", "malformed_method", twin: "GET / HTTP/1.1\r\n"),
        .line("a tab after the method", "GET\t/ HTTP/1.1\r\n", "malformed_method", twin: "GET / HTTP/1.1\r\n"),
        .line("two spaces after the method", "GET  / HTTP/1.1\r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("two spaces after the target", "GET /  HTTP/1.1\r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("a space after the version", "GET / HTTP/1.1 \r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("a tab before the version", "GET /\tHTTP/1.1\r\n", "malformed_target", twin: "GET / HTTP/1.1\r\n"),
        .line(
            "a space in the target", "GET /a b HTTP/1.1\r\n", "malformed_start_line", twin: "GET /a%20b HTTP/1.1\r\n"),
        .line(
            "a version in the target", "GET / HTTP/1.1 HTTP/1.1\r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"
        ),
        .line("a fragment", "GET /a#b HTTP/1.1\r\n", "malformed_target", twin: "GET /a%23b HTTP/1.1\r\n"),
        .line(
            "a target that is not ASCII", "GET /é HTTP/1.1\r\n", "malformed_target", twin: "GET /%C3%A9 HTTP/1.1\r\n"),
        .line("a NUL in the target", "GET /a\0b HTTP/1.1\r\n", "malformed_target", twin: "GET /ab HTTP/1.1\r\n"),
        .line("DEL in the target", "GET /a\u{7F} HTTP/1.1\r\n", "malformed_target", twin: "GET /a HTTP/1.1\r\n"),
        .line("a bare CR in the target", "GET /a\rb HTTP/1.1\r\n", "unsupported_version", twin: "GET /ab HTTP/1.1\r\n"),
        .line("HTTP/0.9", "GET /\r\n", "unsupported_version", twin: "GET / HTTP/1.1\r\n"),
        .line("HTTP/0.9 with a space", "GET / \r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("HTTP/1.2", "GET / HTTP/1.2\r\n", "unsupported_version", twin: "GET / HTTP/1.1\r\n"),
        .line("HTTP/2.0", "GET / HTTP/2.0\r\n", "unsupported_version", twin: "GET / HTTP/1.1\r\n"),
        .line("HTTP/1.10", "GET / HTTP/1.10\r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("HTTP/11", "GET / HTTP/11.\r\n", "unsupported_version", twin: "GET / HTTP/1.1\r\n"),
        .line("HTTP/01.1", "GET / HTTP/01.1\r\n", "unsupported_version", twin: "GET / HTTP/1.1\r\n"),
        .line("small letters", "GET / http/1.1\r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("mixed letters", "GET / Http/1.1\r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("another protocol", "GET / ICAP/1.1\r\n", "malformed_start_line", twin: "GET / HTTP/1.1\r\n"),
        .line("a bare LF", "GET / HTTP/1.1\n", "malformed_line_end", twin: "GET / HTTP/1.1\r\n"),
        .line("a bare CR", "GET / HTTP/1.1\r", "malformed_line_end", twin: "GET / HTTP/1.1\r\n"),
        .line("LF CR", "GET / HTTP/1.1\n\r", "malformed_line_end", twin: "GET / HTTP/1.1\r\n"),
        .line("CR CR LF", "GET / HTTP/1.1\r\r\n", "malformed_line_end", twin: "GET / HTTP/1.1\r\n"),
        Hostile(
            "the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "unsupported_version",
            twin: "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n"),
        Hostile(
            "a TLS client hello", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", "malformed_method",
            twin: "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"),
    ]

    static let fieldLines: [Hostile] = [
        .fields("an empty name", ": x\r\n", "malformed_field_name", twin: "A: x\r\n"),
        .fields("a name without a colon", "Accept\r\n", "malformed_field_name", twin: "Accept:\r\n"),
        .fields("a space before the colon", "Accept : x\r\n", "malformed_field_name", twin: "Accept: x\r\n"),
        .fields("a tab before the colon", "Accept\t: x\r\n", "malformed_field_name", twin: "Accept:\tx\r\n"),
        .fields("a space in the name", "Ac cept: x\r\n", "malformed_field_name", twin: "Ac-cept: x\r\n"),
        .fields("a NUL in the name", "Ac\0cept: x\r\n", "malformed_field_name", twin: "Accept: x\r\n"),
        .fields("a bracket in the name", "Ac(cept: x\r\n", "malformed_field_name", twin: "Ac'cept: x\r\n"),
        .fields("a slash in the name", "Ac/cept: x\r\n", "malformed_field_name", twin: "Ac^cept: x\r\n"),
        .fields("a quote in the name", "\"Accept\": x\r\n", "malformed_field_name", twin: "`Accept`: x\r\n"),
        .fields("a name that is not ASCII", "Äccept: x\r\n", "malformed_field_name", twin: "Accept: ä\r\n"),
        .fields("a vertical tab first", "\u{B}Accept: x\r\n", "malformed_field_name", twin: "Accept: x\r\n"),
        .fields("a folded value", "Accept: x\r\n y\r\n", "folded_field", twin: "Accept: x y\r\n"),
        .fields("a folded value with a tab", "Accept: x\r\n\ty\r\n", "folded_field", twin: "Accept: x\ty\r\n"),
        .fields("a folded empty line", "Accept: x\r\n \r\n", "folded_field", twin: "Accept: x \r\n"),
        .fields("a NUL in the value", "Accept: x\0y\r\n", "malformed_field_value", twin: "Accept: xy\r\n"),
        .fields("an escape in the value", "Accept: \u{1B}[2J\r\n", "malformed_field_value", twin: "Accept: [2J\r\n"),
        .fields("DEL in the value", "Accept: x\u{7F}\r\n", "malformed_field_value", twin: "Accept: x~\r\n"),
        .fields(
            "a vertical tab in the value", "Accept: x\u{B}y\r\n", "malformed_field_value", twin: "Accept: x\ty\r\n"),
        .fields("a form feed in the value", "Accept: \u{C}x\r\n", "malformed_field_value", twin: "Accept: x\r\n"),
        .fields("a bare LF after a value", "Accept: x\n", "malformed_line_end", twin: "Accept: x\r\n"),
        .fields(
            "a bare LF and a field", "Accept: x\nX-A: b\r\n", "malformed_line_end", twin: "Accept: x\r\nX-A: b\r\n"),
        .fields("a bare CR in a value", "Accept: x\ry\r\n", "malformed_line_end", twin: "Accept: xy\r\n"),
        .fields(
            "a bare CR hides a field", "Accept: x\rContent-Length: 5\r\n", "malformed_line_end", twin: "Accept: x\r\n"),
        .fields("CR CR LF", "Accept: x\r\r\n", "malformed_line_end", twin: "Accept: x\r\n"),
        .fields("a bare LF ends the head", "\nGET / HTTP/1.1\r\n", "malformed_line_end", twin: "A: b\r\n"),
        .fields("CR and something else end the head", "\rX: y\r\n", "malformed_line_end", twin: "X: y\r\n"),
        .fields(
            "an expectation nobody knows", "Expect: miracles\r\n", "unsupported_expectation",
            twin: "Expect: 100-continue\r\n"),
        .fields(
            "an expectation with a parameter", "Expect: 100-continue;x=1\r\n", "unsupported_expectation",
            twin: "Expect: 100-Continue\r\n"),
        .fields(
            "two expectations", "Expect: 100-continue\r\nExpect: 100-continue\r\n", "unsupported_expectation",
            twin: "Expect: 100-continue\r\n"),
        .fields(
            "an upgrade", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "unsupported_upgrade",
            twin: "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
        .fields(
            "an upgrade hidden in a list", "Upgrade: h2c, websocket\r\n", "unsupported_upgrade",
            twin: "Upgrade: h2c\r\n"),
        .fields(
            "Connection with a quote", "Connection: \"close\"\r\n", "malformed_connection",
            twin: "Connection: close\r\n"),
        .fields(
            "Connection with a blank inside", "Connection: a b\r\n", "malformed_connection",
            twin: "Connection: a, b\r\n"),
    ]

    static let framings: [Hostile] = [
        .fields(
            "Content-Length and Transfer-Encoding", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "ambiguous_length", twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "Transfer-Encoding and Content-Length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "ambiguous_length", twin: "Content-Length: 5\r\n"),
        .fields(
            "two lengths that differ", "Content-Length: 5\r\nContent-Length: 6\r\n", "ambiguous_length",
            twin: "Content-Length: 5\r\n"),
        .fields(
            "two lengths that agree", "Content-Length: 5\r\nContent-Length: 5\r\n", "ambiguous_length",
            twin: "Content-Length: 5\r\nX-Content-Length: 5\r\n"),
        .fields("a list of lengths", "Content-Length: 5, 5\r\n", "malformed_length", twin: "Content-Length: 55\r\n"),
        .fields("a length with a plus", "Content-Length: +5\r\n", "malformed_length", twin: "Content-Length: 5\r\n"),
        .fields("a length with a minus", "Content-Length: -5\r\n", "malformed_length", twin: "Content-Length: 5\r\n"),
        .fields(
            "a length with a blank inside", "Content-Length: 5 5\r\n", "malformed_length",
            twin: "Content-Length: 55\r\n"),
        .fields("a hexadecimal length", "Content-Length: 0x5\r\n", "malformed_length", twin: "Content-Length: 5\r\n"),
        .fields(
            "a length with a zero in front", "Content-Length: 05\r\n", "malformed_length", twin: "Content-Length: 0\r\n"
        ),
        .fields("an empty length", "Content-Length:\r\n", "malformed_length", twin: "Content-Length: 0\r\n"),
        .fields(
            "a length with a fraction", "Content-Length: 5.0\r\n", "malformed_length", twin: "Content-Length: 50\r\n"),
        .fields(
            "a length with an exponent", "Content-Length: 1e3\r\n", "malformed_length", twin: "Content-Length: 1000\r\n"
        ),
        .fields(
            "a length with an underscore", "Content-Length: 1_0\r\n", "malformed_length", twin: "Content-Length: 10\r\n"
        ),
        .fields("Arabic digits", "Content-Length: \u{665}\r\n", "malformed_length", twin: "Content-Length: 5\r\n"),
        .fields(
            "a length over 64 bits", "Content-Length: 18446744073709551621\r\n", "malformed_length",
            twin: "Content-Length: 999999999999999999\r\n"),
        .fields(
            "a coding nobody knows", "Transfer-Encoding: xchunked\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "a capital letter", "Transfer-Encoding: Chunked\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding:chunked\r\n"),
        .fields(
            "identity", "Transfer-Encoding: identity\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "gzip before chunked", "Transfer-Encoding: gzip, chunked\r\n", "unsupported_transfer_coding",
            twin: "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
        .fields(
            "chunked twice in a list", "Transfer-Encoding: chunked, chunked\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "ambiguous_length",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "chunked, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "ambiguous_length",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "chunked with a parameter", "Transfer-Encoding: chunked;q=1\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "chunked in quotes", "Transfer-Encoding: \"chunked\"\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "a comma after chunked", "Transfer-Encoding: chunked,\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding: chunked \r\n"),
        .fields(
            "an empty coding", "Transfer-Encoding:\r\n", "unsupported_transfer_coding",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "a vertical tab before chunked", "Transfer-Encoding: \u{B}chunked\r\n", "malformed_field_value",
            twin: "Transfer-Encoding: \tchunked\r\n"),
        .fields(
            "a space before the colon", "Transfer-Encoding : chunked\r\n", "malformed_field_name",
            twin: "Transfer-Encoding: chunked\r\n"),
        .fields(
            "a folded coding", "Transfer-Encoding:\r\n chunked\r\n", "folded_field",
            twin: "Transfer-Encoding: chunked\r\n"),
        Hostile(
            "chunks on HTTP/1.0", "POST / HTTP/1.0\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n",
            "unsupported_transfer_coding", twin: "POST / HTTP/1.0\r\nHost: a.test\r\nContent-Length: 5\r\n\r\n"),
        Hostile(
            "CONNECT with a body", "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nContent-Length: 5\r\n\r\n",
            "unexpected_body", twin: "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n"),
    ]

    static let hosts: [Hostile] = [
        .host("no host", "Accept: x\r\n", "missing_host"),
        .host("two hosts", "Host: a.test\r\nHost: b.test\r\n", "duplicate_field"),
        .host("the same host twice", "Host: a.test\r\nhost: a.test\r\n", "duplicate_field"),
        .host("an empty host", "Host:\r\n", "malformed_host"),
        .host("a list", "Host: a.test, b.test\r\n", "malformed_host"),
        .host("a list without blanks", "Host: a.test,b.test\r\n", "malformed_host"),
        .host("two names", "Host: a.test b.test\r\n", "malformed_host"),
        .host("user information", "Host: user@a.test\r\n", "malformed_host"),
        .host("a path", "Host: a.test/b\r\n", "malformed_host"),
        .host("a backslash", "Host: a.test\\b\r\n", "malformed_host"),
        .host("a query", "Host: a.test?b\r\n", "malformed_host"),
        .host("a fragment", "Host: a.test#b\r\n", "malformed_host"),
        .host("not ASCII", "Host: ä.test\r\n", "malformed_host", twin: "Host: xn--4ca.test\r\n"),
        .host("a space before the colon", "Host : a.test\r\n", "malformed_field_name"),
        .host(
            "the host field folded in", "X: y\r\n Host: a.test\r\n", "folded_field", twin: "X: y\r\nHost: a.test\r\n"),
    ]

    @Test("limits refuse one byte or field beyond them, and not before")
    func limits() throws {
        func request(target: Int, fields: Int) -> String {
            let lines = (0..<fields).map { "X-\($0): y\r\n" }.joined()
            return "GET /\(String(repeating: "a", count: target)) HTTP/1.1\r\nHost: a.test\r\n\(lines)\r\n"
        }
        let whole = request(target: 50, fields: 9)
        let fits = HTTPLimits(startLineBytes: 64, headBytes: whole.utf8.count + 100, fields: 10)
        #expect(verdict(request: whole, limits: fits) == nil)
        #expect(verdict(request: request(target: 50, fields: 0), limits: fits) == nil)
        #expect(verdict(request: request(target: 70, fields: 0), limits: fits) == "start_line_too_long")
        #expect(verdict(request: request(target: 50, fields: 10), limits: fits) == "too_many_fields")
        #expect(verdict(request: request(target: 51, fields: 8), limits: fits) == "start_line_too_long")
        let short = HTTPLimits(headBytes: whole.utf8.count - 1)
        #expect(verdict(request: whole, limits: short) == "head_too_large")
        let endless = "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 70_000)
        #expect(verdict(request: endless) == "head_too_large")
        #expect(verdict(request: String(repeating: "A", count: 20_000)) == "start_line_too_long")
        #expect(verdict(request: "GET /" + String(repeating: "a", count: 10_000)) == "incomplete")
    }

    @Test("what is wrong is refused before the head is whole")
    func early() {
        #expect(verdict(request: "GET / HTTP/1.1\r\nHost : ") == "malformed_field_name")
        #expect(verdict(request: "GET / http") == "malformed_start_line")
        #expect(verdict(request: "GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: x\r\n") == "malformed_length")
        #expect(verdict(request: "GET / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n") == "incomplete")
    }

    @Test("a head says who, what, and how the message ends")
    func reading() throws {
        let raw = bytes(
            "POST /a?b=c HTTP/1.1\r\nHost: a.test\r\nX-A:\t b \t\r\nX-B:\r\nContent-Length: 12\r\n\r\nhello")
        let (head, consumed) = try #require(try RequestHead.parse(raw.span))
        #expect(head.method == "POST")
        #expect(head.target == "/a?b=c")
        #expect(head.fields.lines == ["Host: a.test", "X-A: b", "X-B: ", "Content-Length: 12"])
        #expect(head.framing == .length(12))
        #expect(head.isPersistent && !head.expectsContinue && head.minorVersion == 1)
        #expect(text(raw[consumed...]) == "hello")
    }

    @Test(
        "the connection is kept where version and Connection say so",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: x, CLOSE\r\n", false),
            ("1.1", "Connection: keep-alive\r\n", true), ("1.1", "Connection: closed\r\n", true),
            ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
            ("1.0", "Connection: keep-alive, close\r\n", false), ("1.1", "Connection: , ,close ,\r\n", false),
        ])
    func persistence(_ version: String, _ fields: String, _ persistent: Bool) throws {
        let raw = bytes("GET / HTTP/\(version)\r\nHost: a.test\r\n\(fields)\r\n")
        #expect(try #require(try RequestHead.parse(raw.span)).head.isPersistent == persistent)
    }

    @Test("HTTP/1.0 needs no Host, and is never told to continue")
    func oldClient() throws {
        let raw = bytes("GET http://a.test/ HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")
        let head = try #require(try RequestHead.parse(raw.span)).head
        #expect(!head.expectsContinue && head.minorVersion == 0 && head.framing == .none)
    }

    @Test("every shorter piece of a head is incomplete, and the whole reads the same")
    func prefixes() throws {
        let raw = bytes(
            "PUT http://a.test/x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for length in 0..<raw.count {
            #expect(verdict(request: Array(raw[..<length])) == "incomplete", "\(length) bytes")
        }
        let (head, consumed) = try #require(try RequestHead.parse(raw.span))
        #expect(consumed == raw.count && head.framing == .chunked && !head.isPersistent)
    }

    @Test("every split of every hostile head ends in a refusal, whatever arrives first")
    func hostilePrefixes() {
        for hostile in Self.startLines + Self.fieldLines + Self.framings + Self.hosts {
            let raw = bytes(hostile.head)
            var refusals: Set<String> = []
            for length in 0...raw.count {
                guard let verdict = verdict(request: Array(raw[..<length])) else {
                    Issue.record("\(hostile.name): taken after \(length) bytes")
                    break
                }
                if verdict != "incomplete" { refusals.insert(verdict) }
            }
            #expect(refusals == [hostile.code], "\(hostile.name)")
        }
    }

    @Test("no mutation of a head crashes the reader or makes it take more than it was given", arguments: 0..<8)
    func mutations(_ seed: UInt64) {
        var dice = Dice(seed)
        let seeds = (Self.startLines + Self.fieldLines + Self.framings + Self.hosts).flatMap { [$0.head, $0.twin] }
        for _ in 0..<2_000 {
            var raw = bytes(seeds.randomElement(using: &dice) ?? "")
            for _ in 0..<Int.random(in: 1...6, using: &dice) where !raw.isEmpty {
                let index = Int.random(in: 0..<raw.count, using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: raw[index] = UInt8.random(in: 0...255, using: &dice)
                case 1: raw.remove(at: index)
                case 2:
                    raw.insert(
                        contentsOf: bytes(["\r", "\n", "\r\n", " ", ":", ",", "\0"].randomElement(using: &dice) ?? ""),
                        at: index)
                default: raw.insert(contentsOf: raw[index..<min(raw.count, index + 20)], at: index)
                }
            }
            guard let result = try? RequestHead.parse(raw.span) else { continue }
            #expect(result.consumed <= raw.count)
            // What was taken has one reading: written anew and read again, it says the same.
            #expect(!text(raw[..<result.consumed]).utf8.contains(0))
        }
    }
}
