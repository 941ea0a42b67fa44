import Calls
import Client
import Crypto
import Glibc
import Holds
import System
import Testing

@testable import Proxy

/// Answers that come before the request was sent, and requests that never come whole.
@Suite(.serialized) struct EarlyAnswerTests {
    static let size = 8 << 20

    private func head(_ length: Int, _ host: String = "pass.test") -> String {
        "POST http://\(host)/x HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(length)\r\n\r\n"
    }

    /// Sends from a thread of its own, as a client does that reads meanwhile.
    private func sendAside(_ agent: Agent, _ text: String, _ count: Int) throws {
        try WorkerThread.spawn("agent") {
            agent.send(text)
            agent.send([UInt8](repeating: 0x62, count: count))
        }
    }

    @Test(
        "an upstream that refuses a body and reads no more is heard at once",
        arguments: [
            [
                .head, .send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"), .wait(20_000),
            ],
            [.head, .send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"), .cut],
        ] as [[Upstream.Step]])
    func refused(script: [Upstream.Step]) throws {
        let gate = try LiveGate(try Upstream(script))
        let agent = try gate.agent()
        try sendAside(agent, head(EarlyAnswerTests.size), EarlyAnswerTests.size)
        #expect(agent.read(until: "no").hasPrefix("HTTP/1.1 413 Too Large\r\n"))
        #expect(try gate.line("call.close").contains(#""outcome":"answered","status":413"#))
        #expect(gate.upstream.requests == 1)
    }

    @Test("an upstream that answers while it reads, and reads no more until it is read, comes to its end")
    func echo() throws {
        let size = EarlyAnswerTests.size
        let gate = try LiveGate(
            try Upstream([
                .head, .send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"), .echo(size), .hangup,
            ]))
        let agent = try gate.agent()
        try sendAside(agent, head(size), size)
        var received = 0
        while let piece = agent.next(), !piece.isEmpty { received += piece.count }
        #expect(received > size)
        #expect(try gate.line("call.close").contains(#""outcome":"answered","status":200,"received":\#(size)"#))
    }

    @Test("a held body that is echoed comes to its end too") func heldEcho() throws {
        let size = EarlyAnswerTests.size
        let gate = try LiveGate(
            try Upstream([
                .head, .send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"), .echo(size), .hangup,
            ])
        ) { $0.wait = 8000 }
        let agent = try gate.agent()
        try sendAside(agent, head(size, "held.test"), size)
        try gate.approve()
        var received = 0
        while received < size, let piece = agent.next(), !piece.isEmpty { received += piece.count }
        #expect(received >= size)
        _ = try gate.hold("done")
        #expect(gate.upstream.requests == 1)
    }

    @Test("an agent that stops in the middle of a streamed body ends the call, and the upstream sees a cut")
    func stopped() throws {
        let gate = try LiveGate(try Upstream([.head, .hangup]))
        let agent = try gate.agent()
        agent.send(head(EarlyAnswerTests.size))
        agent.send([UInt8](repeating: 0x62, count: EarlyAnswerTests.size / 2))
        _ = try eventually("the request at the upstream") { gate.upstream.requests == 1 ? true : nil }
        agent.leave()
        #expect(try gate.line("call.close").contains(#""outcome":"uncertain""#))
        _ = try eventually("the upstream's connection to be closed") { gate.upstream.open == 0 ? true : nil }
    }

    @Test("a refusal reaches an agent that is still sending") func tooLarge() throws {
        let gate = try LiveGate(try Upstream([.head])) { $0.bodyLimit = 2 << 20 }
        let agent = try gate.agent()
        try sendAside(agent, head(EarlyAnswerTests.size, "held.test"), EarlyAnswerTests.size)
        #expect(agent.rest().hasPrefix("HTTP/1.1 413 Body too large\r\n"))
        #expect(gate.upstream.connections == 0)
    }

    @Test("an endless answer to a held call ends when the agent has left and no more of it can be kept")
    func endless() throws {
        let gate = try LiveGate(
            try Upstream([
                .head, .body(2), .send("HTTP/1.1 200 OK\r\n\r\n"), .flood(String(repeating: "x", count: 65_536)),
            ]))
        let agent = try gate.agent()
        agent.send(head(2, "held.test") + "hi")
        try gate.approve()
        _ = agent.next()
        agent.leave()
        let hold = try gate.hold("done")
        guard case .done(let answer) = hold.state else { Issue.record("not done"); return }
        #expect(answer.delivery == .lost)
        _ = try eventually("the upstream's connection to be closed") { gate.upstream.open == 0 ? true : nil }
    }

    @Test("an endless answer that its agent takes leaves others their turn") func fair() throws {
        let gate = try LiveGate(
            try Upstream(
                [.head, .send("HTTP/1.1 200 OK\r\n\r\n"), .flood(String(repeating: "x", count: 65_536))],
                [.head, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")]))
        let greedy = try gate.agent()
        greedy.send("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n\r\n")
        try WorkerThread.spawn("greedy") { while let piece = greedy.next(), !piece.isEmpty {} }
        for _ in 0..<5 {
            let other = try gate.agent()
            other.send("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n\r\n")
            #expect(other.read(until: "ok").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        greedy.leave()
    }

    @Test(
        "under TLS a body up to the end of the connection is whole only with a close alert",
        arguments: [(true, #""outcome":"answered""#), (false, #""outcome":"uncertain""#)])
    func closeAlert(isAnnounced: Bool, journal: String) throws {
        let root = try RootFile()
        var script: [Upstream.Step] = [.head, .send("HTTP/1.1 200 OK\r\n\r\nhi")]
        if !isAnnounced { script.append(.cut) }
        let gate = try LiveGate(try Upstream(script, tls: root.authority), trusting: root.path)
        let answer = try gate.ask(
            "GET https://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n")
        #expect(answer.hasSuffix("0\r\n\r\n") == isAnnounced)
        #expect(try gate.line("call.close").contains(journal))
    }
}
