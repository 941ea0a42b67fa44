import Audit
import Calls
import Client
import Holds
import Testing

@testable import Proxy

/// The store or the journal fails at one step: what the agent sees, what was sent, and in what state the hold is.
@Suite(.serialized) struct FailClosedTests {
    static let request = "POST http://held.test/x HTTP/1.1\r\nHost: held.test\r\nContent-Length: 2\r\n\r\nhi"
    static let passing = "POST http://pass.test/x HTTP/1.1\r\nHost: pass.test\r\nContent-Length: 2\r\n\r\nhi"
    static let answer: [Upstream.Step] = [
        .head, .body(2), .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .hangup,
    ]

    private func gate(_ script: [Upstream.Step] = answer, wait: Int64 = 120_000) throws -> LiveGate {
        try LiveGate(try Upstream(script)) { $0.wait = wait }
    }

    /// A held call with its agent waiting.
    private func waiting(_ gate: LiveGate) throws -> Agent {
        let agent = try gate.agent()
        agent.send(FailClosedTests.request)
        let id = try gate.hold("pending").id
        _ = try eventually("a waiting agent") { gate.server.gate.isAwaited(id) ? true : nil }
        return agent
    }

    // MARK: The store

    @Test("a gate that cannot look through what the last run left does not serve")
    func unrecovered() throws {
        let gate = try LiveGate(try Upstream([]), broken: "recover")
        #expect(gate.failure?.contains("mend the store") == true)
    }

    @Test("with all well an approved call is sent once, and its lines are in order") func well() throws {
        let gate = try gate()
        let agent = try waiting(gate)
        try gate.approve()
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        _ = try gate.hold("done")
        _ = try gate.line("call.close")
        let kinds = gate.lines.compactMap { line in
            ["call.open", "hold.created", "hold.decided", "call.send", "hold.done", "call.close"].first {
                line.contains("\"kind\":\"\($0)\"")
            }
        }
        #expect(kinds == ["call.open", "hold.created", "hold.decided", "call.send", "hold.done", "call.close"])
        #expect(gate.upstream.requests == 1)
        // The decision's own line is not needed to know who let it go.
        let person = try #require(gate.lines.first { $0.contains("\"kind\":\"hold.decided\"") }?.by)
        #expect(gate.lines.first { $0.contains("\"kind\":\"call.send\"") }?.by == person)
    }

    @Test("a hold that cannot be made is refused, and calls that pass go on") func enrol() throws {
        let gate = try gate()
        gate.store.fail("enrol")
        let agent = try gate.agent()
        agent.send(FailClosedTests.request)
        #expect(agent.read(until: "NOT EXECUTED").hasPrefix("HTTP/1.1 503 Calls cannot be held now\r\n"))
        #expect(gate.upstream.requests == 0)
        agent.send(FailClosedTests.passing)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("without `sending` in the store nothing is sent, and the approval stays") func sending() throws {
        let gate = try gate()
        let agent = try waiting(gate)
        gate.store.fail("begin")
        try gate.approve()
        #expect(agent.read(until: "NOT EXECUTED").hasPrefix("HTTP/1.1 503 "))
        #expect(gate.upstream.connections == 0)
        gate.store.fail()
        _ = try gate.hold("approved")
        agent.send(FailClosedTests.request)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(gate.upstream.requests == 1)
    }

    @Test("an answer whose end cannot be written reaches the agent, and is written when the store is back")
    func complete() throws {
        let gate = try gate()
        let agent = try waiting(gate)
        gate.store.fail("complete")
        try gate.approve()
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        _ = try gate.line("call.close")
        _ = try gate.hold("sending")
        gate.store.fail()
        _ = try gate.hold("done")
        #expect(try gate.line("hold.done").contains("200"))
        #expect(gate.upstream.requests == 1)
    }

    @Test("what is lost on the way, and cannot be written, is uncertain when the store is back") func uncertain() throws
    {
        let gate = try gate([.head, .body(2), .cut])
        let agent = try waiting(gate)
        gate.store.fail("change to uncertain")
        try gate.approve()
        #expect(agent.read(until: "MAY have").hasPrefix("HTTP/1.1 502 Outcome unknown\r\n"))
        gate.store.fail()
        _ = try gate.hold("uncertain")
        #expect(gate.upstream.requests == 1)
    }

    @Test("an approval that cannot be given back is given back when the store is back") func giveBack() throws {
        let gate = try LiveGate(try Upstream(FailClosedTests.answer)) { settings in
            settings.wait = 3000
            settings.upstream.resolve = [NameOverride(pattern: "**.test", address: "127.0.0.1:1")].compactMap { $0 }
        }
        let agent = try waiting(gate)
        gate.store.fail("change to approved")
        let hold = try gate.hold("pending")
        // Only the gate's own way back is broken: the person's decision is let through first.
        gate.store.fail()
        gate.store.afterwards { [store = gate.store] in
            if $0 == "begin" { store.fail("change to approved") }
        }
        try gate.approve()
        #expect(agent.read(until: "NOT EXECUTED").hasPrefix("HTTP/1.1 502 "))
        _ = try gate.hold("sending")
        gate.store.afterwards(nil)
        gate.store.fail()
        #expect(try gate.hold("approved").id == hold.id)
        #expect(gate.upstream.connections == 0)
    }

    @Test("an agent that collects its answer gets it, also when that cannot be written") func delivered() throws {
        let gate = try gate()
        var agent = try waiting(gate)
        agent.leave()
        _ = try gate.line("call.close")
        try gate.approve(isImmediate: true)
        _ = try gate.hold("done")
        gate.store.fail("delivered")
        for _ in 0..<2 {
            agent = try gate.agent()
            agent.send(FailClosedTests.request)
            #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        // Held, sent for nobody, and collected twice: each of these ends in its own time.
        _ = try gate.line("call.close", count: 4)
        #expect(gate.lines.count { $0.contains(#""outcome":"collected""#) } == 2)
        #expect(gate.upstream.requests == 1)
    }

    @Test("nobody says `not executed` of a call that somebody else is sending") func underWay() throws {
        let gate = try gate(
            [.head, .body(2), .gate, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .hangup], wait: 300)
        let first = try gate.agent()
        first.send(FailClosedTests.request)
        _ = try gate.approve()
        _ = try gate.hold("sending")
        let second = try gate.agent()
        second.send(FailClosedTests.request)
        let told = second.read(until: "}")
        #expect(told.hasPrefix("HTTP/1.1 503 Being executed "))
        #expect(!told.contains("NOT EXECUTED"))
        gate.store.fail("hold")
        second.send(FailClosedTests.request)
        let unknown = second.read(until: "}")
        #expect(unknown.hasPrefix("HTTP/1.1 503 State unknown\r\n"))
        #expect(!unknown.contains("NOT EXECUTED"))
        gate.store.fail()
        gate.upstream.go()
        #expect(first.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(gate.upstream.requests == 1)
    }

    @Test("one who waits learns at the end of its time that somebody else is sending") func overtaken() throws {
        let gate = try gate(
            [.head, .body(2), .gate, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), .hangup], wait: 1500)
        let agents = [try waiting(gate), try gate.agent()]
        agents[1].send(FailClosedTests.request)
        _ = try eventually("two that wait") { gate.server.gate.waitingCount == 2 ? true : nil }
        try gate.approve()
        #expect(agents[1].read(until: "}").hasPrefix("HTTP/1.1 503 Being executed "))
        gate.upstream.go()
        #expect(agents[0].read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    // MARK: The journal

    @Test("without a journal nothing passes and nothing is held") func journalDown() throws {
        let gate = try gate()
        gate.journal.shutDown()
        let agent = try gate.agent()
        for request in [FailClosedTests.passing, FailClosedTests.request] {
            agent.send(request)
            #expect(agent.read(until: "NOT EXECUTED").hasPrefix("HTTP/1.1 503 Calls cannot be recorded now\r\n"))
        }
        #expect(gate.upstream.connections == 0)
        let holds = try wait { [server = gate.server] in try await server.gate.holds(HoldQuery()) }
        #expect(holds.isEmpty)
    }

    @Test("a hold whose line cannot be written is refused, and waits for nobody") func holdLine() throws {
        let gate = try gate()
        gate.store.afterwards { [journal = gate.journal] in if $0 == "enrol" { journal.shutDown() } }
        let agent = try gate.agent()
        agent.send(FailClosedTests.request)
        #expect(agent.read(until: "NOT EXECUTED").hasPrefix("HTTP/1.1 503 Calls cannot be recorded now\r\n"))
        _ = try gate.hold("expired")
        #expect(gate.upstream.connections == 0)
    }

    @Test("without the line before the first byte nothing is sent, and the approval is back") func sendLine() throws {
        let gate = try gate()
        let agent = try waiting(gate)
        gate.store.afterwards { [journal = gate.journal] in if $0 == "begin" { journal.shutDown() } }
        try gate.approve()
        #expect(agent.read(until: "NOT EXECUTED").hasPrefix("HTTP/1.1 503 Calls cannot be recorded now\r\n"))
        _ = try gate.hold("approved")
        #expect(gate.upstream.connections == 0)
    }

    @Test("a journal that fails after the answer takes nothing from the agent") func afterAnswer() throws {
        let gate = try gate()
        let agent = try waiting(gate)
        gate.store.afterwards { [journal = gate.journal] in if $0 == "complete" { journal.shutDown() } }
        try gate.approve()
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        _ = try gate.hold("done")
    }
}

extension String {
    /// Who a journal line says did it.
    fileprivate var by: Substring? {
        split(separator: "\"by\":\"").last.flatMap { $0 == self ? nil : $0.prefix { $0 != "\"" } }
    }
}
