import Testing

@testable import Client

@Suite struct UpstreamProxyTests {
    @Test(
        "a proxy is a scheme, a host and a port",
        arguments: [
            ("http://proxy.test:3128", "proxy.test:3128"), ("http://Proxy.TEST:3128/", "proxy.test:3128"),
            ("http://10.0.0.1:80", "10.0.0.1:80"), ("http://[fd00::1]:3128", "[fd00::1]:3128"),
            ("https://proxy.test:3128", nil), ("http://proxy.test", nil), ("proxy.test:3128", nil),
            ("http://user:word@proxy.test:3128", nil), ("http://proxy.test:3128/path", nil), ("http://:3128", nil),
            ("http://proxy.test:0", nil), ("http://proxy.test:99999", nil), ("http://[fd00::zz]:1", nil),
            ("http://a b:1", nil), ("", nil),
        ] as [(String, String?)])
    func url(text: String, proxy: String?) { #expect(UpstreamProxy(text)?.description == proxy) }

    @Test(
        "credentials are one line with a colon",
        arguments: [
            ("Aladdin:open sesame\n", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("a:b", "Basic YTpi"),
            ("a:bc\r\n", "Basic YTpiYw=="), ("a:bcd", "Basic YTpiY2Q="), (":", "Basic Og=="), ("nobody", nil),
            ("a:b\nc:d\n", nil), ("a:b\0", nil), ("", nil),
        ] as [(String, String?)])
    func credentials(text: String, value: String?) {
        #expect(UpstreamProxy.authorization(Array(text.utf8)) == value.map { Array($0.utf8) })
    }

    @Test("credentials are not longer than they may be") func length() {
        func authorization(_ count: Int) -> [UInt8]? {
            UpstreamProxy.authorization([0x3A] + [UInt8](repeating: 0x61, count: count - 1))
        }
        #expect(authorization(UpstreamProxy.longestCredentials) != nil)
        #expect(authorization(UpstreamProxy.longestCredentials + 1) == nil)
    }

    @Test(
        "the hosts without it are names, all under one, and ranges",
        arguments: [
            ("api.test", "api.test", true), ("api.test", "x.api.test", false), ("**.test", "a.b.test", true),
            ("**.test", "test", false), ("10.0.0.0/8", "10.1.1.1", true), ("10.0.0.0/8", "ten.test", false),
            ("::1", "::1", true), ("API.test", "api.test", true),
        ])
    func exceptions(text: String, host: String, isCovered: Bool) throws {
        var proxy = try #require(UpstreamProxy("http://proxy.test:3128"))
        proxy.exceptions = [try #require(UpstreamProxy.Exception(text))]
        #expect(proxy.serves(host) != isCovered)
    }

    @Test("what is no host is refused", arguments: ["", "*.test", "a/b", "a:1", "**."])
    func notExceptions(text: String) { #expect(UpstreamProxy.Exception(text) == nil) }
}
