import Calls
import Crypto
import Glibc
import Holds
import Synchronization
import System
import Testing

@testable import Proxy

/// The kill switch in a whole gate: what has left, what has not, and what the agent is told.
@Suite(.serialized) struct StopTests {
    static let read = "GET http://read.test/x HTTP/1.1\r\nHost: read.test\r\n\r\n"
    static let pass = FailClosedTests.passing
    static let held = FailClosedTests.request
    static let answer = FailClosedTests.answer
    static let readAnswer: [Upstream.Step] = [
        .head, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .hangup,
    ]

    private let cause = Stop.Cause.person(Operator(uid: 1, name: "ada"), reason: "secret suspicion")

    private func gate(_ script: [Upstream.Step] = answer, wait: Int64 = 120_000) throws -> LiveGate {
        try LiveGate(try Upstream(script)) { $0.wait = wait }
    }

    @discardableResult
    private func stop(_ gate: LiveGate, _ kind: Stop.Kind, _ scope: Scope = .everything) throws -> StopReport {
        try wait { [server = gate.server, cause] in await server.gate.stop(scope, kind, by: cause) }
    }

    private func resume(_ gate: LiveGate) throws {
        let decision = Decision(
            by: Operator(uid: 1, name: "ada"), at: Timestamp(milliseconds: SystemClock.wall()), reason: "clear")
        let resumption = try wait { [server = gate.server] in
            try await server.gate.resume(.everything, by: decision)
        }
        for hold in resumption.immediate { gate.server.sendNow(hold) }
    }

    private func waiting(_ gate: LiveGate) throws -> Agent {
        let agent = try gate.agent()
        agent.send(StopTests.held)
        let id = try gate.hold("pending").id
        _ = try eventually("a waiting agent") { gate.server.gate.isAwaited(id) ? true : nil }
        return agent
    }

    /// A kill's answer: final, and without a word of the reason.
    private func expectKilled(_ text: String) {
        #expect(text.hasPrefix("HTTP/1.1 403 Stopped by operator - NOT executed\r\n"), "\(text)")
        #expect(text.contains(#""reason":"killed""#))
        #expect(!text.contains("Retry-After"))
        #expect(text.contains("x-should-retry: false"))
        #expect(!text.contains("suspicion") && !text.contains("ada"))
    }

    // MARK: Killed

    @Test(
        "killed, every call is refused and its connection closed, reading too; resumed, they pass again",
        arguments: [read, pass, held])
    func killed(request: String) throws {
        let gate = try gate(request == StopTests.read ? StopTests.readAnswer : StopTests.answer, wait: 300)
        try stop(gate, .kill)
        expectKilled(try gate.ask(request))
        #expect(gate.upstream.connections == 0)
        #expect(try gate.line("call.close").contains(#""code":"killed""#))
        try resume(gate)
        let agent = try gate.agent()
        agent.send(request)
        let expected = request == StopTests.held ? "HTTP/1.1 503 Held" : "HTTP/1.1 200 OK"
        #expect(agent.read(until: request == StopTests.held ? "}" : "ok").hasPrefix(expected))
    }

    @Test("a call that was connecting when it was killed never sends a byte", arguments: [read, pass, held])
    func connecting(request: String) throws {
        // The upstream's handshake stands still until the test lets it go on.
        let root = try RootFile()
        let host = try #require(request.split(separator: " ").dropFirst().first?.dropFirst("http://".count).dropLast(2))
        let upstream = try Upstream([.gate, .secure(root.authority, String(host)), .head, .hangup])
        let gate = try LiveGate(upstream, trusting: root.path) { $0.wait = 120_000 }
        let secure = request.replacing("http://", with: "https://")
        let agent = try gate.agent()
        agent.send(secure)
        if request == StopTests.held { try gate.approve() }
        _ = try eventually("a connection to the upstream") { upstream.connections == 1 ? true : nil }
        let began = SystemClock.monotonic()
        try stop(gate, .kill)
        let took = SystemClock.monotonic() - began
        upstream.go()
        expectKilled(agent.rest())
        #expect(upstream.requests == 0)
        print("a kill was in force, durable and journalled after \(took) ms")
        if request == StopTests.held { _ = try gate.hold("killed") }
    }

    @Test("agents that wait get their 403 when it is killed, and their holds are over") func waiters() throws {
        let gate = try gate()
        let agents = [try waiting(gate), try gate.agent()]
        agents[1].send(StopTests.held)
        _ = try eventually("two that wait") { gate.server.gate.waitingCount == 2 ? true : nil }
        #expect(try stop(gate, .kill).killed == 1)
        for agent in agents { expectKilled(agent.rest()) }
        let hold = try gate.hold("killed")
        #expect(try gate.line("hold.killed").contains(hold.id.description))
        #expect(try gate.line("scope.stopped").contains("secret suspicion"))
        try resume(gate)
        #expect(try gate.line("scope.resumed").contains("clear"))
    }

    @Test("with the store down agents that wait are told all the same") func storeDown() throws {
        let gate = try gate()
        let agent = try waiting(gate)
        gate.store.fail("keep", "kill", "hold", "holds")
        let report = try stop(gate, .kill)
        #expect(!report.failures.isEmpty)
        expectKilled(agent.rest())
        gate.store.fail()
        _ = try gate.hold("killed")
        _ = try eventually("the stop in the store") {
            let stops = try wait { [store = gate.store] in try await store.stops() }
            return stops.count == 1 ? true : nil
        }
    }

    @Test("what has left before is not said to be not executed, and its end is recorded") func underWay() throws {
        let gate = try gate([.head, .body(2), .gate, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .hangup])
        let first = try waiting(gate)
        try gate.approve()
        _ = try eventually("the upstream has it") { gate.upstream.requests == 1 ? true : nil }
        let second = try gate.agent()
        second.send(StopTests.held)
        _ = try eventually("one that waits for it") { gate.server.gate.waitingCount == 1 ? true : nil }
        let report = try stop(gate, .kill)
        #expect(report.sending.count == 1 && report.killed == 0)
        let told = second.rest()
        #expect(
            told.hasPrefix("HTTP/1.1 403 Stopped by operator - outcome unknown\r\n") && !told.contains("NOT EXECUTED"))
        gate.upstream.go()
        #expect(first.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        _ = try gate.hold("done")
    }

    @Test("one who waited already when another's turn came is not told so either") func overtaken() throws {
        let gate = try gate([.head, .body(2), .gate, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .hangup])
        let first = try waiting(gate)
        let second = try gate.agent()
        second.send(StopTests.held)
        _ = try eventually("two that wait") { gate.server.gate.waitingCount == 2 ? true : nil }
        try gate.approve()
        _ = try eventually("the upstream has it") { gate.upstream.requests == 1 ? true : nil }
        try stop(gate, .kill)
        #expect(!second.rest().contains("NOT EXECUTED"))
        gate.upstream.go()
        #expect(first.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("a large body that is still on its way to the gate is not sent on") func uploading() throws {
        let gate = try gate()
        let agent = try gate.agent()
        agent.send(
            "POST http://pass.test/x HTTP/1.1\r\nHost: pass.test\r\nContent-Length: 2000000\r\n"
                + "Expect: 100-continue\r\n\r\n")
        _ = agent.read(until: "100 Continue\r\n\r\n")
        agent.send([UInt8](repeating: 0x61, count: 100_000))
        try stop(gate, .kill)
        // The gate takes as much as it must know, refuses, and closes.
        agent.send([UInt8](repeating: 0x61, count: 1_900_000))
        expectKilled(agent.read(until: "}}"))
        #expect(gate.upstream.connections == 0)
    }

    @Test("an agent of another scope goes on") func otherScope() throws {
        let gate = try gate()
        try stop(gate, .kill, .agent(AgentID("somebody")))
        let agent = try gate.agent()
        agent.send(StopTests.pass)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        try stop(gate, .kill, .agent(AgentID("uid-\(getuid())")))
        // What waited for its next call is closed, and whoever comes again is told.
        #expect(agent.rest().isEmpty)
        expectKilled(try gate.ask(StopTests.pass))
    }

    // MARK: Frozen

    @Test("frozen, reading passes") func reading() throws {
        let gate = try gate(StopTests.readAnswer)
        try stop(gate, .freeze)
        let agent = try gate.agent()
        agent.send(StopTests.read)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("frozen, tier 2 waits on its connection until it is resumed, and is sent then") func keptBack() throws {
        let gate = try gate()
        try stop(gate, .freeze)
        let agent = try gate.agent()
        agent.send(StopTests.pass)
        _ = try eventually("one that waits") { gate.server.gate.waitingCount == 1 ? true : nil }
        #expect(gate.upstream.connections == 0)
        try resume(gate)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(gate.server.gate.waitingCount == 0)
    }

    @Test("what waits in a freeze is refused when a kill follows") func freezeThenKill() throws {
        let gate = try gate()
        try stop(gate, .freeze)
        let agent = try gate.agent()
        agent.send(StopTests.pass)
        _ = try eventually("one that waits") { gate.server.gate.waitingCount == 1 ? true : nil }
        try stop(gate, .kill)
        expectKilled(agent.rest())
        #expect(gate.upstream.connections == 0)
    }

    @Test("frozen longer than its client lasts, tier 2 is told to come again") func impatient() throws {
        let gate = try gate(wait: 200)
        try stop(gate, .freeze)
        let agent = try gate.agent()
        agent.send(StopTests.pass)
        let told = agent.read(until: "}}")
        #expect(told.hasPrefix("HTTP/1.1 503 Paused by operator - NOT executed\r\n"))
        #expect(told.contains("Retry-After: 30\r\n") && told.contains(#""reason":"frozen""#))
        #expect(gate.upstream.connections == 0)
        try resume(gate)
        agent.send(StopTests.pass)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("frozen, what is approved is not sent; resumed, it is sent to the agent that waits") func approved() throws {
        let gate = try gate()
        let agent = try waiting(gate)
        try stop(gate, .freeze)
        try gate.approve()
        _ = try gate.hold("approved")
        _ = try eventually("it waits on") { gate.server.gate.waitingCount == 1 ? true : nil }
        #expect(gate.upstream.connections == 0)
        try resume(gate)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(gate.upstream.requests == 1)
    }

    @Test("frozen longer than its client lasts, an approved call says so, and is sent when it comes again")
    func
        approvedImpatient() throws
    {
        let gate = try gate(wait: 500)
        let agent = try gate.agent()
        try stop(gate, .freeze)
        agent.send(StopTests.held)
        try gate.approve()
        let told = agent.read(until: "}}")
        #expect(told.hasPrefix("HTTP/1.1 503 Paused by operator h_"), "\(told)")
        try resume(gate)
        agent.send(StopTests.held)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(gate.upstream.requests == 1)
    }

    @Test("an approval to be sent without the agent is sent when the freeze is over") func immediate() throws {
        let gate = try gate(wait: 200)
        let agent = try gate.agent()
        agent.send(StopTests.held)
        _ = agent.read(until: "}}")
        try stop(gate, .freeze)
        try gate.approve(isImmediate: true)
        _ = try gate.line("call.close", count: 2)
        #expect(gate.upstream.connections == 0)
        try resume(gate)
        _ = try gate.hold("done")
        #expect(gate.upstream.requests == 1)
    }
}
