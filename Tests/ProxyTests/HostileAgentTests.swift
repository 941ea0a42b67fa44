import Glibc
import System
import Testing

@testable import Proxy

/// Agents that send slowly, in odd pieces, too much at once, or go halfway.
@Suite(.serialized) struct HostileAgentTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    static let get = "GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n"
    static let put = "PUT http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n"

    /// Sends a byte at a time from a thread of its own, until the gate takes no more.
    private func drip(_ agent: Agent, _ text: String, every milliseconds: UInt32) throws {
        try WorkerThread.spawn("agent") {
            for byte in text.utf8 {
                guard agent.send([byte]) else { return }
                usleep(milliseconds * 1000)
            }
        }
    }

    @Test("a head that comes byte by byte is read; one that takes longer than a head may is not waited for")
    func slowHead() throws {
        let gate = try LiveGate(try Upstream([.head, .send(Self.ok + "ok")]))
        let agent = try gate.agent()
        try drip(agent, Self.get, every: 1)
        #expect(agent.rest().hasSuffix("\r\n\r\nok"))

        let strict = try LiveGate(try Upstream([.head, .send(Self.ok + "ok")])) { $0.headTime = 200 }
        let slow = try strict.agent()
        try drip(slow, Self.put + String(repeating: "X-A: b\r\n", count: 150), every: 20)
        #expect(slow.rest().replacing("[cut]", with: "").isEmpty)
        #expect(strict.upstream.connections == 0)
        #expect(try strict.ask(Self.get).hasSuffix("ok"))
    }

    @Test(
        "a body that trickles does not keep its place, though each byte comes in time",
        arguments: ["Content-Length: 4000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfa0\r\n"])
    func slowBody(framing: String) throws {
        let gate = try LiveGate(try Upstream([.head, .send(Self.ok + "ok")])) {
            $0.bodyTime = 500
            $0.bodyRate = 4000
        }
        let agent = try gate.agent()
        try drip(agent, Self.put + framing + String(repeating: "x", count: 4000), every: 20)
        #expect(agent.rest().hasPrefix("HTTP/1.1 408 Incomplete request\r\n"))
        #expect(gate.upstream.connections == 0)
        #expect(try gate.line("call.close").contains(#""code":"incomplete_request""#))
    }

    @Test("a body that comes as fast as it must is read, though it takes longer than a silence may") func steadyBody()
        throws
    {
        let gate = try LiveGate(try Upstream([.head, .body(120), .send(Self.ok + "ok")])) {
            $0.bodyTime = 3000
            $0.bodyRate = 1
        }
        let agent = try gate.agent()
        try drip(
            agent, Self.put + "Connection: close\r\nContent-Length: 120\r\n\r\n" + String(repeating: "x", count: 120),
            every: 30)
        #expect(agent.rest().hasSuffix("\r\n\r\nok"))
    }

    @Test("an agent that stops sending after its request gets its answer; one that stops within it a refusal")
    func halfClosed() throws {
        let gate = try LiveGate(try Upstream([.head, .wait(50), .send(Self.ok + "ok")]))
        let whole = try gate.agent()
        whole.send(Self.get)
        whole.finishSending()
        #expect(whole.rest().hasSuffix("\r\n\r\nok"))
        let cut = try gate.agent()
        cut.send(Self.put + "Content-Length: 5\r\n\r\nhel")
        cut.finishSending()
        #expect(cut.rest().hasPrefix("HTTP/1.1 408 "))
        let head = try gate.agent()
        head.send(Self.put)
        head.finishSending()
        #expect(head.rest().isEmpty)
        #expect(gate.upstream.requests == 1)
    }

    @Test("requests sent at once are answered one after the other, in their order") func pipelined() throws {
        let gate = try LiveGate(
            try Upstream(
                [.head, .wait(100), .send("HTTP/1.1 200 One\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")],
                [.head, .send("HTTP/1.1 200 Two\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")],
                [.head, .send("HTTP/1.1 200 Three\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")]))
        let get = "GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n\r\n"
        let answer = try gate.ask(get + get + Self.get)
        #expect(answer.matches(of: #/HTTP\/1\.1 200 (\w+)/#).map { String($0.1) } == ["One", "Two", "Three"])
    }

    @Test("what has no reading ends a pipeline: what came before is answered, what comes after is nobody's")
    func brokenPipeline() throws {
        let gate = try LiveGate(try Upstream([.head, .send(Self.ok + "ok")]))
        let get = "GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n\r\n"
        let answer = try gate.ask(get + "GET  /x HTTP/1.1\r\n\r\n" + get)
        #expect(answer.matches(of: #/HTTP\/1\.1 (\d+)/#).map { String($0.1) } == ["200", "400"])
        #expect(gate.upstream.requests == 1)
    }

    @Test("a body is asked for once, and not where it is there already") func expectation() throws {
        let script: [Upstream.Step] = [.head, .body(5), .send(Self.ok + "ok")]
        let head = Self.put + "Connection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        let polite = try LiveGate(try Upstream(script))
        let agent = try polite.agent()
        agent.send(head)
        #expect(agent.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        agent.send("he")
        agent.send("llo")
        let answer = agent.rest()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("ok"))
        // The gate has answered it: the upstream has nothing to expect.
        #expect(!polite.upstream.received.lowercased().contains("expect"))

        let hasty = try LiveGate(try Upstream(script))
        #expect(try hasty.ask(head + "hello").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("an upstream that refuses after the body was asked for is heard, and the connection goes on")
    func refusedExpectation() throws {
        let gate = try LiveGate(
            try Upstream(
                [.head, .send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")],
                [.head, .send(Self.ok + "ok")]))
        let agent = try gate.agent()
        agent.send(Self.put + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(agent.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        agent.send("hello")
        #expect(agent.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 417 "))
        agent.send(Self.get)
        #expect(agent.rest().hasSuffix("ok"))
    }

    @Test("an expectation of a call that is never sent is not encouraged where its head has no reading")
    func malformedExpectation() throws {
        let gate = try LiveGate(try Upstream([.head]))
        let answer = try gate.ask(Self.put + "Content-Length: 5, 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(gate.upstream.connections == 0)
    }
}
