/// Fields that come twice, in disguise, or concern the connection.
extension HostileCorpus {
    static let fields = [repeated, underscores]
    static let connections = [connectionOptions, expectations]

    private static let single = [
        "Authorization", "Proxy-Authorization", "Cookie", "Content-Type", "Content-Encoding", "Content-MD5",
        "Content-Range", "Content-Location", "Content-Disposition", "Range", "Date", "Origin", "Referer", "Destination",
        "Depth", "Overwrite", "If-Modified-Since", "If-Unmodified-Since", "Idempotency-Key", "X-Idempotency-Key",
        "X-Amz-Target", "X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Copy-Source", "X-Amz-ACL", "X-Ms-Version",
        "X-Ms-Copy-Source", "X-Goog-User-Project", "Stripe-Account", "Stripe-Version", "Mcp-Session-Id", "Mcp-Method",
        "Mcp-Name", "X-API-Key", "Private-Token",
    ]

    private static let repeated = HostileFamily(
        "fields twice", "one reader takes the first, another the last, a third joins them with a comma"
    ) { family in
        for name in single {
            // What goes no further than this gate may come as it likes.
            let expected: HostileMessage.Expectation =
                ["Proxy-Authorization", "Cookie"].contains(name) ? .either : .refused
            family.add("\(name), the same", .fields("\(name): 1\r\n\(name): 1\r\n"), expected)
            family.add("\(name), another", .fields("\(name): 1\r\nX-A: b\r\n\(name.lowercased()): 2\r\n"), expected)
        }
    }

    private static let underscores = HostileFamily(
        "underscores", "CGI and its descendants read `_` as `-`"
    ) { family in
        for name in single + ["Content-Length", "Transfer-Encoding", "X-HTTP-Method-Override", "X-Original-URL"]
        where name.contains("-") {
            let expected: HostileMessage.Expectation =
                name.hasPrefix("X-API") || name.hasPrefix("Private") ? .either : .refused
            family.add(name, .fields("\(name.replacing("-", with: "_")): 1\r\n"), expected)
            family.add(
                "\(name), one of them", .fields("\(name.replacing("-", with: "_", maxReplacements: 1)): 1\r\n"),
                expected)
        }
    }

    private static let connectionOptions = HostileFamily(
        "connection options",
        "a reader takes out the fields that Connection names (RFC 9110 section 7.6.1), another does not"
    ) { family in
        let named = [
            "Host", "Content-Length", "Transfer-Encoding", "Authorization", "Cookie", "Content-Type", "X-A", "Accept",
            "User-Agent", "Expect", "Content-Encoding", "X-Forwarded-For", "Via", "Date",
        ]
        for name in named {
            let lines =
                "\(name == "Host" ? "" : name == "Transfer-Encoding" ? "" : name == "Content-Length" ? "Content-Length: 5\r\n" : name == "Expect" ? "Expect: 100-continue\r\n" : name == "Content-Encoding" ? "Content-Encoding: identity\r\n" : "\(name): a\r\n")"
            let framing = name == "Transfer-Encoding" ? "Transfer-Encoding: chunked\r\n" : ""
            let body = name == "Content-Length" ? "hello" : framing.isEmpty ? "" : Draft.chunks
            for option in [
                name, name.lowercased(), "close, \(name)", "keep-alive,\(name) ", " , \(name),,",
                "\(name)\r\nConnection: close",
            ] {
                family.add(
                    "Connection: \(Draft.shown(option))", .fields("\(lines)\(framing)Connection: \(option)\r\n", body))
            }
        }
        for option in [
            "", ",", ",,", " ", "close, ,", "keep-alive", "close", "Close", "KEEP-ALIVE", "close, keep-alive",
            "keep-alive, close", "upgrade", "te", "trailer", "x-nothing",
        ] {
            family.add("Connection: \(Draft.shown(option))", .fields("Connection: \(option)\r\n"), .read(1))
        }
        for option in [
            "close;", "\"close\"", "close keep-alive", "clo se", "close\0", "(close)", "close; x=y", "close/1",
            "close=1", Draft.utf8("ｃlose"), "\u{85}close", "@", ":", "[", "\\close",
        ] {
            family.add("Connection: \(Draft.shown(option))", .fields("Connection: \(option)\r\n"))
        }
        for name in ["Keep-Alive", "Proxy-Connection", "TE", "Trailer"] {
            for value in ["", "close", "keep-alive", "trailers", "timeout=5", "chunked"] {
                family.add("\(name): \(value)", .fields("\(name): \(value)\r\n"), .read(1))
            }
        }
    }

    private static let expectations = HostileFamily(
        "expectations", "one reader waits for its peer where the other waits too, or takes the body for a request"
    ) { family in
        for value in [
            "", "100", "100-Continu", "100-continue, 100-continue", "100-continue,", ",100-continue", "100-continue;",
            "100-continue; a=b", "100 -continue", "100- continue", "\"100-continue\"", "100-continue\0",
            "\u{B}100-continue", "x-100-continue", "200-ok", "101-continue", "y 100-continue", "100_continue",
            "miracles", "100-continue\r\nExpect: 100-continue",
        ] {
            for framing in ["", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
                let body = framing.isEmpty ? "" : framing.hasPrefix("C") ? "hello" : Draft.chunks
                family.add(
                    "\(Draft.shown(value)) with \(Draft.shown(framing))",
                    .fields("Expect: \(value)\r\n\(framing)", body))
            }
        }
        for value in ["100-continue", "100-Continue", " 100-continue "] {
            for (framing, body) in [
                ("", ""), ("Content-Length: 5\r\n", "hello"), ("Transfer-Encoding: chunked\r\n", Draft.chunks),
            ] {
                family.add(
                    "\(Draft.shown(value)) with \(Draft.shown(framing))",
                    .fields("Expect: \(value)\r\n\(framing)", body), .read(1))
            }
        }
    }
}
