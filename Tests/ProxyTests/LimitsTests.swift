import Client
import Holds
import System
import Testing

@testable import Proxy

/// What one agent may take of what all have.
@Suite(.serialized) struct LimitsTests {
    static let request = "GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n\r\n"
    static let answer: [Upstream.Step] = [.head, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]

    @Test("connections over the limit wait until others have ended") func connections() throws {
        let gate = try LiveGate(try Upstream(Self.answer + Self.answer + Self.answer)) { $0.maxConnections = 2 }
        var agents = try (0..<2).map { _ in try gate.agent() }
        for agent in agents {
            agent.send(Self.request)
            #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        let third = try gate.agent()
        third.send(Self.request)
        #expect(gate.upstream.requests == 2)
        agents.removeFirst()
        #expect(third.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("a held call is sent on a connection of its own, which no kept one's end can make uncertain") func fresh()
        throws
    {
        let gate = try LiveGate(try Upstream(Self.answer + [.head, .cut], Self.answer + [.hangup]))
        let agent = try gate.agent()
        agent.send(Self.request)
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        agent.send("DELETE http://held.test/ HTTP/1.1\r\nHost: held.test\r\n\r\n")
        try gate.approve()
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        _ = try gate.hold("done")
    }

    @Test("a gate that listens everywhere is itself under each of the machine's addresses") func loop() throws {
        let gate = try LiveGate(try Upstream(Self.answer)) { settings in
            settings.listen = [.ip(.v4(0), port: 0)]
            settings.upstream.resolve = []
            settings.upstream.allow = [AddressRange("127.0.0.0/8")].compactMap { $0 }
        }
        let name = "127.0.0.1:\(gate.port)"
        let answer = try gate.ask("GET http://\(name)/ HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n")
        // No rule speaks for the address, so it is held first; the way there is what is asked.
        #expect(answer.hasPrefix("HTTP/1.1 503 Held "))
        try gate.approve(isImmediate: true)
        #expect(try gate.line("call.close", count: 2).contains(#""code":"loop""#))
    }

    @Test("bodies have so much memory together, and it is free again when calls have ended") func memory() throws {
        let gate = try LiveGate(
            try Upstream([.head, .body(200_000)] + [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")])
        ) { settings in
            settings.bodyMemory = 560_000
            settings.wait = 5000
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
        #expect(refused.rest().hasPrefix("HTTP/1.1 503 Too many large calls\r\n"))
        for agent in waiting { agent.leave() }
        _ = try eventually("nobody that waits") { gate.server.gate.waitingCount == 0 ? true : nil }
        let passing = try gate.agent()
        passing.send(request(9).replacing("held", with: "pass"))
        #expect(passing.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("lines beyond the limit are counted, and the next second says how many") func log() {
        var limit = LogLimit()
        let written = (0..<100).compactMap { limit.admit("\($0)", at: 5000) }
        #expect(written.count == LogLimit.linesPerSecond)
        #expect(limit.admit("next", at: 6000) == "tiergate: 80 lines were left out\ntiergate: next\n")
        #expect(limit.admit("last", at: 6001) == "tiergate: last\n")
    }
}
