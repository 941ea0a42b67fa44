import Foundation
import Glibc
import Testing

/// What is wrong is refused with its reason, whether an agent, an upstream, a file or the machine is at fault. Each
/// refusal has the twin that is admitted.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct BadInputTests {
    // MARK: Files

    /// Two files with three mistakes.
    private func breakRules(_ scratch: Scratch) throws {
        try scratch.write("rules/world.yaml", World.rules.replacing("tier: external", with: "tier: 9"))
        try scratch.write(
            "rules/other.yaml",
            """
            tiergate: 1
            pack: other
            version: 1.0.0
            rules:
              - id: other.read
                match: {host: api.other, metod: GET}
                tier: read-only
                summery: "Read"

            """)
    }

    @Test("broken rules: every mistake of every file at once, status 2, and nothing is served")
    func brokenRules() async throws {
        let scratch = try Scratch()
        try breakRules(scratch)
        let ended = try await run(
            Place.tiergate,
            [
                "serve", "--listen", "127.0.0.1:0", "--state", scratch.file("state"), "--rules", scratch.file("rules"),
                "--operator.socket", scratch.file("operator.sock"),
            ])
        #expect(ended.status == 2)
        for mistake in ["rules/world.yaml:16:", "rules/other.yaml:6:", "rules/other.yaml:8:"] {
            #expect(ended.errors.contains(mistake), "\(ended.errors)")
        }
        #expect(ended.errors.contains("did you mean method?"))
        #expect(ended.errors.contains("did you mean summary?"))
        #expect(ended.errors.contains("3 errors; nothing is loaded"))
        #expect(!ended.errors.contains("operators at") && ended.output.isEmpty)
        for made in ["state", "operator.sock"] { #expect(access(scratch.file(made), F_OK) != 0, "\(made)") }
    }

    @Test("broken rules on SIGHUP: the set in force stays, and a good one is taken later")
    func brokenReload() async throws {
        let world = try await World()
        let (gate, scratch) = (world.gate, world.scratch)
        func read() async throws -> Int { try await gate.curl("https://api.test/echo").status }
        func act() async throws -> Int { try await gate.curl("-d", "a=1", "https://api.test/echo").status }
        #expect(try await read() == 200)

        try breakRules(scratch)
        gate.reload()
        try await waitUntil("it says so: \(gate.running.text)") {
            gate.running.text.contains("the rules in force stay")
        }
        #expect(gate.running.text.contains("3 errors; nothing is loaded"))
        #expect(try await read() == 200)
        #expect(try await act() == 503)

        unlink(scratch.file("rules/other.yaml"))
        try scratch.write("rules/world.yaml", World.rules.replacing("tier: external", with: "tier: reversible"))
        gate.reload()
        try await waitUntil("it says so: \(gate.running.text)") {
            gate.running.text.contains("rules loaded (world 1.0.0)")
        }
        #expect(try await gate.curl("-d", "a=2", "https://api.test/echo").status == 200)
        #expect(try world.upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test(
        "a setting that is not there: status 2, its place, and what was meant",
        arguments: [
            ("hold: {wiat: 3 s}", "did you mean wait?"), ("upstrem: {allow: []}", "did you mean upstream?"),
            ("hold: {wait: soon}", "hold.wait"), ("workers: none", "workers"), ("listen: everywhere", "127.0.0.1:9510"),
        ])
    func unknownSetting(line: String, help: String) async throws {
        let scratch = try Scratch()
        let file = try scratch.write("tiergate.yaml", "state: \(scratch.file("state"))\n\(line)\n")
        let ended = try await run(Place.tiergate, ["serve", "--config", file])
        #expect(ended.status == 2)
        #expect(ended.errors.contains("tiergate.yaml:2:"), "\(ended.errors)")
        #expect(ended.errors.contains(help), "\(ended.errors)")
        #expect(access(scratch.file("state"), F_OK) != 0)
    }

    // MARK: Agents

    @Test("malformed HTTP is refused, recorded, and the end of its connection; its twin is carried")
    func malformed() async throws {
        let world = try await World(tls: false)
        var carried = 0
        for (index, each) in Malformed.all.enumerated() {
            let name = Comment(rawValue: each.name)
            let agent = try #require(RawAgent(port: world.gate.port))
            agent.send(each.request)
            let (text, isClosed) = agent.rest()
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            #expect(isClosed, name)
            #expect(text.hasPrefix("HTTP/1.1 \(each.status) "), "\(each.name): \(text)")
            // One answer, whatever may look like a second request.
            #expect(text.matches(of: #/HTTP/1\.1 \d{3} /#).count == 1, name)
            #expect(parts[0].contains("\r\nContent-Type: application/problem+json"), name)
            #expect(parts[0].contains("\r\nConnection: close"), name)
            let problem = try Document(String(parts.last ?? ""))
            #expect(problem["reason"].string == each.code, name)
            #expect(problem["status"].integer == each.status, name)
            try await waitUntil("\(each.name) is recorded") {
                try world.gate.journal.count {
                    $0["kind"].string == "call.close" && $0["outcome"].string == "refused"
                } == index + 1
            }
            let last = try #require(world.gate.journal.last { $0["outcome"].string == "refused" })
            #expect(last["code"].string == each.code, name)
            #expect(try world.upstream.requests.count == carried, name)

            let twin = try #require(RawAgent(port: world.gate.port))
            twin.send(each.twin)
            let answer = twin.rest().text
            #expect(answer.hasPrefix("HTTP/1.1 200 "), "the twin of \(each.name): \(answer)")
            carried += 1
            #expect(try world.upstream.requests.count == carried, "the twin of \(each.name)")
        }
        try await world.gate.end()
    }

    @Test("a request behind another one is judged for itself")
    func pipelined() async throws {
        let world = try await World(tls: false)
        let agent = try #require(RawAgent(port: world.gate.port))
        agent.send(
            "PUT http://api.test/first HTTP/1.1\r\nHost: api.test\r\nContent-Length: 5\r\n\r\nhello"
                + "DELETE http://api.test/second HTTP/1.1\r\nHost: api.test\r\nConnection: close\r\n\r\n")
        let (text, isClosed) = agent.rest()
        #expect(isClosed)
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        #expect(text.contains("HTTP/1.1 503 Held for approval"))
        #expect(try world.upstream.requests.map { $0["path"].string } == ["/first"])
        try await world.gate.end()
    }

    @Test("a body that ends before its length is not sent on")
    func truncated() async throws {
        let world = try await World(tls: false)
        for (framing, body) in [
            ("Content-Length: 100", "hello"), ("Transfer-Encoding: chunked", "5\r\nhello\r\n"),
            ("Transfer-Encoding: chunked", "64\r\nhello"),
        ] {
            let agent = try #require(RawAgent(port: world.gate.port))
            agent.send("PUT http://api.test/echo HTTP/1.1\r\nHost: api.test\r\n\(framing)\r\n\r\n\(body)")
            agent.finishSending()
            let (text, isClosed) = agent.rest()
            #expect(text.hasPrefix("HTTP/1.1 408 "), "\(text)")
            #expect(isClosed)
        }
        try await world.gate.closed("refused", code: "incomplete_request")
        #expect(try world.upstream.requests.isEmpty)
        let whole = try #require(RawAgent(port: world.gate.port))
        whole.send("PUT http://api.test/echo HTTP/1.1\r\nHost: api.test\r\nContent-Length: 5\r\n\r\nhello")
        whole.finishSending()
        #expect(whole.rest().text.hasPrefix("HTTP/1.1 200 "))
        try await world.gate.end()
    }

    @Test(
        "a tunnel leads to the one name that it was opened for",
        arguments: [
            (["-H", "Host: other.test"], 421, "misdirected"),
            // The tunnel is for other.test, the client hello for api.test.
            (["-k", "--connect-to", "api.test:443:other.test:443"], 421, "misdirected"),
            (["--request-target", "https://other.test/echo"], 400, "unexpected_target_form"),
        ])
    func misdirected(options: [String], status: Int, code: String) async throws {
        let world = try await World()
        let answer = try await Curl(world.gate, options + ["https://api.test/echo"]).answer()
        #expect(answer.status == status, "\(answer.text) \(answer.failure)")
        try await world.gate.closed("refused", code: code)
        #expect(try world.upstream.requests.isEmpty)
        for name in ["api.test", "other.test"] {
            #expect(try await world.gate.curl("https://\(name)/echo").status == 200, "\(name)")
        }
        try await world.gate.end()
    }

    @Test("inside a tunnel there is no other one, and none with a body")
    func tunnels() async throws {
        let world = try await World(tls: false)
        let inner = try #require(RawAgent(port: world.gate.port))
        inner.send("CONNECT api.test:80 HTTP/1.1\r\nHost: api.test:80\r\n\r\n")
        #expect(inner.head().hasPrefix("HTTP/1.1 200 "))
        inner.send("CONNECT other.test:80 HTTP/1.1\r\nHost: other.test:80\r\n\r\n")
        #expect(inner.rest().text.hasPrefix("HTTP/1.1 405 "))
        let loaded = try #require(RawAgent(port: world.gate.port))
        loaded.send("CONNECT api.test:80 HTTP/1.1\r\nHost: api.test:80\r\nContent-Length: 5\r\n\r\nhello")
        #expect(loaded.rest().text.hasPrefix("HTTP/1.1 400 "))
        #expect(try world.upstream.requests.isEmpty)
        try await world.gate.end()
    }

    @Test("a full queue is refused with its limit, and has room again after a decision")
    func full() async throws {
        let world = try await World { $0.hold = "max_pending_per_session: 2" }
        func act(_ number: Int) async throws -> Answer {
            try await world.gate.curl("-d", "n=\(number)", "https://api.test/echo")
        }
        let first = try #require(try await act(1).field("tiergate-hold"))
        #expect(try await act(2).field("tiergate-hold") != nil)
        let third = try await act(3)
        #expect(third.status == 503 && third.reason == "Queue full - NOT executed")
        #expect(third.text.contains("hold.max_pending_per_session of 2"))
        #expect(third.field("retry-after") == "30" && third.field("tiergate-hold") == nil)
        // Those that are there already can be asked for, and reading goes on.
        #expect(try await act(1).field("tiergate-hold") == first)
        #expect(try await world.gate.curl("https://api.test/echo").status == 200)
        #expect(try await world.gate.holds("pending").count == 2)

        try await world.gate.reject(first, because: "no")
        #expect(try await act(3).field("tiergate-hold") != nil)
        #expect(try world.upstream.count("POST") == 0)
        try await world.gate.end()
    }

    // MARK: Upstreams

    @Test("an upstream whose certificate is not right gets no request, and the agent the reason")
    func certificates() async throws {
        let scratch = try Scratch()
        let known = try await Certificates(scratch)
        let unknown = try await Certificates(scratch, name: "stranger")
        let bad = [
            ("stranger.test", try await unknown.leaf(["stranger.test"], file: "a"), "Test stranger"),
            ("expired.test", try await known.leaf(["expired.test"], days: -1, file: "b"), "expired"),
            ("misnamed.test", try await known.leaf(["api.test"], file: "c"), "api.test"),
        ]
        let good = try await Upstream(scratch, try await known.leaf(["api.test"], file: "d"))
        var upstreams: [String: Upstream] = [:]
        for (name, pair, _) in bad { upstreams[name] = try await Upstream(scratch, pair) }
        try scratch.write("rules/world.yaml", World.rules)
        let gate = try await TestGate(
            scratch,
            TestGate.Settings(
                roots: [known.root],
                resolve: upstreams.mapValues(\.port).merging(["api.test": good.port]) { mine, _ in mine }))
        for (name, _, reason) in bad {
            let passing = try await gate.curl("https://\(name)/echo")
            #expect(passing.status == 502, "\(name): \(passing.text)")
            #expect(try passing.document["reason"].string == "untrusted_upstream")
            #expect(passing.text.contains(reason), "\(name): \(passing.text)")

            // A held call is not spent on it either.
            let told = try await gate.curl("-d", "a=1", "https://\(name)/echo")
            let hold = try #require(told.field("tiergate-hold"))
            try await gate.approve(hold)
            #expect(try await gate.curl("-d", "a=1", "https://\(name)/echo").status == 502, "\(name)")
            #expect(try await gate.state(of: hold) == "approved", "\(name)")
            #expect(try upstreams[name]?.requests.isEmpty == true, "\(name)")
        }
        #expect(try await gate.curl("https://api.test/echo").status == 200)
        #expect(try good.requests.count == 1)
        try await gate.end()
    }

    @Test("a name that leads to this machine is refused, unless its range is allowed")
    func loopback() async throws {
        let scratch = try Scratch()
        let upstream = try await Upstream(scratch)
        try scratch.write("rules/world.yaml", World.rules.replacing("**.test\"", with: "localhost\", \"127.0.0.1\""))
        let urls = ["localhost", "127.0.0.1"].map { "http://\($0):\(upstream.port)/echo" }
        let closed = try await TestGate(scratch, TestGate.Settings(allow: "[]"))
        for url in urls {
            let answer = try await closed.curl("--noproxy", "", url)
            #expect(answer.status == 403, "\(url): \(answer.text) \(answer.failure)")
            #expect(answer.text.contains("upstream.allow"))
        }
        #expect(try upstream.requests.isEmpty)
        try await closed.closed("refused", code: "forbidden_address")
        try await closed.end()

        let open = try await TestGate(
            scratch, TestGate.Settings(allow: "[127.0.0.0/8, \"::1/128\"]", state: scratch.file("open")))
        for url in urls {
            let answer = try await open.curl("--noproxy", "", url)
            #expect(answer.status == 200, "\(url): \(answer.text) \(answer.failure)")
        }
        try await open.end()
    }

    // MARK: The machine

    @Test(
        "with the disk of the journal full nothing passes, is held, decided or sent; with room there it goes on",
        .enabled(if: SmallDisks.isPossible, Comment(rawValue: SmallDisks.isMissing)))
    func journalFull() async throws {
        let disks = try await SmallDisks()
        defer { disks.unmount() }
        let world = try await World { $0.state = disks.state }
        let (gate, upstream) = (world.gate, world.upstream)
        func read() async throws -> Answer { try await gate.curl("https://api.test/echo") }
        func act(_ number: Int) async throws -> Answer {
            try await gate.curl("-d", "n=\(number)", "https://api.test/echo")
        }
        let hold = try #require(try await act(1).field("tiergate-hold"))
        try await gate.approve(hold)

        try SmallDisks.fill(disks.journal)
        var passed = 0
        // The last page of the file has some room left.
        try await waitUntil("the journal has no room") {
            let status = try await read().status
            if status == 200 { passed += 1 }
            return status == 503
        }
        for _ in 0..<3 {
            let refused = try await read()
            #expect(refused.status == 503)
            #expect(try refused.document["reason"].string == "journal_unavailable")
        }
        #expect(try await gate.curl("-T", Place.script("agent.py"), "https://api.test/echo").status == 503)
        #expect(try await act(1).status == 503)
        #expect(try await act(2).status == 503)
        #expect(try upstream.requests.count == passed)
        #expect(try await gate.state(of: hold) == "approved")

        SmallDisks.makeRoom(disks.journal)
        try await waitUntil("it passes again", every: .milliseconds(100)) { try await read().status == 200 }
        let sent = try await act(1)
        #expect(sent.status == 200, "\(sent.text)")
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
        #expect(try gate.journal.contains { $0["kind"].string == "journal.restored" })
    }

    @Test(
        "with the disk of the store full tiers 1 and 2 pass, and nothing is held, decided or sent; then it goes on",
        .enabled(if: SmallDisks.isPossible, Comment(rawValue: SmallDisks.isMissing)))
    func storeFull() async throws {
        let disks = try await SmallDisks()
        defer { disks.unmount() }
        let world = try await World { $0.state = disks.state }
        let (gate, upstream) = (world.gate, world.upstream)
        func act(_ number: Int) async throws -> Answer {
            try await gate.curl("-d", "n=\(number)", "https://api.test/echo")
        }
        let hold = try #require(try await act(1).field("tiergate-hold"))
        let undecided = try #require(try await act(2).field("tiergate-hold"))
        try await gate.approve(hold)

        try SmallDisks.fill(disks.state)
        for number in [1, 3] {
            let refused = try await act(number)
            #expect(refused.status == 503, "\(refused.text)")
            #expect(try refused.document["reason"].string == "store_unavailable", "\(refused.text)")
            #expect(refused.text.contains("NOT EXECUTED"))
        }
        #expect(try await gate.command("approve", undecided, "--yes").status != 0)
        #expect(try await gate.curl("https://api.test/echo").status == 200)
        #expect(try await gate.curl("-T", Place.script("agent.py"), "https://api.test/echo").status == 200)
        #expect(try upstream.count("POST") == 0)

        SmallDisks.makeRoom(disks.state)
        #expect(try await gate.state(of: undecided) == "pending")
        let sent = try await act(1)
        #expect(sent.status == 200, "\(sent.text)")
        #expect(try await act(3).field("tiergate-hold") != nil)
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }
}
