import Calls
import Holds
import Stores
import System
import Testing

@testable import Proxy

/// What one session may take, and that it is not another's.
@Suite(.serialized) struct SessionLimitsTests {
    static let request = LimitsTests.request
    static let answer = LimitsTests.answer
    /// Of an agent with a token; others in these tests are the account of the test.
    static let proof = AgentAccessTests.basic("mailer", AgentAccessTests.token)

    static func proving(_ request: String, with proof: String = proof) -> String {
        request.replacing("\r\n\r\n", with: "\r\nProxy-Authorization: \(proof)\r\n\r\n", maxReplacements: 1)
    }

    private func gate(_ change: (inout ProxySettings) -> Void) throws -> LiveGate {
        let script: [Upstream.Step] = (0..<20).flatMap { _ in Self.answer }
        return try LiveGate(try Upstream(script)) { settings in
            settings.agents.tokens = [AgentAccessTests.entry("mailer")]
            change(&settings)
        }
    }

    @Test("a connection over the session's limit is told so and closed, and another session's is served")
    func connections() throws {
        let gate = try gate { $0.session.maxConnections = 2 }
        let agents = try (0..<2).map { _ in try gate.agent() }
        for agent in agents {
            agent.send(Self.request)
            #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        let told = try gate.agent().rest()
        #expect(told.hasPrefix("HTTP/1.1 429 Too much at once (connection_limit)"))
        #expect(told.contains("Retry-After: 1\r\n") && told.contains("session.max_connections"))
        agents[0].leave()
        _ = try eventually("room") { gate.server.sessions.summaries.first { $0.connections == 1 } }
        let third = try gate.agent()
        third.send(Self.request)
        #expect(third.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("a token moves a connection out of its account's session: the account has room again") func moving() throws {
        let gate = try gate { $0.session.maxConnections = 1 }
        let mailer = try gate.agent()
        mailer.send(Self.proving(Self.request))
        #expect(mailer.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        let agent = try gate.agent()
        agent.send(Self.request)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        // The second connection of the mailer is one too many for it, and is told so when it says whose it is.
        agent.send(Self.proving(Self.request))
        #expect(agent.read(until: "}").contains("429 Too much at once (connection_limit)"))
    }

    @Test("calls over the rate are kept a while, then refused with the time to wait; another session's pass")
    func rate() throws {
        let gate = try gate { settings in
            settings.session.rate = 1
            settings.session.burst = 2
        }
        let agents = try (0..<4).map { _ in try gate.agent() }
        for agent in agents { agent.send(Self.request) }
        let mailer = try gate.agent()
        mailer.send(Self.proving(Self.request))
        #expect(mailer.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        let answers = agents.map { $0.read(until: "\r\n\r\n") }
        // Two at once, one after a second; the fourth would wait for two.
        #expect(answers.count { $0.hasPrefix("HTTP/1.1 200 OK\r\n") } >= 3)
        for refused in answers where !refused.hasPrefix("HTTP/1.1 200") {
            #expect(refused.hasPrefix("HTTP/1.1 429 Too much at once (rate_limit)"))
            #expect(refused.contains("Retry-After: "))
        }
        #expect(answers.contains { $0.contains("rate_limit") } || gate.upstream.requests == 5)
    }

    @Test("a refused call over the rate is in the journal, and reached nobody") func recorded() throws {
        let gate = try gate { settings in
            settings.session.rate = 1
            settings.session.burst = 1
        }
        let agents = try (0..<12).map { _ in try gate.agent() }
        for agent in agents { agent.send(Self.request) }
        let answers = agents.map { $0.read(until: "\r\n\r\n") }
        let passed = answers.count { $0.hasPrefix("HTTP/1.1 200") }
        #expect(passed < 12 && gate.upstream.requests == passed)
        #expect(try gate.line("call.close", count: 12 - passed).isEmpty == false)
        #expect(gate.lines.contains { $0.contains(#""code":"rate_limit""#) })
    }

    @Test("bodies of one session have their share of the memory, and another session's have room") func memory() throws
    {
        let gate = try LiveGate(try Upstream([.head, .body(200_000)] + Self.answer.dropFirst())) { settings in
            settings.session.maxBodyMemory = 560_000
            settings.agents.tokens = [AgentAccessTests.entry("mailer")]
        }
        let request = { (path: Int) in
            "POST http://held.test/\(path) HTTP/1.1\r\nHost: held.test\r\nContent-Length: 200000\r\n\r\n"
                + String(repeating: "x", count: 200_000)
        }
        let waiting = try (0..<2).map { path in
            let agent = try gate.agent()
            agent.send(request(path))
            return agent
        }
        _ = try eventually("two that wait") { gate.server.gate.waitingCount == 2 ? true : nil }
        let refused = try gate.agent()
        refused.send(request(9))
        #expect(refused.rest().hasPrefix("HTTP/1.1 429 Too much at once (memory_limit)"))
        let mailer = try gate.agent()
        mailer.send(Self.proving(request(9).replacing("held", with: "pass")))
        #expect(mailer.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        for agent in waiting { agent.leave() }
    }

    @Test("a token counts for the request that brings it, on a connection that proves nothing by itself")
    func perRequest() throws {
        let gate = try gate { $0.agents.accounts = [] }
        let agent = try gate.agent()
        for _ in 0..<2 {
            agent.send(Self.request)
            let told = agent.read(until: "}}")
            #expect(told.hasPrefix("HTTP/1.1 407 Agent token needed") && !told.contains("Connection: close"))
            agent.send(Self.proving(Self.request))
            #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        #expect(gate.upstream.requests == 2)
        #expect(gate.server.sessions.summaries.map(\.id.description) == ["mailer", "unproven"])
    }

    @Test(
        "two proofs, a wrong one and one that is no proof are none, whoever's socket it is",
        arguments: [[proof, proof], ["Bearer wrong"], ["nonsense"], [""]])
    func notProving(proofs: [String]) throws {
        let gate = try gate { _ in }
        let request = proofs.reduce(Self.request) { Self.proving($0, with: $1) }
        let agent = try gate.agent()
        agent.send(request)
        #expect(agent.read(until: "}}").hasPrefix("HTTP/1.1 407 Agent token needed"))
        #expect(gate.upstream.requests == 0)
    }

    @Test("inside a tunnel a token is nothing: it was settled before whose the calls are") func tunnel() throws {
        let gate = try gate { _ in }
        let agent = try gate.agent()
        agent.send("CONNECT pass.test:80 HTTP/1.1\r\nHost: pass.test:80\r\n\r\n")
        #expect(agent.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        agent.send(Self.proving("GET / HTTP/1.1\r\nHost: pass.test\r\n\r\n"))
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(gate.server.sessions.summaries.map(\.id.description) == ["uid-\(Accounts.effectiveUser)"])
        #expect(!gate.upstream.received.lowercased().contains("proxy-authorization"))
    }

    @Test("idle connections that prove nothing do not keep an agent with a token out") func crowd() throws {
        let gate = try gate { settings in
            settings.agents.accounts = []
            settings.maxConnections = 64
        }
        let crowd = try (0..<8).map { _ in try gate.agent() }
        _ = try eventually("eight") { gate.server.sessions.summaries.first { $0.connections == 8 } }
        let mailer = try gate.agent()
        mailer.send(Self.proving(Self.request))
        #expect(mailer.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        // The oldest gave way.
        #expect(crowd[0].rest().isEmpty)
        crowd[7].send(Self.proving(Self.request))
        #expect(crowd[7].read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("whoever proves nothing cannot fill the journal: it is slowed down, then hung up on") func unprovenRate()
        throws
    {
        let gate = try gate { $0.agents.accounts = [] }
        let began = ContinuousClock.now
        let agents = try (0..<40).map { _ in try gate.agent() }
        for agent in agents { agent.send(String(repeating: Self.request, count: 5)) }
        for agent in agents {
            agent.finishSending()
            _ = agent.rest()
        }
        let closed = gate.lines.count { $0.contains("\"call.close\"") }
        let seconds = Int((ContinuousClock.now - began).components.seconds)
        let rate = SessionLimits.unprovenRate
        #expect(closed >= rate.burst && closed <= rate.burst + rate.calls * (seconds + 3))
    }

    @Test(
        "where no number is set, a session leaves room however greedy it is",
        arguments: [
            (0, 0, 800, true), (699, 699, 800, true), (700, 700, 800, false), (373, 747, 800, false),
            (0, 747, 800, true), (370, 747, 800, true), (6, 799, 800, true), (7, 799, 800, false), (1, 1, 2, true),
        ])
    func share(own: Int, open: Int, limit: Int, isAdmitted: Bool) {
        #expect(SessionLimits().admitsConnection(having: own, open: open, of: limit) == isAdmitted)
    }

    @Test(
        "descriptors leave a reserve, and 20,000 are enough for 15,000 calls that wait",
        arguments: [(256, 128), (1024, 768), (4096, 3584), (20_000, 17_500), (1 << 20, 917_504)])
    func descriptors(limit: Int, connections: Int) {
        #expect(ProxySettings.connections(among: limit) == connections)
        guard limit == 20_000 else { return }
        #expect(SessionLimits().admitsConnection(having: 15_000, open: 15_000, of: connections))
    }
}
