/// What stands between the bytes of a chunked body.
extension HostileCorpus {
    static let chunks = [chunkSizes, chunkExtensions, chunkEnds, trailers]

    private static let chunkSizes = HostileFamily(
        "chunk sizes", "hexadecimal is read by routines that skip signs, prefixes, blanks and digits too many"
    ) { family in
        let sizes = [
            "", "+5", "-5", "0x5", "0X5", "x5", " 5", "5 ", "\t5", "5\t", "  5", "5  ", "5h", "5g", "g", "G5", "five",
            "5.0", "5,5",
            "5 5", "5_", "0_5", "%35", "\"5\"", "\0", "5\0", "\u{0}5", "5\u{B}", "\u{B}5", "5\u{7F}", "\u{A0}5",
            "5\u{A0}", Draft.utf8("５"),
            "00000000000000005", "10000000000000005", "100000005", "ffffffff", "fffffffffffffffb", "ffffffffffffffff",
            "8000000000000005", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", String(repeating: "0", count: 64) + "5", "--5",
            "5-", "5+", "(5)", "5/", "5:",
            "5=", "5#", "\r\n5", "\n5", "5\r", "5\n", "-0", "+0", "0x0", "0x", "00x5",
        ]
        for size in sizes {
            family.add(Draft.shown(size), .chunked("\(size)\r\nhello\r\n0\r\n\r\n" + Draft.smuggled))
        }
        for size in ["5", "05", "0005", "0000000000000005"] {
            family.add("\(size), which is five", .chunked("\(size)\r\nhello\r\n0\r\n\r\n"), .read(1))
        }
        for size in ["a", "A", "0a", "0A"] {
            family.add("\(size), which is ten", .chunked("\(size)\r\nhellohello\r\n0\r\n\r\n"), .read(1))
        }
    }

    private static let chunkExtensions = HostileFamily(
        "chunk extensions", "one reader ends the line at a bare feed, a quote or a `;` that another reads over"
    ) { family in
        let extensions = [
            ";", ";a", ";a=b", ";a=\"b\"", ";a=\"b", ";a=\"\r\n0\r\n\r\n\"", ";a=\"b\\\"c\"", "; a", " ;a", "\t;a",
            ";\ta=b", ";a;b;c",
            ";a=b;c=d", ";=", ";;", ";a=", ";a b", ";\0", ";a\0b", ";a\nb", ";a\rb", ";\n", ";\r", ";\u{7F}", ";\u{FF}",
            ";5", ";0", ";a=0\n0\r\n\r\n",
            ";" + String(repeating: "a", count: 5000),
        ]
        for each in extensions {
            family.add("after five: \(Draft.shown(each))", .chunked("5\(each)\r\nhello\r\n0\r\n\r\n" + Draft.smuggled))
            family.add(
                "after the last: \(Draft.shown(each))", .chunked("5\r\nhello\r\n0\(each)\r\n\r\n" + Draft.smuggled))
        }
    }

    private static let chunkEnds = HostileFamily(
        "chunk ends", "one reader skips to the next line where another counts two bytes, whatever they are"
    ) { family in
        let ends = [
            "", "\n", "\r", "\r\r\n", "\n\r", "\n\n", "\r\n\r\n", "\r\n\n", "xx", "x\r\n", " \r\n", "\0\r\n", "\r\nx",
            "\r\n ",
        ]
        for end in ends {
            let shown = Draft.shown(end)
            family.add("after a size: \(shown)", .chunked("5\(end)hello\r\n0\r\n\r\n"))
            family.add("after the content: \(shown)", .chunked("5\r\nhello\(end)0\r\n\r\n" + Draft.smuggled))
            family.add(
                "after the last size: \(shown)", .chunked("5\r\nhello\r\n0\(end)" + (end == "\r\n\r\n" ? "" : "\r\n")),
                end == "\r\n\r\n" ? .read(1) : .refused)
            family.add(
                "as the last line: \(shown)", .chunked("5\r\nhello\r\n0\r\n\(end)"),
                Draft.begins(end, with: "\r\n") ? .refusedAfter(1) : .refused)
        }
        family.add("no last chunk", .chunked("5\r\nhello\r\n"))
        family.add("a chunk shorter than its size", .chunked("6\r\nhello\r\n0\r\n\r\n"))
        family.add("a chunk longer than its size", .chunked("4\r\nhello\r\n0\r\n\r\n"))
        family.add("a second end", .chunked("0\r\n\r\n0\r\n\r\n"), .refusedAfter(1))
        family.add("no chunks but a request", .chunked(Draft.smuggled))
        family.add("a body without chunks", .chunked("hello"))
        family.add("nothing", .chunked(""))
    }

    private static let trailers = HostileFamily(
        "trailers", "one reader joins them to the head, where another had judged it without them"
    ) { family in
        let lines = [
            "X-Late: 1\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: other.test\r\n",
            "Authorization: Bearer x\r\n",
            "X-A: b\n", "X-A: b\rX-B: c\r\n", " X-A: b\r\n", "\tX-A: b\r\n", ": b\r\n", "X-A b\r\n", "X-A : b\r\n",
            "X-A: \0\r\n", "X-A: b\r\n c\r\n",
            "GET /smuggled HTTP/1.1\r\n", "\n", "\r", "X-A: b\r\nX-A: c\r\n", "Trailer: X\r\n",
            "X-HTTP-Method-Override: DELETE\r\n", "X-A: \(String(repeating: "b", count: 70_000))\r\n",
        ]
        for line in lines {
            family.add(Draft.shown(line), .chunked("5\r\nhello\r\n0\r\n\(line)\r\n"))
            family.add(
                "announced: " + Draft.shown(line),
                .fields("Trailer: X-Late\r\nTransfer-Encoding: chunked\r\n", "0\r\n\(line)\r\n" + Draft.smuggled))
        }
        family.add(
            "announced, and none", .fields("Trailer: X-Late\r\nTransfer-Encoding: chunked\r\n", Draft.chunks), .read(1))
    }
}
