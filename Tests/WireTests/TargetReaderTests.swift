import Calls
import JSON
import Testing
import Wire

struct TargetReaderTests {
    /// `scheme host:port spelling [segments]`, or the code of the refusal.
    private func read(
        _ raw: Text, host: String? = nil, scheme: Scheme? = nil, tunnel: String? = nil, isSigned: Bool = false
    ) -> String {
        do throws(WireError) {
            let target = try TargetReader.read(
                raw, hostField: host.map { bytes($0)[...] }, scheme: scheme,
                tunnel: tunnel == nil ? nil : try Authority.read((tunnel ?? "").utf8), isSigned: isSigned)
            let segments = target.segments.map(\.string).joined(separator: "|")
            return "\(target.description) [\(segments)]"
        } catch { return error.code }
    }

    private func path(_ path: String, isSigned: Bool = false) -> String {
        let result = read(Text("https://a.test" + path), isSigned: isSigned)
        return result.hasPrefix("https://a.test") ? String(result.dropFirst(14)) : result
    }

    @Test(
        "a path has one spelling and one list of segments",
        arguments: [
            ("", "/ []"), ("/", "/ []"), ("//", "/ []"), ("/a", "/a [a]"), ("/a/", "/a/ [a|]"), ("/a//b", "/a/b [a|b]"),
            ("//a///b//", "/a/b/ [a|b|]"), ("/./a/./b/.", "/a/b/ [a|b|]"), ("/a/../b", "/b [b]"),
            ("/a/b/..", "/a/ [a|]"),
            ("/..", "/ []"), ("/../../a", "/a [a]"), ("/a/%2e%2e/b", "/b [b]"), ("/a/.%2E/b", "/b [b]"),
            ("/a/%2e/b", "/a/b [a|b]"), ("/a/%2e%2e", "/ []"), ("/a/.../b", "/a/.../b [a|...|b]"),
            ("/%61%2D%7e", "/a-~ [a-~]"), ("/a%20b", "/a%20b [a b]"), ("/a%3ab", "/a%3ab [a:b]"),
            ("/a:b@c", "/a:b@c [a:b@c]"),
            ("/%2A", "/%2A [*]"), ("/a+b", "/a+b [a+b]"), ("/100%25", "/100%25 [100%]"),
            ("/100%25x", "/100%25x [100%x]"),
            ("/%C3%A9", "/%C3%A9 [é]"), ("/%c3%a9", "/%c3%a9 [é]"), ("/%E0%B8%81%E0%B8%B8", "/%E0%B8%81%E0%B8%B8 [กุ]"),
            ("/a%3Bb", "/a%3Bb [a;b]"), ("/a%3Fb", "/a%3Fb [a?b]"), ("/a?b=/../c", "/a?b=/../c [a]"),
            ("?a=b", "/?a=b []"),
            ("/a?", "/a? [a]"), ("/user/starred/../../repos/x", "/repos/x [repos|x]"),
        ])
    func normal(_ raw: String, _ expected: String) {
        #expect(path(raw) == expected)
    }

    @Test(
        "a path that an upstream could read as another is refused",
        arguments: [
            ("/a%2Fb", "ambiguous_path"), ("/a%2fb", "ambiguous_path"), ("/a%5Cb", "ambiguous_path"),
            ("/a\\b", "ambiguous_path"), ("/a%00", "ambiguous_path"), ("/a%0d%0aX", "ambiguous_path"),
            ("/a%7f", "ambiguous_path"), ("/a;x=y", "ambiguous_path"), ("/..;/a", "ambiguous_path"),
            ("/%252e%252e/a", "ambiguous_path"), ("/%2572epos", "ambiguous_path"), ("/%25%32%46", "ambiguous_path"),
            ("/%2525", "ambiguous_path"), ("/%252525", "ambiguous_path"), ("/%25252F", "ambiguous_path"),
            ("/%C0%AF", "ambiguous_path"), ("/%E0%80%AF", "ambiguous_path"), ("/%ff", "ambiguous_path"),
            ("/%ED%A0%80", "ambiguous_path"), ("/e%CC%81", "ambiguous_path"), ("/%E2%84%AB", "ambiguous_path"),
            ("/a%EF%BC%8Fb", "ambiguous_path"), ("/%EF%BC%8E%EF%BC%8E/b", "ambiguous_path"),
            ("/a%", "malformed_percent"), ("/a%2", "malformed_percent"), ("/a%zz", "malformed_percent"),
            ("/a%u0041", "malformed_percent"), ("/a%+1", "malformed_percent"),
            ("/a b", "malformed_target"), ("/a\tb", "malformed_target"), ("/a\"b", "malformed_target"),
            ("/a<b", "malformed_target"), ("/a#b", "malformed_target"), ("/é", "malformed_target"),
            ("/a^b", "malformed_target"), ("/a`b", "malformed_target"), ("/{a}", "malformed_target"),
            ("/a[b]", "malformed_target"), ("/a|b", "malformed_target"),
            ("/?a=%2", "malformed_percent"), ("/?a=%ff", "malformed_query"), ("/?a=%00", "malformed_query"),
            ("/?a;b", "malformed_query"), ("/?a b", "malformed_query"), ("/?a#b", "malformed_query"),
            ("/?é", "malformed_query"), ("/?a\"", "malformed_query"), ("/?a\\b", "malformed_query"),
        ])
    func refused(_ raw: String, _ expected: String) {

        #expect(path(raw) == expected)
    }

    @Test("the query is decoded into parameters and sent as it came")
    func query() throws {
        let target = try TargetReader.read(
            "https://a.test/x?a=1&a=2&b&=c&&d=e=f&g+h=i%2Bj+k&l[]=%26", hostField: nil, scheme: nil,
            tunnel: nil, isSigned: false)
        let expected: [(Text, Text)] = [
            ("a", "1"), ("a", "2"), ("b", ""), ("", "c"), ("d", "e=f"), ("g h", "i+j k"), ("l[]", "&"),
        ]
        #expect(target.query == expected.map { Parameter($0.0, $0.1) })
        #expect(target.spelling == "/x?a=1&a=2&b&=c&&d=e=f&g+h=i%2Bj+k&l[]=%26")
    }

    @Test("parameters are limited")
    func parameterLimit() {
        #expect(path("/?" + String(repeating: "a&", count: 10_000)).hasSuffix("[]"))
        #expect(path("/?" + String(repeating: "a&", count: 10_001)) == "too_many_parameters")
    }

    @Test("outside a tunnel the target is absolute, inside it is not")
    func forms() {
        #expect(read("http://a.test/x", host: "a.test") == "http://a.test/x [x]")
        #expect(read("HTTP://A.test:80/x", host: "a.test") == "http://a.test/x [x]")
        #expect(read("/x", host: "a.test") == "unexpected_target_form")
        #expect(read("/x", host: "a.test", scheme: .https, tunnel: "a.test:443") == "https://a.test/x [x]")
        #expect(read("/x", scheme: .http, tunnel: "a.test:8080") == "http://a.test:8080/x [x]")
        for raw in ["http://a.test/x", "*", "a.test:443", "", "x", "//a.test", "?x"] as [Text] {
            let result = read(raw, host: "a.test", scheme: .https, tunnel: "a.test:443")
            #expect(
                result == (raw == "//a.test" ? "https://a.test/a.test [a.test]" : "unexpected_target_form"), "\(raw)")
        }
        for raw in [
            "*", "a.test:443", "", "x", "ftp://a.test/", "http:/a.test/", "http:a", "://a", "ws://a.test/",
            "dns://a.test/TXT",
        ]
            as [Text]
        {
            #expect(read(raw) == "unexpected_target_form", "\(raw)")
        }
        #expect(read("http:///x") == "malformed_host")
        #expect(read("http://u@a.test/x") == "malformed_host")
    }

    @Test("Host, target and tunnel name the same, or the call is misdirected")
    func hosts() {
        #expect(read("http://a.test/", host: "A.TEST.:80") == "http://a.test/ []")
        #expect(read("http://a.test/", host: "b.test") == "misdirected")
        #expect(read("http://a.test/", host: "a.test:81") == "misdirected")
        #expect(read("https://a.test/", host: "a.test:80") == "misdirected")
        #expect(read("/", host: "a.test", scheme: .https, tunnel: "a.test:8443") == "misdirected")
        #expect(read("/", host: "a.test:8443", scheme: .https, tunnel: "a.test:8443") == "https://a.test:8443/ []")
        #expect(read("/", host: "b.test", scheme: .https, tunnel: "a.test:443") == "misdirected")
        #expect(read("/", host: "a.test:0443", scheme: .https, tunnel: "a.test:443") == "malformed_host")
    }

    @Test("a signed path goes as it is or not at all")
    func signed() {
        #expect(path("/a/b%20c", isSigned: true) == "/a/b%20c [a|b c]")
        #expect(path("", isSigned: true) == "/ []")
        for raw in ["/a//b", "/a/../b", "/%61", "/a/./b"] {
            #expect(path(raw, isSigned: true) == "signed_path", "\(raw)")
        }
    }

    @Test(
        "S3 keys keep their spelling, and one reading",
        arguments: [
            ("https://b.s3.amazonaws.com//a/%2F/c", "https://b.s3.amazonaws.com//a/%2F/c [|a|||c]"),
            ("https://s3.eu-west-1.amazonaws.com/b/%61%7E", "https://s3.eu-west-1.amazonaws.com/b/%61%7E [b|a~]"),
            (
                "https://s3.dualstack.us-east-1.amazonaws.com/b/k",
                "https://s3.dualstack.us-east-1.amazonaws.com/b/k [b|k]"
            ),
            (
                "https://b.s3-us-west-2.amazonaws.com/100%25%32%35",
                "https://b.s3-us-west-2.amazonaws.com/100%25%32%35 [100%25]"
            ),
            ("https://s3.amazonaws.com", "https://s3.amazonaws.com/ []"),
            ("https://s3.amazonaws.com/b/", "https://s3.amazonaws.com/b/ [b|]"),
            ("https://b.s3.amazonaws.com/e%CC%81", "https://b.s3.amazonaws.com/e%CC%81 [e\u{301}]"),
            ("https://b.s3.amazonaws.com/a/../k", "ambiguous_path"),
            ("https://b.s3.amazonaws.com/a/%2e%2e/k", "ambiguous_path"),
            ("https://b.s3.amazonaws.com/a%2F..%2Fk", "ambiguous_path"),
            ("https://b.s3.amazonaws.com/a%00", "ambiguous_path"),
            ("https://b.s3.amazonaws.com/%ff", "ambiguous_path"),
            ("https://b.s3.amazonaws.com/a;b", "malformed_target"),
            // Not S3, so read like any other host.
            ("https://s3.amazonaws.com.evil.test//a", "https://s3.amazonaws.com.evil.test/a [a]"),
            ("https://s3.evil.amazonaws.com//a", "https://s3.evil.amazonaws.com/a [a]"),
            ("https://ec2.us-east-1.amazonaws.com//a", "https://ec2.us-east-1.amazonaws.com/a [a]"),
        ] as [(Text, String)])
    func objectKeys(_ raw: Text, _ expected: String) {
        for isSigned in [true, false] where !isSigned || !raw.string.hasSuffix("//a") {
            #expect(read(raw, isSigned: isSigned) == expected)
        }
    }

    @Test(
        "a slash inside a segment is taken where the host is known to mean it",
        arguments: [
            (
                "https://registry.npmjs.org/@acme%2fw/-rev/1",
                "https://registry.npmjs.org/@acme%2fw/-rev/1 [@acme/w|-rev|1]"
            ),
            ("https://gitlab.acme.test/api/a%2Fb", "https://gitlab.acme.test/api/a%2Fb [api|a/b]"),
            ("https://gitlab.com/a//b%2Fc/../d", "https://gitlab.com/a/d [a|d]"),
            ("https://gitlab.com/a%2F..%2Fb", "ambiguous_path"), ("https://gitlab.com/a%2F%2e", "ambiguous_path"),
            ("https://gitlab.com/%2Fa", "ambiguous_path"), ("https://gitlab.com/a%2F%2Fb", "ambiguous_path"),
            ("https://gitlab.com/a%252Fb", "ambiguous_path"), ("https://gitlab.com/a%5Cb", "ambiguous_path"),
            ("https://api.gitlab.test/a%2Fb", "ambiguous_path"),
        ] as [(Text, String)])
    func encodedSlashes(_ raw: Text, _ expected: String) { #expect(read(raw) == expected) }

    @Test("a target read again from its own spelling is the same", arguments: 0..<8)
    func idempotent(_ seed: UInt64) {
        var dice = Dice(seed)
        let pieces = [
            "/", "//", ".", "..", "%2e", "%2E", "a", "%61", "%20", "%25", "%2F", "?", "=", "&", "%C3%A9", "b;c", "+",
            "%", "é", " ",
        ]
        for _ in 0..<3_000 {
            let raw =
                "/"
                + (0..<Int.random(in: 0...12, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }
                .joined()
            guard
                let once = try? TargetReader.read(
                    Text("http://a.test" + raw), hostField: nil, scheme: nil, tunnel: nil,
                    isSigned: false)
            else { continue }
            let again = try? TargetReader.read(
                once.spelling, hostField: nil, scheme: .http, tunnel: once.authority, isSigned: true)
            #expect(again?.spelling == once.spelling && again?.segments == once.segments, "\(raw)")
            #expect(!once.segments.contains("..") && !once.segments.contains("."))
        }
    }

    @Test(
        "a tunnel is for whom CONNECT names, and its Host names the same or is not there",
        arguments: [
            ("api.test:443", "Host: api.test:443", nil), ("api.test:443", "Host: api.test", nil),
            ("API.test:443", "Host: api.TEST.", nil), ("api.test:8443", "Host: api.test", nil),
            ("[::1]:443", "Host: [::1]", nil), ("api.test:443", "X-A: b", nil),
            ("api.test:443", "Host: other.test:443", "misdirected"),
            ("api.test:443", "Host: api.test:80", "misdirected"),
            ("api.test:443", "Host: other.test", "misdirected"), ("api.test", "Host: api.test", "malformed_host"),
            ("http://api.test/", "Host: api.test", "malformed_host"), ("/", "Host: api.test", "malformed_host"),
            ("user@api.test:443", "Host: api.test:443", "malformed_host"), ("*", "Host: api.test", "malformed_host"),
        ] as [(String, String, String?)])
    func tunnel(target: String, field: String, code: String?) throws {
        // HTTP/1.0 may come without a Host field.
        let head = bytes("CONNECT \(target) HTTP/1.0\r\n\(field)\r\n\r\n")
        let connect = try #require(try RequestHead.parse(head.span)?.head)
        do throws(WireError) {
            let authority = try TargetReader.tunnel(connect)
            #expect(code == nil)
            #expect(authority == (try Authority.read(Array(target.utf8))))
        } catch {
            #expect(error.code == code)
        }
    }
}
