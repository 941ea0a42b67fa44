import Foundation
import Testing

/// What stands between a gate and its upstreams: a proxy, a server that wants to know who asks, one that is silent.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct WayToUpstreamTests {
    /// A proxy that alone knows where names are.
    private final class Proxy {
        let port: Int
        private let running: Running
        private let scratch: Scratch

        init(_ scratch: Scratch, to port: Int, credentials: String? = nil) async throws {
            var arguments = [Place.script("proxy.py"), "--log", scratch.file("proxy.jsonl"), "--to", "\(port)"]
            if let credentials { arguments += ["--credentials", credentials] }
            let running = try Running(Place.plainPython, arguments)
            try await waitUntil("the proxy listens: \(running.text)") { running.output.contains("\n") }
            self.port = Int(running.output.prefix { $0 != "\n" }) ?? 0
            self.running = running
            self.scratch = scratch
        }

        var requests: [Document] { get throws { try documents(in: scratch.read("proxy.jsonl")) } }
    }

    /// A gate that knows no name itself, and a proxy that leads all of them to one upstream.
    private struct Site {
        let upstream: Upstream
        let proxy: Proxy
        let gate: TestGate

        init(tls: Bool, wants credentials: String? = nil, gives file: String? = nil, more: String = "") async throws {
            let scratch = try Scratch()
            let certificates = try await Certificates(scratch)
            upstream = try await Upstream(scratch, tls ? try await certificates.leaf(["api.test"]) : nil)
            proxy = try await Proxy(scratch, to: upstream.port, credentials: credentials)
            try scratch.write("rules/world.yaml", World.rules)
            var settings = TestGate.Settings(roots: [certificates.root])
            settings.upstream = "proxy: \"http://127.0.0.1:\(proxy.port)\"\(more)"
            if let file {
                try scratch.write("credentials", file)
                settings.upstream += ", proxy_credentials: credentials"
            }
            gate = try await TestGate(scratch, settings)
        }
    }

    @Test("calls to https go through a tunnel of the proxy, with the name for the proxy to resolve")
    func tunnel() async throws {
        let site = try await Site(tls: true, wants: "gate:word", gives: "gate:word\n")
        let answer = try await site.gate.curl("https://api.test/echo")
        #expect(answer.status == 200, "\(answer.text)\(answer.failure)")
        #expect(try site.upstream.count("GET", "/echo") == 1)
        let request = try #require(try site.proxy.requests.first)
        #expect(request["method"].string == "CONNECT" && request["path"].string == "api.test:443")
        try await site.gate.end()
    }

    @Test("plain calls go to the proxy in absolute form") func plain() async throws {
        let site = try await Site(tls: false)
        let answer = try await site.gate.curl("-T", Place.script("proxy.py"), "http://api.test/echo")
        #expect(answer.status == 200, "\(answer.text)\(answer.failure)")
        #expect(try site.proxy.requests.map { $0["path"].string } == ["http://api.test/echo"])
        #expect(try site.upstream.count("PUT", "/echo") == 1)
        try await site.gate.end()
    }

    @Test("a proxy that refuses is told from an upstream that does", arguments: [true, false])
    func refused(tls: Bool) async throws {
        let site = try await Site(tls: tls, wants: "gate:word", gives: "gate:other")
        let answer = try await site.gate.curl("\(tls ? "https" : "http")://api.test/echo")
        #expect(answer.status == 502 && answer.text.contains("proxy_refused"), "\(answer.text)\(answer.failure)")
        #expect(answer.text.contains("NOT EXECUTED") && answer.text.contains("upstream.proxy_credentials"))
        #expect(try site.upstream.requests.isEmpty)
        try await site.gate.closed("refused", code: "proxy_refused")
        try await site.gate.end()
    }

    @Test("hosts of no_proxy are reached straight, and then the gate resolves them") func straight() async throws {
        let site = try await Site(tls: false, more: ", no_proxy: [\"**.test\"]")
        let answer = try await site.gate.curl("http://api.test/echo")
        #expect(answer.status == 502 && answer.text.contains("unresolved"), "\(answer.text)\(answer.failure)")
        #expect(try site.proxy.requests.isEmpty)
        try await site.gate.end()
    }

    @Test("a file of credentials that has none is an error at the start, which does not say what is in it")
    func noCredentials() async throws {
        let scratch = try Scratch()
        try scratch.write("credentials", "the secret word\n")
        try scratch.write("rules/world.yaml", World.rules)
        var settings = TestGate.Settings()
        settings.upstream = "proxy: \"http://127.0.0.1:9\", proxy_credentials: credentials"
        let failure = await #expect(throws: Failed.self) { _ = try await TestGate(scratch, settings) }
        #expect(failure?.description.contains("must have one line `user:password`") == true)
        #expect(failure?.description.contains("secret") == false)
    }

    // MARK: Mutual TLS

    @Test("an upstream that wants a certificate gets the one of its host") func mutualTLS() async throws {
        let scratch = try Scratch()
        let certificates = try await Certificates(scratch)
        let clients = try await Certificates(scratch, name: "clients")
        let mine = try await clients.leaf(["gate"], file: "gate")
        let upstream = try await Upstream(
            scratch, try await certificates.leaf(["api.bank.test", "api.test"]), clients: clients.root)
        try scratch.write("rules/world.yaml", World.rules)
        var settings = TestGate.Settings(roots: [certificates.root], resolve: ["**.test": upstream.port])
        settings.upstream =
            "client_certificates: [{host: \"**.bank.test\", certificate: \(mine.certificate), key: gate.key}]"
        let gate = try await TestGate(scratch, settings)
        // Twice: a kept connection, and a session that is taken up again.
        for _ in 0..<2 {
            let answer = try await gate.curl("https://api.bank.test/echo")
            #expect(answer.status == 200, "\(answer.text)\(answer.failure)")
        }
        let other = try await gate.curl("https://api.test/echo")
        #expect(other.status == 502 && other.text.contains("upstream.client_certificates"), "\(other.text)")
        #expect(try upstream.requests.count == 2)
        try await gate.end()
    }

    @Test("a key that is another certificate's, or is not there, is an error at the start", arguments: ["other", "no"])
    func wrongKey(file: String) async throws {
        let scratch = try Scratch()
        let certificates = try await Certificates(scratch)
        let mine = try await certificates.leaf(["gate"], file: "gate")
        _ = try await certificates.leaf(["other"], file: "other")
        try scratch.write("rules/world.yaml", World.rules)
        var settings = TestGate.Settings()
        settings.upstream =
            "client_certificates: [{host: bank.test, certificate: \(mine.certificate), key: \(file).key}]"
        let failure = await #expect(throws: Failed.self) { _ = try await TestGate(scratch, settings) }
        #expect(failure?.description.contains("\(file).key: ") == true, "\(String(describing: failure))")
    }

    @Test("the machine's authorities are read at the start, and never again") func systemRoots() async throws {
        let scratch = try Scratch()
        let certificates = try await Certificates(scratch)
        let upstream = try await Upstream(scratch, try await certificates.leaf(["api.test"]))
        try scratch.write("rules/world.yaml", World.rules)
        var settings = TestGate.Settings(resolve: ["**.test": upstream.port])
        let directory = try await certificates.hashedDirectory()
        settings.environment = ["SSL_CERT_DIR": directory, "SSL_CERT_FILE": scratch.file("none.pem")]
        let gate = try await TestGate(scratch, settings)
        try FileManager.default.removeItem(atPath: directory)
        let answer = try await gate.curl("https://api.test/echo")
        #expect(answer.status == 200, "\(answer.text)\(answer.failure)")
        try await gate.end()
    }

    @Test("an upstream that offers HTTP/1.0 and nothing else is spoken to") func oldProtocol() async throws {
        let scratch = try Scratch()
        let certificates = try await Certificates(scratch)
        let pair = try await certificates.leaf(["api.test"])
        let server = try Running(
            Place.openssl,
            [
                "s_server", "-accept", "127.0.0.1:0", "-alpn", "http/1.0", "-www", "-cert", pair.certificate, "-key",
                pair.key,
            ])
        try await waitUntil("s_server listens: \(server.text)") { server.output.contains("ACCEPT") }
        let port = try #require(
            server.output.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }?.split(separator: ":").last
                .flatMap { Int($0) })
        try scratch.write("rules/world.yaml", World.rules)
        let gate = try await TestGate(
            scratch, TestGate.Settings(roots: [certificates.root], resolve: ["api.test": port]))
        // To a client that offers http/1.1 alone, s_server ends the handshake with an alert.
        let answer = try await gate.curl("https://api.test/")
        #expect(answer.status == 200, "\(answer.text)\(answer.failure)")
        try await gate.end()
    }

    // MARK: Time

    @Test("an agent is told which phase took too long, and by which setting") func timeouts() async throws {
        let world = try await World(tls: false) { $0.upstream = "timeouts: {head: 300 ms}" }
        let answer = try await world.gate.curl("http://api.test/stall")
        #expect(answer.status == 502 && answer.text.contains("upstream.timeouts.head"), "\(answer.text)")
        try await world.gate.closed("uncertain")
        try await world.gate.end()
    }
}
