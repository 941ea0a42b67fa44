/// Methods, versions and what stands between the parts of a start line.
extension HostileCorpus {
    static let startLines = [methods, overrides, versions, spacing, otherProtocols]

    private static let methods = HostileFamily(
        "methods", "methods are case-sensitive for one reader and folded by another"
    ) { family in
        let known = [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "PROPFIND",
            "PROPPATCH",
            "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH", "REPORT", "PURGE", "LINK", "UNLINK", "BIND", "MERGE",
            "ACL",
        ]
        for method in known {
            family.add(method.lowercased(), Draft(method: method.lowercased()))
            let capitalized = "\(method.prefix(1))\(method.dropFirst().lowercased())"
            family.add(capitalized, Draft(method: capitalized))
            family.add("\(method) and a blank", Draft(method: method + " "))
            if method != "CONNECT" { family.add(method, Draft(method: method), .read(1)) }
        }
        for method in [
            "CONNECT", "G-T", "GETS", "GET1", "X", "1", "!", "~", "M-SEARCH", "get1",
            String(repeating: "A", count: 200),
        ] {
            family.add(Draft.shown(method), Draft(method: method), method == "CONNECT" ? .refused : .either)
        }
        family.add("none", "/echo HTTP/1.1\r\nHost: api.test\r\n\r\n")
        family.add("an empty one", " /echo HTTP/1.1\r\nHost: api.test\r\n\r\n")
    }

    private static let overrides = HostileFamily(
        "other methods and paths in fields", "a framework takes the method or the path from a field, a query or a form"
    ) { family in
        for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x_http_method_override"] {
            for value in ["DELETE", "delete", "", "PUT, DELETE", "PATCH"] {
                family.add("\(name): \(value)", Draft(fields: "\(name): \(value)\r\n"))
            }
            if !name.contains("_") { family.add("\(name) with the same", Draft(fields: "\(name): PUT\r\n"), .read(1)) }
        }
        for name in ["X-Original-URL", "X-Rewrite-URL", "x-original-url", "X_Rewrite_URL"] {
            family.add(name, Draft(fields: "\(name): /smuggled\r\n"))
        }
        for query in ["_method=DELETE", "_method=delete", "a=b&_method=PATCH", "_method=", "%5Fmethod=DELETE"] {
            family.add("?\(query)", Draft(method: "POST", target: "/echo?\(query)"), .either)
        }
        let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n"
        family.add("_method in a form", Draft(method: "POST", fields: form, body: "_method=DELETE"))
    }

    private static let versions = HostileFamily(
        "versions", "one reader takes any number for 1.1, another for 1.0 or 0.9, which have other framing"
    ) { family in
        let spelled = [
            "", "HTTP", "HTTP/", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1.2", "HTTP/1.9", "HTTP/1.10", "HTTP/1.01",
            "HTTP/01.1",
            "HTTP/11.1", "HTTP/1.11", "HTTP/0.9", "HTTP/0.1", "HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0", "HTTP/9.9",
            "HTTP/-1.1",
            "HTTP/+1.1", "HTTP/1.-1", "HTTP/1.1.1", "HTTP/1,1", "HTTP/1 .1", "HTTP/1. 1", "HTTP /1.1", "HTTP/ 1.1",
            "HTTP\\1.1",
            "HTTP//1.1", "HTTP1.1", "http/1.1", "Http/1.1", "HTTp/1.1", "HTTPS/1.1", "HTTP/a.b", "HTTP/1.a", "HTTP/x.1",
            "HTTP/1.1a",
            "HTTP/1.1;", "HTTP/1.1,", "HTTP/1.1/", "xHTTP/1.1", "ICAP/1.0", "RTSP/1.0", "SIP/2.0", "SHTTP/1.1",
            "HTTP/1.1 HTTP/1.1",
            "HTTP/4294967297.1", "HTTP/1.4294967297", Draft.utf8("HTTP/１.1"), Draft.utf8("ＨTTP/1.1"), "%48TTP/1.1",
            "\"HTTP/1.1\"",
        ]
        for version in spelled {
            family.add(Draft.shown(version), Draft(method: "GET", version: version))
            family.add(
                "\(Draft.shown(version)) with a body",
                Draft(version: version, fields: "Content-Length: 5\r\n", body: "hello" + Draft.smuggled))
        }
        family.add("1.0 without a host", "GET /echo HTTP/1.0\r\n\r\n", .read(1))
        family.add(
            "1.0 with a body", Draft(version: "HTTP/1.0", fields: "Content-Length: 5\r\n", body: "hello"), .read(1))
        family.add("1.0, and a request behind", Draft(version: "HTTP/1.0", body: Draft.smuggled), .either)
    }

    private static let spacing = HostileFamily(
        "spacing", "one reader splits at every blank, another at the first and last, a third at single ones"
    ) { family in
        let lines = [
            "GET  /echo HTTP/1.1", "GET /echo  HTTP/1.1", " GET /echo HTTP/1.1", "GET /echo HTTP/1.1 ",
            "GET\t/echo\tHTTP/1.1", "GET /echo\tHTTP/1.1",
            "GET /echo HTTP/1.1\t", "GET /echo a HTTP/1.1", "GET /echo HTTP/1.1 a", "GET /echo", "GET", "GET ",
            "GET /echo ", "", " ", "/echo", "HTTP/1.1",
            "GET HTTP/1.1", "GET  HTTP/1.1", "GET /echo\u{B}HTTP/1.1", "GET /echo\u{C}HTTP/1.1",
            "GET\u{A0}/echo HTTP/1.1", "GET /echo HTTP/1.1, GET /smuggled HTTP/1.1",
            "GET /echo HTTP/1.1\\r\\nHost: other.test", "GET /echo?a= b HTTP/1.1", "GET /echo HTTP/1.0 HTTP/1.1",
            "GET,/echo,HTTP/1.1", "GET /echo;HTTP/1.1",
        ]
        for line in lines { family.add(Draft.shown(line), "\(line)\r\nHost: api.test\r\n\r\n") }
    }

    private static let otherProtocols = HostileFamily(
        "other protocols", "a reader that speaks them changes over, and what follows means something else"
    ) { family in
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        family.add("the HTTP/2 preface", preface)
        family.add("the preface and settings", preface + "\0\0\0\u{4}\0\0\0\0\0")
        family.add("half a preface", "PRI * HTTP/2.0\r\n\r\n")
        family.add("a preface in 1.1", "PRI * HTTP/1.1\r\nHost: api.test\r\n\r\n")
        family.add("a request and the preface", Draft.greeting + preface, .refusedAfter(1))
        family.add("a client hello inside a plain tunnel", "\u{17}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}")
        family.add("a proxy line", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + Draft.greeting)
        family.add("a second version of it", "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{c}" + Draft.greeting)
        family.add("FastCGI", "\u{1}\u{1}\0\u{1}\0\u{8}\0\0\0\u{1}\0\0\0\0\0\0")
        family.add("an answer", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        family.add("mail", "EHLO api.test\r\n")
        family.add("zeros", String(repeating: "\0", count: 100))
        for upgrade in [
            "websocket", "h2", "TLS/1.0", "HTTP/2.0", "h2c, websocket", "h2c,", "h3", "foo", "H2C\t, x", "connect-udp",
            "",
        ] {
            family.add("Upgrade: \(Draft.shown(upgrade))", .fields("Connection: Upgrade\r\nUpgrade: \(upgrade)\r\n"))
            family.add("Upgrade without Connection: \(Draft.shown(upgrade))", .fields("Upgrade: \(upgrade)\r\n"))
        }
        for upgrade in ["h2c", "H2C"] {
            family.add(
                "Upgrade: \(upgrade)",
                .fields(
                    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: \(upgrade)\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                ), .read(1))
            family.add(
                "Upgrade: \(upgrade) with a body",
                .fields("Connection: Upgrade\r\nUpgrade: \(upgrade)\r\nContent-Length: 5\r\n", "hello"), .read(1))
        }
        family.add("two Upgrades", .fields("Upgrade: h2c\r\nUpgrade: websocket\r\n"))
    }
}
