import Foundation
import Testing

/// Agents in network namespaces of their own, which know of no gate and are behind one all the same.
@Suite(
    .serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)),
    .enabled(if: Network.isPossible, Comment(rawValue: Network.isImpossible)))
struct SidecarTests {
    /// Every try of `intercepted.py`, for both families where it ends in a dash.
    private static let expected: [(attempt: String, result: String)] = [
        ("https-", "200"), ("http-", "200"), ("post-", "503 held"),
        // Whose address it is, is whom it is for.
        ("other-name-", "421 misdirected"), ("other-host-", "421 misdirected"),
        ("other-plain-host-", "421 misdirected"),
        // A raw address, and the name that the client shows; without one it is held, whatever rules say of reading.
        ("raw-named-", "200"), ("raw-host-", "200"), ("raw-unnamed-", "503 held"), ("raw-unnamed-tls-", "503 held"),
        ("foreign-", "b''"), ("silent-", "b''"), ("odd-port-", "b'HTTP/1.1 400"),
        ("forgotten-address", "b'HTTP/1.1 403"), ("connect-inside", "b'HTTP/1.1 400"),
        ("names", "True"), ("names-stable", "True"), ("names-6", "0 1"), ("names-blocked", "5 0"),
        ("names-service", "0 0"), ("names-text", "b'hello'"), ("names-text-long", "0 cut 0"), ("names-mail", "5 0"),
        ("names-tunnel", "5 0"), ("names-tunnel-text", "5 0"), ("names-localhost", "127.0.0.1"),
        ("names-back", "api.test"), ("names-pipelined", "1: 0 1 2: 0 8"), ("names-garbage", "1 0"),
    ]

    @Test(
        "everything that an agent tries is intercepted, held, or fails, in each variant",
        arguments: Sidecar.Variant.allCases)
    func tries(variant: Sidecar.Variant) async throws {
        let sidecar = try await Sidecar(variant)
        let results = try await sidecar.tries(as: Sidecar.agents[0])
        for (attempt, result) in Self.expected {
            for name in attempt.hasSuffix("-") ? ["\(attempt)4", "\(attempt)6"] : [attempt] {
                #expect(results[name].string == result, "\(name)")
            }
        }
        #expect(results["own-port"].string == (variant == .host ? "TimeoutError" : "b''"))
        for port in [123, 443, 9999] {
            for family in [4, 6] {
                let result = try #require(results["udp-\(port)-\(family)"].string)
                #expect(result.hasPrefix("errno "), "udp \(port) over IPv\(family): \(result)")
            }
        }
        // What the world saw: four requests by name for each family, no question but the two that a rule lets pass.
        let requests = try sidecar.requests
        #expect(requests.count == 8 && requests.allSatisfy { $0["method"].string == "GET" })
        #expect(Set(sidecar.questions) == ["hello.test 16", "long.test 16"])
        #expect(try await sidecar.network.strays == 0)
        // Each was recorded under whoever made it.
        let owner = variant == .host ? ["at-10.98.0.2", "at-fd98::2"] : ["uid-\(Sidecar.agents[0])"]
        let journal = try sidecar.gate.journal
        #expect(
            Set(journal.filter { $0["kind"].string == "call.open" }.compactMap { $0["session"].string }) == Set(owner))
        let codes = Set(journal.compactMap { $0["code"].string })
        #expect(
            codes.isSuperset(of: [
                "unknown_protocol", "silent_connection", "unknown_address", "name_blocked", "name_not_passed",
                "name_carries_data", "misdirected",
            ]), "\(codes.sorted())")
        // Beside the agent the gate's port can be reached, and is of no use; from another namespace it cannot.
        if variant != .host { #expect(codes.contains("own_address")) }
        let flagged = journal.filter { $0["flags"].elements.contains { $0.string == "secret" } }
        #expect(Set(flagged.compactMap { $0["target"].string }).count == 2)
        try await sidecar.gate.end()
    }

    @Test("a held call waits for a person, and is sent once it is released; another account's is another hold")
    func released() async throws {
        let sidecar = try await Sidecar(.redirect)
        func post(_ uid: Int) async throws -> String {
            try await sidecar.agent(uid, Place.curl, "-sS", "-i", "-d", "pay=1", "http://plain.test:8080/echo").output
        }
        #expect(try await post(Sidecar.agents[0]).hasPrefix("HTTP/1.1 503 Held"))
        let hold = try await sidecar.gate.theHold()
        #expect(try await post(Sidecar.agents[1]).hasPrefix("HTTP/1.1 503 Held"))
        #expect(try sidecar.requests.isEmpty)
        try await sidecar.gate.approve(hold)
        #expect(try await post(Sidecar.agents[0]).hasPrefix("HTTP/1.1 200"))
        #expect(try await post(Sidecar.agents[1]).hasPrefix("HTTP/1.1 503 Held"))
        let requests = try sidecar.requests
        #expect(requests.count == 1 && requests[0]["begins"].string == "pay=1")
        #expect(
            requests.first?["fields"].elements.allSatisfy { $0[0].string?.hasPrefix("x-forwarded") != true } == true)
        let sessions = try await sidecar.gate.command("sessions").document["sessions"].elements
        #expect(
            Set(sessions.compactMap { $0["id"].string ?? $0["session"].string }).isSuperset(
                of: Sidecar.agents.map { "uid-\($0)" }))
    }

    @Test("no gate, no traffic: what the rules lead to a gate that is not there goes nowhere")
    func failsClosed() async throws {
        let sidecar = try await Sidecar(.redirect)
        try await sidecar.gate.die()
        let answer = try await sidecar.agent(
            Sidecar.agents[0], Place.curl, "-sS", "-m", "5", "http://10.99.0.1:8080/echo")
        #expect(answer.status != 0 && answer.output.isEmpty)
        #expect(try sidecar.requests.isEmpty)
        #expect(try await sidecar.network.strays == 0)
    }

    @Test("the gate's ports are for nobody outside", arguments: [Sidecar.Variant.redirect, .host])
    func outside(variant: Sidecar.Variant) async throws {
        let sidecar = try await Sidecar(variant)
        for port in ["15001", "15053"] {
            let tried = try await sidecar.network.start(
                in: sidecar.network.world, Place.curl, ["-sS", "-m", "2", "http://\(Network.agentAddress):\(port)/"]
            ).finish()
            // No answer at all, not even that nobody listens.
            #expect(tried.status == 28, "\(port): \(tried.errors)")
        }
    }

    @Test("a frame of an agent's own making leaves where it may make one, and does not where there is a belt")
    func belt() async throws {
        let sidecar = try await Sidecar(.redirect)
        let listed = try await run(
            Network.ip, ["-n", sidecar.network.world, "-o", "link", "show", "eth0"]
        ).output
        let hardware = try #require(listed.split(separator: "link/ether ").dropFirst().first?.prefix(17))
        func frame() async throws -> Int32 {
            try await sidecar.network.start(
                in: sidecar.network.agent, as: Sidecar.agents[0], Network.python,
                [sidecar.scratch.file("frame.py"), "eth0", String(hardware)], capability: "net_raw"
            ).finish().status
        }
        #expect(try await frame() == 0)
        #expect(try await sidecar.network.strays == 1)
        let belted = try await sidecar.lead("--agent-uid", "\(Sidecar.agents[0])")
        try #require(belted.status == 0, "\(belted.errors)")
        // The kernel says so, too.
        #expect(try await frame() != 0)
        #expect(try await sidecar.network.strays == 1)
        // What is led to the gate still goes there.
        let answer = try await sidecar.agent(
            Sidecar.agents[0], Place.curl, "-sS", "-o", "/dev/null", "-w", "%{http_code}", "http://plain.test:8080/echo"
        )
        #expect(answer.output == "200")
    }

    @Test("the gate's own connections are known where the rules lead them back to it")
    func loop() async throws {
        let sidecar = try await Sidecar(.redirect)
        // Another account than the gate's is left alone, so that the gate's own connections are led to it.
        let misled = try await sidecar.network.start(
            in: sidecar.network.gate, sidecar.scratch.file("tiergate"), ["sidecar", "init", "--uid", "23999"]
        ).finish()
        try #require(misled.status == 0, "\(misled.errors)")
        let answer = try await sidecar.agent(
            Sidecar.agents[0], Place.curl, "-sS", "-m", "20", "http://plain.test:8080/echo")
        #expect(!answer.output.contains("\"method\""))
        try await sidecar.gate.closed("refused", code: "loop")
        #expect(try sidecar.requests.isEmpty)
    }

    @Test("beside the gate nothing of the table is open, as a plain account and as uid 0 without powers")
    func escape() async throws {
        let sidecar = try await Sidecar(.redirect)
        for uid in [Sidecar.agents[0], 0] {
            let ended = try await sidecar.escape(as: uid)
            let document = try Document(ended.output)
            let open = document["results"].elements.filter { $0["open"].bool != false }
            #expect(open.isEmpty, "uid \(uid): \(ended.output)")
            #expect((document["attempts"].integer ?? 0) >= 30)
            #expect(ended.status == 0, "\(ended.errors)")
        }
        #expect(try await sidecar.network.strays == 0)
    }

    @Test("with powers of its own an agent has ways out beside the gate, and the table says which")
    func escapeWithPowers() async throws {
        let sidecar = try await Sidecar(.redirect)
        func open(_ uid: Int, _ capability: String) async throws -> Set<String> {
            let ended = try await sidecar.escape(as: uid, capability: capability)
            return Set(
                try Document(ended.output)["results"].elements.filter { $0["open"].bool == true }
                    .compactMap { $0["attempt"].string })
        }
        #expect(try await open(Sidecar.agents[0], "net_raw") == ["AF_PACKET, raw"])
        #expect(try await open(0, "net_admin").isSuperset(of: ["changing the packet rules"]))
        #expect(try await open(0, "setuid") == ["becoming the gate's account"])
        let belted = try await sidecar.lead("--agent-uid", "\(Sidecar.agents[0])")
        try #require(belted.status == 0, "\(belted.errors)")
        #expect(try await open(Sidecar.agents[0], "net_raw").isEmpty)
    }
}
