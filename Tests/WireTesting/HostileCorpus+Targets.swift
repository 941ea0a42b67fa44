/// Request targets and hosts.
extension HostileCorpus {
    static let targets = [originForm, absoluteForm, otherForms, queries]
    static let hosts = [hostFields, missingHosts, hostsBesideTargets]

    private static let originForm = HostileFamily(
        "paths", "one reader decodes, merges, cuts or maps what another takes as it is spelled"
    ) { family in
        for path in HostilePaths.all {
            family.add(Draft.shown(path.spelling), Draft(method: "GET", target: path.spelling), .either)
        }
    }

    private static let absoluteForm = HostileFamily(
        "absolute form", "one reader takes the authority of the target, another the Host field", to: .proxy
    ) { family in
        func add(_ target: String, _ expected: HostileMessage.Expectation = .refused) {
            family.add(Draft.shown(target), Draft(method: "GET", target: target), expected)
        }
        for target in [
            "http://api.test/echo", "HTTP://api.test/echo", "http://API.test/echo", "http://api.test:80/echo",
            "http://api.test", "http://api.test?a=b", "http://api.test./echo",
        ] {
            add(target, .read(1))
        }
        for target in [
            "http://user@api.test/echo", "http://user:pass@api.test/echo", "http://api.test@other.test/echo",
            "http://other.test@api.test/echo",
            "http://api.test%40other.test/echo", "http://@api.test/echo", "http://api.test:/echo",
            "http://api.test:080/echo", "http://api.test:+80/echo",
            "http://api.test:80a/echo", "http://api.test:65616/echo", "http://api.test:0/echo",
            "http://api.test:443/echo", "http://api.test:80:80/echo", "http://api.test:%38%30/echo",
            "http://other.test/echo", "https://api.test:80x/echo", "http:///echo", "http:/echo", "http:/api.test/echo",
            "http:api.test/echo", "http//api.test/echo", "//api.test/echo", "///api.test/echo",
            "http:\\\\api.test\\echo", "http://api.test\\echo", "http://api.test\\@other.test/echo",
            "http://api.test;@other.test/", "http://api.test,other.test/echo",
            "http://api.test#@other.test/", "http://api.test?@other.test/echo", "http://%61pi.test/echo",
            "http://api%2etest/echo", "http://api.test%00/echo", "http://api.test%0d%0a/echo",
            "http://api.test%2fecho/",
            "ftp://api.test/echo", "file:///etc/passwd", "ws://api.test/echo", "wss://api.test/echo",
            "gopher://api.test/", "javascript:alert(1)", "mailto:a@api.test", "urn:a:b",
            "http ://api.test/echo", " http://api.test/echo", "http://api.test /echo", "http://api..test/echo",
            "http://.api.test/echo", "http://api.test../echo", "http://-/echo", "http://api_.test/echo",
            "http://[::1]/echo", "http://[::1%25lo]/echo", "http://[::1/echo", "http://::1/echo",
            "http://[api.test]/echo", "http://127.0.0.1/echo", "http://127.1/echo", "http://0x7f.1/echo",
            "http://2130706433/echo", "http://0177.0.0.1/echo",
            "http://[::ffff:127.0.0.1]/echo", "http://[v1.a]/echo", "http://api.test:80@other.test:80/echo",
            "xhttp://api.test/echo", "http+unix://api.test/echo", "httpx://api.test/",
            "http://" + String(repeating: "a", count: 64) + ".test/echo",
            Draft.utf8("http://api。test/echo"), Draft.utf8("http://аpi.test/echo"), "/echo", "echo", "*", "",
            "api.test/echo", "api.test:80", "?a=b", "#", "http://", "http:",
        ] {
            add(target, target == "http://api.test?@other.test/echo" ? .read(1) : .refused)
        }
    }

    private static let otherForms = HostileFamily(
        "other targets in a tunnel", "one reader takes an authority, another a path, a third the whole server"
    ) { family in
        for target in [
            "http://api.test/echo", "https://api.test/echo", "http://other.test/echo", "HTTP://api.test/",
            "//api.test/echo", "//other.test/echo", "///echo", "/\\api.test/echo", "\\echo", "*", "api.test",
            "api.test:80", "echo", "?a", "", ".", "..", "./echo", "../echo", "%2Fecho",
            "/http://other.test/echo", "/echo#", "/echo#a", "#", "/#/echo", "/echo%23a", "http:/echo", "http:echo",
            "@other.test/echo", ":80/echo", "/:80", "/@other.test", "/%2F%2Fother.test",
        ] {
            family.add(
                Draft.shown(target), Draft(method: "GET", target: target), target.hasPrefix("/") ? .either : .refused)
        }
        for method in ["OPTIONS", "GET", "PUT", "CONNECT"] {
            family.add("\(method) *", Draft(method: method, target: "*"))
            family.add("\(method) /*", Draft(method: method, target: "/*"), method == "CONNECT" ? .refused : .read(1))
        }
        for target in ["api.test:80", "other.test:80", "/echo", "*", "api.test", "http://api.test/"] {
            for host in ["api.test", "api.test:80", "other.test"] {
                family.add(
                    "CONNECT \(target) for \(host)", Draft(method: "CONNECT", target: target, host: "Host: \(host)\r\n")
                )
            }
        }
    }

    private static let queries = HostileFamily(
        "queries", "one reader splits at what another decodes or keeps"
    ) { family in
        for query in [
            "?", "??", "?a", "?a=b&a=c", "?a[]=b&a[]=c", "?a=b;c=d", "?a=%", "?a=%G0", "?a=%0", "?a=%00",
            "?a=%0d%0aX:y", "?a=%u0041", "?a=+", "?a=%2B", "?&", "?&&", "?=", "?=b", "?a==b", "?a=/../b", "?/../b",
            "?a=\\b",
            "?a=%FF", "?a=%C0%AF", "?a=%25%30", "?a=b?c=d", "?a=b/c", "?a=b%26c=d", "?a=b%3Bc", "?%61=b", "?a=\u{E9}",
            "?a={b}", "?a=[b]", "?a=\"b\"", "?a='b'", "?a=<b>", "?a=b|c", "?a=^", "?a=`", "?a=b c",
            "?" + String(repeating: "a=b&", count: 3000),
        ] {
            family.add(Draft.shown(query), Draft(method: "GET", target: "/echo\(query)"), .either)
        }
    }

    /// Each is api.test to some reader.
    private static let names = [
        "", " ", "api.test api.test", "api.test, api.test", "api.test,", ",api.test", "api.test,other.test",
        "api.test;", "api.test;other.test", "api.test/", "/api.test", "api.test/echo", "http://api.test", "//api.test",
        "api.test?", "api.test?a", "api.test#", "api.test#a",
        "user@api.test", "@api.test", "api.test@", "api.test@other.test", "other.test@api.test", "api.test\\",
        "api.test\\@other.test", "api.test:", "api.test:080", "api.test:00080", "api.test: 80", "api.test :80",
        "api.test:+80", "api.test:-80", "api.test:80:80", "api.test:80,443",
        "api.test:65616", "api.test:4294967376", "api.test:0", "api.test:8o", "api.test:80a", "api.test:0x50",
        "api.test:http", "api.test:443", "api.test:81", "api.test:%38%30", "api.test:\u{A0}80", "api..test",
        ".api.test", "api.test..", "api%2etest", "%61pi.test", "api.test%00", "api.test%20", "api.test%0d",
        "api.test\0",
        "api\0.test", "api.test\u{7F}", "api.test\u{A0}", "api.test\u{85}", "(api.test)", "\"api.test\"", "'api.test'",
        "<api.test>", "[api.test]", "{api.test}", "[::1]", "[::1", "::1]", "::1", "[::1%lo]", "[::1%25lo]",
        "[fe80::1%25eth0]", "[::ffff:127.0.0.1]", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1",
        "localhost",
        "other.test", "test", "api", "xapi.test", "api.testx", "api.test.other.test", "*.test", "*", "api*.test",
        "api_test", "api.test|other.test", "api.test&a=b", "api.test=a", "api.test+", "api.test!", "api.test$",
        "api.test^", "api.test~", "-api.test", "api.test`",
        Draft.utf8("api。test"), Draft.utf8("ａpi.test"), Draft.utf8("аpi.test"), Draft.utf8("api.test\u{200B}"),
        Draft.utf8("api\u{AD}.test"), "xn--api-.test", "XN--API.test", String(repeating: "a.", count: 127) + "test",
        String(repeating: "a", count: 64) + ".test", String(repeating: "a", count: 70_000),
    ]

    private static let hostFields = HostileFamily(
        "host fields", "one reader cuts, decodes or maps a host that another takes as it is, and so routes elsewhere"
    ) { family in
        for name in names { family.add(Draft.shown(name), Draft(method: "GET", host: "Host: \(name)\r\n")) }
        for name in ["api.test", "API.TEST", "api.test:80", "api.test.", " api.test ", "Api.Test:80"] {
            family.add("\(name), which is the tunnel's", Draft(method: "GET", host: "Host: \(name)\r\n"), .read(1))
        }
    }

    private static let missingHosts = HostileFamily(
        "hosts missing and twice", "one reader takes the first, another the last, a third its default"
    ) { family in
        family.add("none", Draft(method: "GET", host: ""))
        for (first, second) in [
            ("api.test", "api.test"), ("api.test", "other.test"), ("other.test", "api.test"), ("api.test", ""),
            ("", "api.test"), ("api.test", "API.test"), ("api.test", "api.test:80"),
        ] {
            for name in ["Host", "host", "HOST", "hOsT"] {
                family.add(
                    "\(first), then \(name) \(second)",
                    Draft(method: "GET", host: "Host: \(first)\r\n\(name): \(second)\r\n"))
                family.add(
                    "\(first), later \(name) \(second)",
                    Draft(method: "GET", host: "Host: \(first)\r\nX-A: b\r\n\(name): \(second)\r\n"))
            }
        }
        for name in [
            "X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host", "X-Forwarded-Server", "X-HTTP-Host-Override",
            "Proxy-Host",
        ] {
            let value = name == "Forwarded" ? "host=other.test" : "other.test"
            let isTaken = name == "Forwarded" || name == "Proxy-Host"
            family.add(name, Draft(method: "GET", fields: "\(name): \(value)\r\n"), isTaken ? .read(1) : .refused)
            family.add("\(name) and no Host", Draft(method: "GET", host: "\(name): api.test\r\n"))
        }
    }

    private static let hostsBesideTargets = HostileFamily(
        "hosts beside absolute form", "RFC 9112 section 3.2.2 has the target win, and many readers go by the field",
        to: .proxy
    ) { family in
        for name in names {
            family.add(
                Draft.shown(name), Draft(method: "GET", target: "http://api.test/echo", host: "Host: \(name)\r\n"))
        }
        family.add("none", Draft(method: "GET", target: "http://api.test/echo", host: ""))
        family.add(
            "two", Draft(method: "GET", target: "http://api.test/echo", host: "Host: api.test\r\nHost: api.test\r\n"))
    }
}
