import Client
import JSON
import Rules
import Testing

@testable import tiergate

/// The keys of the way to upstreams.
@Suite struct UpstreamSettingsTests {
    private func read(_ text: String) -> (settings: Settings, diagnostics: [Diagnostic]) {
        var settings = Settings.ofService
        var reader = SettingsReader(RuleSource(path: "t.yaml", bytes: Array(text.utf8)), directory: "/etc/tiergate")
        reader.readFile(into: &settings)
        return (settings, reader.yaml.diagnostics)
    }

    private static let whole = """
        upstream:
          proxy: http://proxy.test:3128
          proxy_credentials: proxy.secret
          no_proxy: [internal.test, "**.corp.test", 10.0.0.0/8]
          client_certificates:
            - {host: "**.Bank.test", certificate: gate.pem, key: /keys/gate.key}
          timeouts: {resolve: 1 s, connect: 2 s, handshake: 3 s, write: 4 s, head: 5 m, body: 1500 ms}
          idle: {time: 20 s, per_host: 3, total: 0}

        """

    @Test("everything that is said of upstreams is taken over") func everything() {
        let (settings, diagnostics) = read(Self.whole)
        #expect(diagnostics.map(\.rendered) == [])
        #expect(settings.upstreamProxy?.description == "proxy.test:3128")
        #expect(settings.upstreamProxyCredentials == "/etc/tiergate/proxy.secret")
        #expect(settings.upstreamNoProxy.map(\.text) == ["internal.test", "**.corp.test", "10.0.0.0/8"])
        let identity = settings.upstreamIdentities.first
        #expect(identity?.host == "**.bank.test" && identity?.hosts.covers("api.bank.test") == true)
        #expect(identity?.certificate == "/etc/tiergate/gate.pem" && identity?.key == "/keys/gate.key")
        let upstream = settings.upstream
        #expect(UpstreamPhase.allCases.map(upstream.time) == [1_000, 2_000, 3_000, 4_000, 300_000, 1_500])
        #expect(upstream.idleTime == 20_000 && upstream.idlePerAuthority == 3 && upstream.idleTotal == 0)
    }

    @Test("what is printed can be read back and says the same") func printed() {
        let (settings, _) = read(Self.whole)
        let (again, diagnostics) = read(settings.rendered)
        #expect(diagnostics.map(\.rendered) == [])
        #expect(again.rendered == settings.rendered)
        #expect(settings.rendered.contains("  timeouts:\n    # "))
        #expect(settings.rendered.contains("    head: 5 m\n"))
    }

    @Test("left out, there is no proxy, and each time has its default") func defaults() {
        for (text, settings) in [("{}", read("{}").settings), ("null", read("upstream: {proxy: null}").settings)] {
            #expect(settings.upstreamProxy == nil, "\(text)")
            #expect(
                UpstreamPhase.allCases.map(settings.upstream.time) == [
                    10_000, 10_000, 10_000, 60_000, 600_000, 300_000,
                ])
        }
    }

    @Test(
        "what cannot be meant is refused with help",
        arguments: [
            (
                "proxy: \"http://user:secret@proxy.test:3128\"",
                "for example http://proxy.test:3128; a user and a password go into the file upstream.proxy_credentials"
            ),
            ("no_proxy: [\"*\"]", "for example internal.test, **.internal.test or 10.0.0.0/8"),
            (
                "client_certificates: [{host: bank.test, certificate: gate.pem}]",
                "for example [{host: \"**.bank.test\", certificate: gate.pem, key: gate.key}]"
            ),
            (
                "client_certificates: {host: bank.test}",
                "for example [{host: \"**.bank.test\", certificate: gate.pem, key: gate.key}]"
            ),
            ("timeouts: {resolve: 0 s}", "for example 4 s or 2 m"),
            ("timeouts: {resolve: 2 d}", "for example 4 s or 2 m"),
            ("timeouts: {resolve: 5}", "for example 4 s or 2 m"),
            ("timeouts: {conect: 5 s}", "did you mean connect?"),
        ])
    func refused(text: String, help: String) {
        let (_, diagnostics) = read("upstream: {\(text)}\n")
        #expect(diagnostics.count == 1)
        #expect(diagnostics.first?.help == help)
        #expect(diagnostics.first?.message.contains("secret") == false)
    }

    @Test("a certificate is told by a flag too") func flag() throws {
        var settings = Settings.ofService
        let setting = try #require(Setting.all.first { $0.path == "upstream.client_certificates" })
        let node = try #require(SettingsReader.node(["**.bank.test=gate.pem,gate.key", "b.test=b.pem"], setting.shape))
        var reader = SettingsReader(RuleSource(path: setting.flag, bytes: []), directory: "/here")
        setting.read(node, &reader, &settings)
        #expect(reader.yaml.diagnostics.count == 1)
        let one = try #require(SettingsReader.node(["**.bank.test=gate.pem,gate.key"], setting.shape))
        reader = SettingsReader(RuleSource(path: setting.flag, bytes: []), directory: "/here")
        setting.read(one, &reader, &settings)
        #expect(settings.upstreamIdentities.map(\.certificate) == ["/here/gate.pem"])
        #expect(settings.upstreamIdentities.map(\.key) == ["/here/gate.key"])
    }
}
