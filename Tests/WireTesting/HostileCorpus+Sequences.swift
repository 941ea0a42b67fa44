/// Too much, too little, and requests behind one another.
extension HostileCorpus {
    static let sizes = [large]
    static let sequences = [bodiesWithoutNeed, cut, pipelined]

    private static let large = HostileFamily(
        "sizes", "one reader cuts, skips or spills over what another takes whole"
    ) { family in
        func filled(_ count: Int) -> String { String(repeating: "a", count: count) }
        // `GET ` and ` HTTP/1.1` are 13 bytes of the start line's 16,384.
        for (count, expected) in [
            (16_300, HostileMessage.Expectation.read(1)), (16_371, .read(1)), (16_372, .refused), (16_384, .refused),
            (20_000, .refused), (65_536, .refused), (1_000_000, .refused),
        ] {
            family.add("a target of \(count)", Draft(method: "GET", target: "/" + filled(count - 1)), expected)
            family.add("a query of \(count)", Draft(method: "GET", target: "/?" + filled(count - 2)), expected)
        }
        for count in [16_384, 20_000, 100_000] { family.add("a method of \(count)", Draft(method: filled(count))) }
        for (count, expected) in [
            (4_000, HostileMessage.Expectation.either), (8_192, .either), (32_000, .either), (65_000, .either),
            (65_536, .refused), (70_000, .refused), (1_000_000, .refused),
        ] {
            family.add("a value of \(count)", .fields("X-A: \(filled(count))\r\n"), expected)
            family.add("a name of \(count)", .fields("\(filled(count)): b\r\n"), expected)
            family.add("blanks of \(count)", .fields("X-A:\(String(repeating: " ", count: count))b\r\n"), expected)
            family.add(
                "a Connection of \(count)", .fields("Connection: \(String(repeating: "a,", count: count / 2))\r\n"),
                expected)
        }
        for (count, expected) in [
            (150, HostileMessage.Expectation.read(1)), (198, .read(1)), (200, .refused), (201, .refused),
            (1_000, .refused), (10_000, .refused),
        ] {
            family.add("\(count) fields", .fields((0..<count).map { "X-\($0): b\r\n" }.joined()), expected)
            family.add("\(count) fields of one name", .fields(String(repeating: "X-A: b\r\n", count: count)), expected)
            family.add("\(count) empty fields", .fields((0..<count).map { "X-\($0):\r\n" }.joined()), expected)
        }
        family.add("many small chunks", .chunked(String(repeating: "1\r\na\r\n", count: 2000) + "0\r\n\r\n"), .read(1))
        family.add("zeros before a size", .chunked(String(repeating: "0", count: 70_000) + "5\r\nhello\r\n0\r\n\r\n"))
    }

    private static let bodiesWithoutNeed = HostileFamily(
        "bodies of methods without one", "one reader skips the body of a GET, which is the next request to another"
    ) { family in
        for method in ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY"] {
            family.add(
                "\(method) with a length", Draft(method: method, fields: "Content-Length: 5\r\n", body: "hello"),
                .read(1))
            family.add(
                "\(method) with chunks",
                Draft(method: method, fields: "Transfer-Encoding: chunked\r\n", body: Draft.chunks), .read(1))
            family.add(
                "\(method) with a request as its body",
                Draft(method: method, fields: "Content-Length: \(Draft.smuggled.utf8.count)\r\n", body: Draft.smuggled),
                .read(1))
            family.add("\(method) with a body and no length", Draft(method: method, body: "hello"), .refusedAfter(1))
            family.add(
                "\(method) with a length of nothing", Draft(method: method, fields: "Content-Length: 0\r\n"), .read(1))
        }
        for framing in ["Content-Length: 5\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n"] {
            family.add(
                "CONNECT with \(Draft.shown(framing))",
                Draft(method: "CONNECT", target: "api.test:80", fields: framing, body: "hello"))
        }
    }

    private static let cut = HostileFamily(
        "cut messages",
        "one reader takes what is there for the whole, another waits, a third takes what comes next for the rest"
    ) { family in
        let whole = Draft.fields("Content-Length: 5\r\n", "hello").text
        for count in 1..<whole.unicodeScalars.count {
            family.add("after \(count) bytes", String(whole.unicodeScalars.prefix(count)))
        }
        let chunked = Draft.chunked(Draft.chunks).text
        for count in 1...15 {
            family.add("chunks without the last \(count) bytes", String(chunked.unicodeScalars.dropLast(count)))
        }
    }

    private static let pipelined = HostileFamily(
        "requests behind one another", "where one reader ends a message another begins the next"
    ) { family in
        let put = Draft.fields("Content-Length: 5\r\n", "hello").text
        let chunked = Draft.chunked(Draft.chunks).text
        for (name, first) in [("a greeting", Draft.greeting), ("a length", put), ("chunks", chunked)] {
            family.add("\(name), then a request", first + Draft.smuggled, .read(2))
            family.add("\(name), then two", first + Draft.smuggled + put, .read(3))
            for (label, between) in [
                ("an empty line", "\r\n"), ("two", "\r\n\r\n"), ("a line feed", "\n"), ("a return", "\r"),
                ("a blank", " "), ("NUL", "\0"), ("a byte", "x"), ("a word and a blank", "x "),
                ("another body", "hello"), ("a last chunk", "0\r\n\r\n"),
            ] {
                // A byte before the method makes another method of it.
                let expected: HostileMessage.Expectation =
                    label == "a byte" || label == "another body" ? .read(2) : .refusedAfter(1)
                family.add("\(name), \(label), then a request", first + between + Draft.smuggled, expected)
            }
            family.add(
                "\(name), then a host of another", first + "GET /echo HTTP/1.1\r\nHost: other.test\r\n\r\n",
                .refusedAfter(1))
            family.add("\(name), then no request", first + "hello\r\n\r\n", .refusedAfter(1))
            family.add("\(name), then a cut one", first + "GET /echo HTTP/1.1\r\nHost: api", .refusedAfter(1))
        }
        let closing = Draft(method: "GET", fields: "Connection: close\r\n").text
        family.add("a request behind the last", closing + Draft.smuggled, .either)
        family.add(
            "a request behind a 1.0 one", "GET /echo HTTP/1.0\r\nHost: api.test\r\n\r\n" + Draft.smuggled, .either)
        family.add(
            "a request in a body",
            Draft.fields("Content-Length: \(Draft.smuggled.utf8.count)\r\n", Draft.smuggled).text, .read(1))
        family.add(
            "an expectation without its body",
            Draft(fields: "Expect: 100-continue\r\nContent-Length: 5\r\n").text + Draft.smuggled, .either)
        family.add("a hundred", String(repeating: Draft.greeting, count: 100), .read(100))
    }
}
