/// Ends of lines, and every byte in every place.
extension HostileCorpus {
    static let lines = [lineEnds, folds]
    static let octets = [octetsInStartLine, octetsInFields, octetsInFraming, delimiters]

    private static let lineEnds = HostileFamily(
        "line ends", "one reader ends a line at a bare return or feed, or goes on over what another ends at"
    ) { family in
        let ends = [
            "\n", "\r", "\r\r\n", "\n\r", "\n\n", "\r\n\r", "\0\r\n", "\r\0\n", "\u{B}\r\n", "\u{C}\r\n", "\u{85}",
            "\u{85}\r\n", Draft.utf8("\u{2028}"),
            "\r \n", "\r\t\n", "\u{1C}", "\u{1E}", "\u{7F}\r\n", "", "\\r\\n", "%0d%0a", Draft.utf8("\u{10A}"),
            Draft.utf8("\u{10D}\u{10A}"),
        ]
        for end in ends {
            let shown = Draft.shown(end)
            // What is allowed in a value, if it is not a line end, makes one value of two lines.
            let inValue: HostileMessage.Expectation =
                end.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value < 0x100 }
                ? .either : .refused
            let inLast: HostileMessage.Expectation = end == "\u{85}\r\n" ? .either : inValue
            family.add("after the start line: \(shown)", "GET /echo HTTP/1.1\(end)Host: api.test\r\nX-A: b\r\n\r\n")
            family.add("after Host: \(shown)", "GET /echo HTTP/1.1\r\nHost: api.test\(end)X-A: b\r\n\r\n")
            family.add(
                "after a field: \(shown)", "GET /echo HTTP/1.1\r\nHost: api.test\r\nX-A: b\(end)X-B: c\r\n\r\n", inLast)
            family.add(
                "after the last field: \(shown)", "GET /echo HTTP/1.1\r\nHost: api.test\r\nX-A: b\(end)\r\n",
                inLast == .either && end != "\u{85}\r\n" ? .refused : inLast)
            family.add(
                "as the empty line: \(shown)", "GET /echo HTTP/1.1\r\nHost: api.test\r\nX-A: b\r\n\(end)",
                Draft.begins(end, with: "\r\n") ? .refusedAfter(1) : .refused)
            family.add(
                "before the start line: \(shown)", "\(end)GET /echo HTTP/1.1\r\nHost: api.test\r\n\r\n",
                // What is written out makes another method.
                end.isEmpty ? .read(1) : end == "%0d%0a" ? .either : .refused)
            family.add("all of them: \(shown)", "GET /echo HTTP/1.1\(end)Host: api.test\(end)\(end)")
        }
        family.add("an empty line first", "\r\n" + Draft.greeting)
        family.add("two empty lines first", "\r\n\r\n" + Draft.greeting)
    }

    private static let folds = HostileFamily(
        "folded fields", "one reader joins the lines, another takes the second for a field, a third skips it"
    ) { family in
        for name in [
            "X-A", "Host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type", "Authorization",
        ] {
            for blank in [" ", "\t", "  ", " \t"] {
                for value in ["", "b", "Content-Length: 5", "Transfer-Encoding: chunked"] {
                    family.add(
                        "\(name), then \(Draft.shown(blank + value))", .fields("\(name): \r\n\(blank)\(value)\r\n"))
                }
            }
        }
        for blank in [" ", "\t"] {
            family.add(
                "the first line: \(Draft.shown(blank))",
                "GET /echo HTTP/1.1\r\n\(blank)Host: api.test\r\nHost: api.test\r\n\r\n")
            family.add(
                "the empty line: \(Draft.shown(blank))", "GET /echo HTTP/1.1\r\nHost: api.test\r\n\(blank)\r\n\r\n")
        }
    }

    /// Every control byte, and bytes beyond ASCII that some character set gives a meaning.
    private static let odd: [String] =
        ((0..<0x20).map { $0 } + [0x7F, 0x80, 0x85, 0xA0, 0xAD, 0xC0, 0xE2, 0xFE, 0xFF]).map {
            String(Unicode.Scalar(UInt8($0)))
        }

    private static let octetsInStartLine = HostileFamily(
        "bytes in the start line", "one reader skips, cuts at or keeps a byte that no start line may have"
    ) { family in
        for byte in odd {
            let shown = Draft.shown(byte)
            for (place, line) in [
                ("before the method", "\(byte)GET /echo HTTP/1.1"), ("in the method", "G\(byte)ET /echo HTTP/1.1"),
                ("after the method", "GET\(byte) /echo HTTP/1.1"), ("for the first space", "GET\(byte)/echo HTTP/1.1"),
                ("before the target", "GET \(byte)/echo HTTP/1.1"), ("in the path", "GET /ec\(byte)ho HTTP/1.1"),
                ("in the query", "GET /echo?a=\(byte)b HTTP/1.1"), ("after the target", "GET /echo\(byte) HTTP/1.1"),
                ("for the second space", "GET /echo\(byte)HTTP/1.1"), ("in the version", "GET /echo HTTP/\(byte)1.1"),
                ("after the version", "GET /echo HTTP/1.1\(byte)"),
            ] {
                family.add("\(shown) \(place)", "\(line)\r\nHost: api.test\r\n\r\n")
            }
        }
    }

    private static let octetsInFields = HostileFamily(
        "bytes in fields", "one reader skips, cuts at or ends a line at a byte that another keeps"
    ) { family in
        for byte in odd {
            let shown = Draft.shown(byte)
            for (place, line) in [
                ("before a name", "\(byte)X-A: b"), ("in a name", "X-\(byte)A: b"), ("after a name", "X-A\(byte): b"),
                ("before Content-Length", "\(byte)Content-Length: 0"),
                ("after Transfer-Encoding", "Transfer-Encoding\(byte): chunked"),
            ] {
                family.add("\(shown) \(place)", .fields("\(line)\r\n"))
            }
            let isText = byte == "\t" || byte.unicodeScalars.allSatisfy { $0.value >= 0x80 }
            for (place, line) in [
                ("before a value", "X-A: \(byte)b"), ("in a value", "X-A: b\(byte)c"),
                ("after a value", "X-A: b\(byte)"),
            ] {
                family.add("\(shown) \(place)", .fields("\(line)\r\n"), isText ? .either : .refused)
            }
        }
    }

    private static let octetsInFraming = HostileFamily(
        "bytes in Host and framing", "one reader skips or cuts at a byte in what says whom and how much"
    ) { family in
        for byte in odd {
            let shown = Draft.shown(byte)
            let isBlank: HostileMessage.Expectation = byte == "\t" ? .read(1) : .refused
            family.add("\(shown) before the host", Draft(method: "GET", host: "Host: \(byte)api.test\r\n"), isBlank)
            family.add("\(shown) in the host", Draft(method: "GET", host: "Host: api\(byte).test\r\n"))
            family.add("\(shown) after the host", Draft(method: "GET", host: "Host: api.test\(byte)\r\n"), isBlank)
            family.add("\(shown) before a chunk size", .chunked("\(byte)5\r\nhello\r\n0\r\n\r\n"))
            family.add("\(shown) after a chunk size", .chunked("5\(byte)\r\nhello\r\n0\r\n\r\n"))
            family.add("\(shown) after a chunk", .chunked("5\r\nhello\(byte)\r\n0\r\n\r\n"))
        }
    }

    private static let delimiters = HostileFamily(
        "delimiters", "what no name, method or path may have ends it for one reader and not for another"
    ) { family in
        for byte in "\"(),/:;<=>?@[\\]{} " {
            let shown = Draft.shown(String(byte))
            family.add("\(shown) in a method", "G\(byte)T /echo HTTP/1.1\r\nHost: api.test\r\n\r\n")
            family.add("\(shown) before a method", "\(byte)GET /echo HTTP/1.1\r\nHost: api.test\r\n\r\n")
            family.add("\(shown) after a method", "GET\(byte) /echo HTTP/1.1\r\nHost: api.test\r\n\r\n")
            let isColon: HostileMessage.Expectation = byte == ":" ? .either : .refused
            family.add("\(shown) in a name", .fields("X-\(byte)A: b\r\n"), isColon)
            family.add("\(shown) before a name", .fields("\(byte)X-A: b\r\n"))
            family.add("\(shown) after a name", .fields("X-A\(byte): b\r\n"), isColon)
        }
        for byte in "\"<>\\^`{|}#%" {
            let shown = Draft.shown(String(byte))
            family.add("\(shown) in a path", Draft(method: "GET", target: "/ec\(byte)ho"))
            family.add(
                "\(shown) in a query", Draft(method: "GET", target: "/echo?a=\(byte)b"),
                byte == "|" ? .read(1) : .either)
        }
    }
}
