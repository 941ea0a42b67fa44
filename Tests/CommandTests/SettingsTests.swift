import Client
import JSON
import Proxy
import Rules
import Stores
import System
import Testing

@testable import tiergate

@Suite struct SettingsTests {
    private let user = Environment(
        ["HOME": "/home/ada", "XDG_RUNTIME_DIR": "/run/user/1000"], executable: "/src/tiergate/.build/release/tiergate")

    private func read(_ text: String) -> (settings: Settings, diagnostics: [Diagnostic]) {
        var settings = Settings.ofService
        var reader = SettingsReader(RuleSource(path: "t.yaml", bytes: Array(text.utf8)), directory: "/etc/tiergate")
        reader.readFile(into: &settings)
        return (settings, reader.yaml.diagnostics)
    }

    /// A command line of `serve`, read without the file system.
    private func load(_ words: String...) throws -> Settings { try load(words) }

    private func load(_ words: [String]) throws -> Settings {
        let parser = ArgumentParser(commands: Command.all, terminal: Terminal(user))
        guard case .run(let invocation) = try parser.parse(["serve"] + words) else {
            throw UsageError(message: "not to be run", help: "")
        }
        return try Settings.load(invocation)
    }

    @Test("a file that says everything is taken over whole")
    func everything() {
        let hash = String(repeating: "0a", count: 32)
        let (settings, diagnostics) = read(
            """
            listen: [127.0.0.1:9510, "[::1]:9510"]
            transparent: {listen: [127.0.0.1:15001, "[::1]:15001"], names: 127.0.0.1:15053, mode: tproxy, identity: cgroup, silence: 5 s}
            state: /var/lib/t
            rules: [rules, ./more, /abs]
            operator: {socket: /run/t.sock, group: ops}
            authority: {certificate: ca.pem, key: ca.key}
            agents: {accounts: [root, 4711], tokens: {mailer: ./m.token, ci: "sha256:\(hash)"}}
            session: {max_connections: 8, max_body_memory: 1 MiB, rate: 50, burst: 9}
            upstream: {roots: [extra-ca.pem], allow: [127.0.0.0/8], resolve: {"**.test": 127.0.0.1, Api.test: "127.0.0.1:8443"}}
            inspection: {limit: 2 MiB, descriptors: [a.binpb], mcp_servers: {files: "tools.test:8443/files"}}
            hold: {wait: 1500 ms, body: 10000000, max_pending: 5, max_waiting: 6, max_pending_per_session: 7, keep: 12 h}
            journal: {segment: 1 MiB, age: 1 d, keep: 90 d}
            record: {directory: calls, body: 64 KiB, segment: 8 MiB, age: 6 h, total: 2 GiB}
            workers: 3
            """)
        #expect(diagnostics.map(\.rendered) == [])
        #expect(settings.listen.map(\.description) == ["127.0.0.1:9510", "[::1]:9510"])
        #expect(settings.transparentListen.map(\.description) == ["127.0.0.1:15001", "[::1]:15001"])
        #expect(settings.transparentNames.map(\.description) == ["127.0.0.1:15053"])
        #expect(settings.transparentKind == .transparent && settings.transparentSilence == 5000)
        #expect(settings.transparentByGroup)
        #expect(settings.state == "/var/lib/t")
        #expect(settings.rules == ["/etc/tiergate/rules", "/etc/tiergate/more", "/abs"])
        #expect(settings.operatorSocket == "/run/t.sock")
        #expect(settings.operatorGroup == "ops")
        #expect(settings.authorityCertificate == "/etc/tiergate/ca.pem")
        #expect(settings.authorityKey == "/etc/tiergate/ca.key")
        #expect(settings.agentAccounts.map(\.uid) == [0, 4711])
        #expect(settings.agentTokens.map(\.agent) == ["mailer", "ci"])
        #expect(settings.agentTokens.map(\.written) == ["/etc/tiergate/m.token", "sha256:\(hash)"])
        #expect(settings.sessionLimits.maxConnections == 8)
        #expect(settings.sessionLimits.maxBodyMemory == 1 << 20)
        #expect(settings.sessionLimits.rate == 50)
        #expect(settings.sessionLimits.burst == 9)
        #expect(settings.upstreamRoots == ["/etc/tiergate/extra-ca.pem"])
        #expect(settings.upstreamAllow.map(\.description) == ["127.0.0.0/8"])
        #expect(settings.upstreamResolve.map(\.pattern) == ["**.test", "api.test"])
        #expect(settings.upstreamResolve.map(\.value.port) == [nil, 8443])
        #expect(settings.inspectionLimit == 2 << 20)
        #expect(settings.inspectionDescriptors == ["/etc/tiergate/a.binpb"])
        #expect(settings.inspectionServers.map(\.name) == ["files"])
        #expect(settings.inspectionServers.map(\.place) == ["tools.test:8443/files"])
        #expect(settings.holdWait == 1500)
        #expect(settings.holdBody == 10_000_000)
        #expect(settings.holdMaxPending == 5)
        #expect(settings.holdMaxWaiting == 6)
        #expect(settings.holdMaxPendingPerSession == 7)
        #expect(settings.holdKeep == 43_200_000)
        #expect(settings.journalSegment == 1 << 20)
        #expect(settings.journalAge == 86_400_000)
        #expect(settings.journalKeep == 7_776_000_000)
        #expect(settings.recordDirectory == "/etc/tiergate/calls")
        #expect(settings.recording?.calls.body == 64 << 10 && settings.recording?.files.segment == 8 << 20)
        #expect(settings.recordAge == 21_600_000)
        #expect(settings.recording?.files.total == 2 << 30)
        #expect(settings.workers == 3)
    }

    @Test("an empty file is a service with the defaults of one", arguments: ["", "# nothing\n", "{}", "~"])
    func empty(text: String) {
        let (settings, diagnostics) = read(text)
        // Of a file without a document YAML says so; a mapping without keys is fine.
        #expect(diagnostics.allSatisfy { $0.code == .notOneDocument })
        #expect(settings.state == "/var/lib/tiergate")
        #expect(settings.listen.map(\.description) == ["127.0.0.1:9510"])
        #expect(settings.workers == nil)
    }

    @Test(
        "what cannot be meant is refused at its place, with help",
        arguments: [
            ("lisen: x\n", "t.yaml:1:1", "did you mean listen?"),
            ("hold: {wiat: 4 s}\n", "t.yaml:1:8", "did you mean wait?"),
            ("listen: 9510\n", "t.yaml:1:9", "for example 127.0.0.1:9510 or [::1]:9510"),
            ("listen: localhost:9510\n", "t.yaml:1:9", "for example 127.0.0.1:9510 or [::1]:9510"),
            ("upstream: {allow: [10.0.0.0/33]}\n", "t.yaml:1:19", "for example 127.0.0.0/8 or fd00::/8"),
            ("upstream: {resolve: [a]}\n", "t.yaml:1:21", "for example {\"**.test\": 127.0.0.1}"),
            ("inspection: {limit: 1 MB}\n", "t.yaml:1:21", "for example 64 MiB, or a number of bytes"),
            ("inspection: {limit: 99999999999 TiB}\n", "t.yaml:1:21", "for example 64 MiB, or a number of bytes"),
            ("inspection: {mcp_servers: [a]}\n", "t.yaml:1:27", SettingsReader.serverExample),
            ("inspection: {mcp_servers: {a b: x.test}}\n", "t.yaml:1:28", SettingsReader.serverExample),
            ("inspection: {mcp_servers: {a: x.test?y}}\n", "t.yaml:1:28", SettingsReader.serverExample),
            ("hold: {wait: 4}\n", "t.yaml:1:14", "for example 4 s or 2 m"),
            ("hold: {keep: never}\n", "t.yaml:1:14", "for example 30 d or 12 h"),
            ("journal: {keep: 1 s}\n", "t.yaml:1:17", "for example 30 d or 12 h"),
            ("journal: {segment: 1 KiB}\n", "t.yaml:1:20", "for example 64 MiB, or a number of bytes"),
            ("record: {age: never}\n", "t.yaml:1:15", "for example 1 d or 12 h"),
            ("record: {total: 1 KiB}\n", "t.yaml:1:17", "for example 64 MiB, or a number of bytes"),
            ("agents: {accounts: [no such]}\n", "t.yaml:1:20", "a name of `getent passwd`, or a uid"),
            ("agents: {tokens: [a]}\n", "t.yaml:1:18", "for example {mailer: /etc/tiergate/mailer.token}"),
            ("agents: {tokens: {uid-7: /t}}\n", "t.yaml:1:19", AgentToken.naming),
        ])
    func refused(text: String, place: String, help: String) {
        let (_, diagnostics) = read(text)
        #expect(diagnostics.count == 1)
        #expect(diagnostics.first?.rendered.contains("--> \(place)") == true)
        #expect(diagnostics.first?.help == help)
    }

    @Test(
        "a token itself in the settings is refused, and not repeated",
        arguments: ["tgt_0123456789abcdef", "sha256:0123", "m.token", "0123456789abcdef0123456789abcdef"])
    func plainToken(text: String) {
        let (settings, diagnostics) = read("agents: {tokens: {mailer: \"\(text)\"}}\n")
        #expect(settings.agentTokens.isEmpty && diagnostics.count == 1)
        #expect(diagnostics.first?.message.contains(text) == false)
        #expect(diagnostics.first?.help?.contains("sha256sum") == true)
    }

    @Test(
        "all mistakes are told in one run", arguments: ["workers: 0\nhold: {max_pending: no}\nstate: []\nlisten: {}\n"])
    func together(text: String) {
        #expect(read(text).diagnostics.count == 4)
    }

    @Test("every key is a flag, and both say the same")
    func flags() throws {
        let settings = try load(
            "--listen", "127.0.0.1:1", "--listen=[::1]:2", "--rules", "/r", "--upstream.resolve", "**.test=127.0.0.1",
            "--upstream.resolve=a.test=127.0.0.1:8443", "--hold.wait", "2 m", "--workers=auto", "--operator.group=auto")
        #expect(settings.listen.map(\.description) == ["127.0.0.1:1", "[::1]:2"])
        #expect(settings.rules == ["/r"])
        #expect(settings.upstreamResolve.map(\.address) == ["127.0.0.1", "127.0.0.1:8443"])
        #expect(settings.holdWait == 120_000)
        #expect(settings.workers == nil)
        #expect(settings.operatorGroup == nil)
        let none = try load("--record.directory=none")
        #expect(settings.recordDirectory == nil && none.recordDirectory == nil)
        #expect(try load("--record.directory", "/c").recordDirectory == "/c")
        for setting in Setting.all { #expect(Command.serve.options.contains { $0.name == setting.flag }) }
    }

    @Test("a flag that cannot be meant is refused under its own name")
    func wrongFlag() throws {
        let refusal = #expect(throws: Settings.Refusal.self) { try load("--workers", "many", "--upstream.allow", "x") }
        let texts = refusal?.diagnostics.map(\.rendered) ?? []
        #expect(texts.count == 2)
        #expect(texts.contains { $0.contains("--> --workers:1:1") })
        #expect(texts.contains { $0.contains("--> --upstream.allow:1:1") })
    }

    @Test("--transparent stands for loopback addresses, and for nothing where the settings name others")
    func transparent() throws {
        var settings = try load()
        settings.makeTransparent()
        #expect(settings.transparentListen.map(\.description) == ["127.0.0.1:15001", "[::1]:15001"])
        #expect(settings.transparentNames.map(\.description) == ["127.0.0.1:15053", "[::1]:15053"])
        var own = try load("--transparent.listen", "10.0.0.1:1", "--transparent.names", "10.0.0.1:2")
        own.makeTransparent()
        #expect(own.transparentListen.map(\.description) == ["10.0.0.1:1"])
        #expect(own.transparentNames.map(\.description) == ["10.0.0.1:2"])
    }

    @Test(
        "what cannot be meant of transparent interception is refused",
        arguments: [
            "{mode: bpf}", "{identity: pid}", "{silence: auto}", "{silence: 0 s}", "{listen: 15001}",
            "{names: [localhost:53]}",
        ])
    func wrongTransparent(text: String) {
        #expect(read("transparent: \(text)").diagnostics.count == 1)
    }

    @Test("half an authority is refused")
    func halfAuthority() throws {
        let refusal = #expect(throws: Settings.Refusal.self) { try load("--authority.key", "/k.pem") }
        #expect(refusal?.message.contains("belong together") == true)
        #expect(try load("--authority.key", "/k.pem", "--authority.certificate", "/c.pem").authorityKey == "/k.pem")
    }

    @Test(
        "what --print-config prints is read back as the same settings, the defaults too",
        arguments: [
            [],
            [
                "--listen", "127.0.0.1:1", "--rules", "/with space/and'quote\"", "--rules", "/- dash",
                "--upstream.resolve", "**.test=127.0.0.1", "--upstream.allow", "fd00::/8", "--hold.wait", "90 s",
                "--hold.body", "12345", "--workers", "2", "--operator.group", "no", "--agents.accounts", "root",
                "--inspection.descriptors", "/a.binpb", "--inspection.mcp_servers", "files=https://tools.test/files",
                "--agents.tokens", "a=/t", "--agents.autonomy", "full", "--session.rate", "7",
                "--session.max_connections", "9",
                "--transparent.listen", "127.0.0.1:1", "--transparent.names", "[::1]:2", "--transparent.mode", "tproxy",
                "--transparent.silence", "2 s", "--transparent.identity", "cgroup",
            ],
        ])
    func roundTrip(flags: [String]) throws {
        let before = try load(flags)
        let (after, diagnostics) = read(before.rendered)
        #expect(diagnostics.map(\.rendered) == [])
        #expect(after.rendered == before.rendered)
        for setting in Setting.all { #expect(setting.written(after) == setting.written(before), "\(setting.path)") }
    }

    @Test("every key has a reason, and --print-config names every key")
    func table() throws {
        let text = try load().rendered
        for setting in Setting.all {
            #expect(setting.reason.hasSuffix("."))
            let last = try #require(setting.path.split(separator: ".").last)
            #expect(text.contains("\(last): "))
            #expect(text.contains(setting.reason))
        }
        let document = try JSONDocument.parse(load().document).root
        #expect(document["settings"]?.count == Setting.all.count)
    }

    @Test("a user's own gate lives in the XDG directories, beside the rules of the checkout or the installation")
    func ofUser() {
        let settings = Settings.ofUser(user) { $0 == "/home/ada/.config/tiergate/rules" }
        #expect(settings.state == "/home/ada/.local/state/tiergate")
        #expect(settings.rules == ["/src/tiergate/rules", "/home/ada/.config/tiergate/rules"])
        #expect(settings.operatorSocket == "/run/user/1000/tiergate/operator.sock")
        #expect(Settings.ofUser(user) { _ in false }.rules == ["/src/tiergate/rules"])

        let other = Environment(
            ["HOME": "/root", "XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "relative"], executable: "/usr/bin/tiergate")
        let installed = Settings.ofUser(other) { _ in true }
        #expect(installed.state == "/s/tiergate")
        #expect(installed.rules == ["/usr/share/tiergate/rules", "/root/.config/tiergate/rules"])
        #expect(installed.operatorSocket == "/s/tiergate/operator.sock")
    }

    @Test(
        "sizes and times are spelled as they are read",
        arguments: [("1 MiB", 1 << 20), ("64 KiB", 1 << 16), ("1000 B", 1000), ("3 GiB", 3 << 30), ("0 B", 0)])
    func sizes(text: String, bytes: Int) {
        #expect(Size.parse(text) == bytes)
        #expect(Size.spelling(bytes) == text)
        #expect(Size.parse(text.replacing(" ", with: "")) == bytes)
    }

    @Test("what is no size is none", arguments: ["", "MiB", "-1", "1.5 MiB", "1 mib", "99999999999999999999"])
    func noSize(text: String) {
        #expect(Size.parse(text) == nil)
        #expect(TimeSpan.parse(text) == nil)
    }

    @Test(
        "times",
        arguments: [("4 s", 4000), ("30 m", 1_800_000), ("500 ms", 500), ("1 d", 86_400_000)] as [(String, Int64)])
    func times(text: String, milliseconds: Int64) {
        #expect(TimeSpan.parse(text) == milliseconds)
        #expect(TimeSpan.spelling(milliseconds) == text)
    }
}
