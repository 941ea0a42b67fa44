import Foundation
import Glibc
import Testing

/// Whose call it is: the account of a socket or a token, and nothing that an agent may say. No agent gets what is another's.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct SessionTests {
    private static let ada = Account(uid: 23_401)
    private static let bob = Account(uid: 23_402)
    private static let stranger = Account(uid: 23_403)

    private func world(_ more: String = "", hold: String = "") async throws -> World {
        try await World(tls: false) { settings in
            settings.more = more
            settings.hold = hold
        }
    }

    /// Makes an agent, and waits until the gate has taken it in.
    private func token(_ name: String, _ gate: TestGate) async throws -> String {
        let made = try await run(
            Place.tiergate, ["agents", "add", name, "--json", "--config", gate.scratch.file("tiergate.yaml")])
        let token = try #require(try Document(made.output)["token"].string, "\(made.output)\(made.errors)")
        try await waitUntil("\(name) is an agent", every: .milliseconds(100)) {
            try await gate.curl("--proxy-user", "\(name):\(token)", "http://api.test/echo").status == 200
        }
        return token
    }

    private func sessionsOfHolds(_ gate: TestGate) async throws -> [String] {
        try await gate.holds("pending").compactMap { $0["session"].string }.sorted()
    }

    @Test(
        "two accounts' identical calls are two holds, and neither gets the other's answer, whatever it claims",
        .enabled(if: Account.canBeOthers, Comment(rawValue: Account.areMissing)))
    func accounts() async throws {
        let world = try await world("agents: {accounts: [\(Self.ada.uid), \(Self.bob.uid)]}")
        let gate = world.gate
        let claims = [
            "-H", "Idempotency-Key: k1", "-H", "Tiergate-Session: uid-\(Self.ada.uid)", "-H", "Mcp-Session-Id: m1",
        ]
        func post(_ account: Account, _ more: String...) async throws -> String {
            try await account.start(
                Place.curl, ["-sS", "-i", "-d", "pay=1"] + claims + more + ["http://api.test/echo"], gate.proxy
            ).finish().output
        }
        #expect(try await post(Self.ada).hasPrefix("HTTP/1.1 503 Held"))
        #expect(try await post(Self.bob).hasPrefix("HTTP/1.1 503 Held"))
        #expect(try await sessionsOfHolds(gate) == ["uid-\(Self.ada.uid)", "uid-\(Self.bob.uid)"])

        // Ada's is approved and sent without her, so that its answer is kept; Bob and the gate's own account ask for it.
        let hers = try #require(
            try await gate.holds("pending").first { $0["session"].string == "uid-\(Self.ada.uid)" }?["id"].string)
        try await gate.approve(hers, now: true)
        try await waitUntil("it is sent", every: .milliseconds(50)) { try await gate.state(of: hers) == "done" }
        let tricks = [
            [], ["-H", "Tiergate-Hold: \(hers)"], ["-H", "Proxy-Connection: keep-alive"],
            ["-H", "Forwarded: for=127.0.0.1", "-H", "X-Forwarded-User: uid-\(Self.ada.uid)"],
        ]
        for trick in tricks {
            let told = try await Self.bob.start(
                Place.curl, ["-sS", "-i", "-d", "pay=1"] + claims + trick + ["http://api.test/echo"], gate.proxy
            ).finish().output
            #expect(!told.hasPrefix("HTTP/1.1 200") && told.contains("NOT EXECUTED"), "\(told)")
        }
        let own = try await gate.curl("-d", "pay=1", "-H", "Idempotency-Key: k1", "http://api.test/echo")
        #expect(own.status == 503)
        let collected = try await post(Self.ada)
        #expect(collected.hasPrefix("HTTP/1.1 200"), "\(collected)")
        #expect(try world.upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("two agents with tokens have two holds, and a token is never sent on, written or logged")
    func tokens() async throws {
        let world = try await world()
        let gate = world.gate
        let tokens = (try await token("ada", gate), try await token("bob", gate))
        func post(_ name: String, _ token: String) async throws -> Answer {
            try await gate.curl(
                "-d", "pay=1", "-H", "Idempotency-Key: k1", "--proxy-user", "\(name):\(token)", "http://api.test/echo")
        }
        #expect(try await post("ada", tokens.0).status == 503)
        #expect(try await post("bob", tokens.1).status == 503)
        #expect(try await gate.curl("-d", "pay=1", "http://api.test/echo").status == 503)
        #expect(try await sessionsOfHolds(gate) == ["ada", "bob", "uid-\(geteuid())"])
        for (name, token) in [("bob", tokens.0), ("ada", tokens.1), ("ada", "tgt_0"), ("uid-0", tokens.0)] {
            let told = try await post(name, token)
            #expect(told.status == 407 && told.field("proxy-authenticate")?.hasPrefix("Basic ") == true)
            #expect(told.text.contains("tiergate agents add"))
        }
        let hers = try #require(
            try await gate.holds("pending").first { $0["session"].string == "ada" }?["id"].string)
        try await gate.approve(hers, now: true)
        try await waitUntil("it is sent", every: .milliseconds(50)) { try await gate.state(of: hers) == "done" }
        #expect(try await post("bob", tokens.1).status == 503)
        #expect(try await gate.curl("-d", "pay=1", "http://api.test/echo").status == 503)
        #expect(try await post("ada", tokens.0).status == 200)
        #expect(try world.upstream.count("POST") == 1)

        let listed = try await gate.command("sessions").document["sessions"].elements
        #expect(listed.compactMap { $0["session"].string } == ["ada", "bob", "uid-\(geteuid())"])
        #expect(listed.map { $0["pending"].integer } == [0, 1, 1])
        try await gate.end()
        for request in try world.upstream.requests {
            #expect(
                request["fields"].field("proxy-authorization") == nil
                    && request["fields"].field("Proxy-Authorization") == nil)
        }
        try nothingKeeps(tokens.0, of: gate)
        #expect(!gate.running.text.contains(tokens.0))
    }

    /// Looks through the state directory, for the token and for what Basic makes of it.
    private func nothingKeeps(_ token: String, of gate: TestGate) throws {
        let needles = [token, String(Data("ada:\(token)".utf8).base64EncodedString().prefix(40))]
        let paths = try #require(FileManager.default.enumerator(atPath: gate.state)).compactMap { $0 as? String }
        #expect(paths.contains("agents"))
        for path in paths {
            let content = FileManager.default.contents(atPath: "\(gate.state)/\(path)") ?? Data()
            for needle in needles { #expect(content.range(of: Data(needle.utf8)) == nil, "\(path)") }
        }
    }

    @Test(
        "an account that is not named needs a token, also inside a tunnel and after closing at once; with one it is served",
        .enabled(if: Account.canBeOthers, Comment(rawValue: Account.areMissing)))
    func strangers() async throws {
        let world = try await world()
        let gate = world.gate
        let refused = try await Self.stranger.curl(gate, "http://api.test/echo")
        #expect(refused.hasPrefix("HTTP/1.1 407 Agent token needed") && refused.contains("NOT EXECUTED"), "\(refused)")
        let tunnel = try await Self.stranger.start(
            Place.curl, ["-sS", "-p", "http://api.test/echo"], gate.proxy
        ).finish()
        #expect(tunnel.status != 0 && tunnel.errors.contains("407"), "\(tunnel.errors)")

        // A socket that was closed has no owner any more, and the kernel would name root: the gate's own account here.
        let script = """
            import socket, sys
            for _ in range(20):
                agent = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
                agent.sendall(b"PUT http://api.test/echo HTTP/1.1\\r\\nHost: api.test\\r\\nContent-Length: 0\\r\\n\\r\\n")
                agent.close()
            """
        gate.running.signal(SIGSTOP)
        _ = try await Self.stranger.start(Place.plainPython, ["-c", script, "\(gate.port)"]).finish()
        gate.running.signal(SIGCONT)
        #expect(try await gate.curl("http://api.test/echo").status == 200)
        #expect(try world.upstream.count("PUT") == 0)

        let token = try await token("ada", gate)
        let served = try await Self.stranger.curl(gate, "--proxy-user", "ada:\(token)", "http://api.test/echo")
        #expect(served.hasPrefix("HTTP/1.1 200"), "\(served)")
        let inTunnel = try await Self.stranger.curl(gate, "-p", "--proxy-user", "ada:\(token)", "http://api.test/echo")
        #expect(inTunnel.hasPrefix("HTTP/1.1 200"), "\(inTunnel)")
        let names = try await gate.command("sessions").document["sessions"].elements.compactMap { $0["session"].string }
        #expect(Set(names).isSuperset(of: ["ada", "unproven"]) && !names.contains("uid-\(Self.stranger.uid)"))
        try await gate.end()
    }

    @Test("an agent that is removed is refused within moments, and its open connection is closed")
    func removal() async throws {
        let world = try await world()
        let gate = world.gate
        let token = try await token("ada", gate)
        let proof = Data("ada:\(token)".utf8).base64EncodedString()
        let agent = try #require(RawAgent(port: gate.port))
        agent.send(
            "GET http://api.test/status/204 HTTP/1.1\r\nHost: api.test\r\nProxy-Authorization: Basic \(proof)\r\n\r\n")
        #expect(agent.head().hasPrefix("HTTP/1.1 204"))
        let config = ["--json", "--config", gate.scratch.file("tiergate.yaml")]
        #expect(try await run(Place.tiergate, ["agents", "list"] + config).output.contains("\"agent\":\"ada\""))
        #expect(try await run(Place.tiergate, ["agents", "add", "ada"] + config).status != 0)
        #expect(try await run(Place.tiergate, ["agents", "remove", "ada"] + config).status == 0)
        #expect(agent.rest().isClosed)
        #expect(try await gate.curl("--proxy-user", "ada:\(token)", "http://api.test/echo").status == 407)
        #expect(try await run(Place.tiergate, ["agents", "remove", "ada"] + config).status != 0)
        try await gate.end()
    }

    @Test(
        "Python's clients take the token from the proxy's address, and say what is missing without it",
        .enabled(if: Place.hasClients, Comment(rawValue: Place.clientsAreMissing)), arguments: ClientTests.ofPython)
    func python(client: String) async throws {
        let world = try await World { $0.hold = "max_pending: 5" }
        let gate = world.gate
        let token = try await tunnelledToken("ada", gate)
        func ask(_ proof: String) async throws -> Finished {
            let proxy = "http://\(proof)127.0.0.1:\(gate.port)"
            let names = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"]
            let environment = gate.proxy.merging(names.map { ($0, proxy) }) { _, mine in mine }
            return try await run(
                Place.python, [Place.script("agent.py"), client, "GET", "https://api.test/echo"],
                environment: environment)
        }
        let served = try await ask("ada:\(token)@")
        #expect(try Document(served.output)["status"].integer == 200, "\(served.errors)")
        let refused = try await ask("ada:wrong@")
        #expect(refused.errors.contains("Agent token needed - NOT executed"), "\(refused.errors)")
        try await gate.end()
    }

    /// As `token`, where the upstream speaks TLS.
    private func tunnelledToken(_ name: String, _ gate: TestGate) async throws -> String {
        let made = try await run(
            Place.tiergate, ["agents", "add", name, "--json", "--config", gate.scratch.file("tiergate.yaml")])
        let token = try #require(try Document(made.output)["token"].string, "\(made.output)\(made.errors)")
        try await waitUntil("\(name) is an agent", every: .milliseconds(100)) {
            try await gate.curl("--proxy-user", "\(name):\(token)", "https://api.test/echo").status == 200
        }
        return token
    }

    @Test("tokens of the settings prove their agents: by hash, and by a file that only the gate's account may read")
    func ofSettings() async throws {
        let scratch = try Scratch()
        let file = try scratch.write("site.token", "0123456789abcdef0123456789abcdef\n")
        chmod(file, 0o600)
        let sum = try await run("/bin/sh", ["-c", "printf %s fedcba9876543210fedcba9876543210 | sha256sum"])
        let digest = sum.output.prefix(64)
        let world = try await world("agents: {tokens: {site: \(file), ci: \"sha256:\(digest)\"}}")
        for user in ["site:0123456789abcdef0123456789abcdef", "ci:fedcba9876543210fedcba9876543210"] {
            #expect(try await world.gate.curl("--proxy-user", user, "http://api.test/echo").status == 200)
        }
        #expect(
            try await world.gate.curl("--proxy-user", "ci:0123456789abcdef0123456789abcdef", "http://api.test/echo")
                .status == 407)
        try await world.gate.end()
    }

    @Test("held calls wait with one descriptor each: 320 of them under a limit of 600, and others are served")
    func descriptors() async throws {
        let world = try await World(tls: false) { settings in
            settings.hold = "max_pending_per_session: 1000"
            settings.wait = "60 s"
            settings.more = "session: {max_connections: 400}"
            settings.descriptors = 600
        }
        let gate = world.gate
        // 600 without the reserve of 256 are 344.
        let waiting = (0..<320).compactMap { number -> RawAgent? in
            let agent = RawAgent(port: gate.port)
            agent?.send(
                "POST http://api.test/echo HTTP/1.1\r\nHost: api.test\r\nContent-Length: 3\r\n\r\n\(100 + number)")
            return agent
        }
        #expect(waiting.count == 320)
        try await waitUntil("320 wait", within: 60, every: .milliseconds(200)) {
            try await gate.command("sessions").document["sessions"].elements.first?["pending"].integer == 320
        }
        let listed = try await gate.command("sessions").document["sessions"].elements
        #expect(listed.first?["connections"].integer == 320)
        // Others are served meanwhile, and one that waits is sent.
        #expect(try await gate.curl("http://api.test/echo").status == 200)
        let hold = try #require(try await gate.holds("pending").first?["id"].string)
        try await gate.approve(hold)
        try await waitUntil("it is sent", every: .milliseconds(50)) { try world.upstream.count("POST") == 1 }
        try await gate.end()
    }
}
