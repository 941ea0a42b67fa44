import Calls
import Holds
import System
import Testing

@testable import Proxy

/// Rules that ask what the session has done, in a whole gate: a condition whose fact is missing would count, so that what
/// passes shows that it is known.
@Suite(.serialized) struct SessionFactsTests {
    private static let rules = """
        tiergate: 1
        pack: facts
        version: 1.0.0
        hosts: [calls.test, holds.test, failures.test, labels.test, level.test, free.test, flags.test, held.test, blocked.test]
        rules:
          - {id: facts.pass, tier: 2, match: {host: [calls.test, holds.test, failures.test, labels.test, level.test, free.test, flags.test]}, summary: passes}
          - {id: facts.held, tier: 4, match: {host: held.test}, summary: waits}
          - {id: facts.blocked, block: true, reason: never, match: {host: blocked.test}, summary: never}
          - {id: facts.calls, block: true, reason: many, match: {host: calls.test}, when: session.calls > 2, summary: many}
          - {id: facts.holds, block: true, reason: held, match: {host: holds.test}, when: session.holds > 0, summary: held}
          - {id: facts.fails, block: true, reason: fails, match: {host: failures.test}, when: session.failures > 1, summary: fails}
          - {id: facts.flags, block: true, reason: flags, match: {host: flags.test}, when: "'rejected_rounds' in session.flags", summary: flags}
          - {id: facts.label, block: true, reason: label, match: {host: labels.test}, when: "agent.labels.env != 'test'", summary: label}
          - {id: facts.level, block: true, reason: level, match: {host: level.test}, when: agent.autonomy != 'full', summary: level}
        """

    private func gate(answering status: String = "200 OK", autonomy: Autonomy? = nil) throws -> LiveGate {
        let answer = "HTTP/1.1 \(status)\r\nContent-Length: 2\r\n\r\nok"
        let script = (0..<6).flatMap { _ -> [Upstream.Step] in [.head, .send(answer)] }
        return try LiveGate(try Upstream(script + [.hangup]), rules: Self.rules) {
            $0.wait = 20
            $0.agents.autonomy = autonomy
        }
    }

    /// The status of the answer.
    private func get(_ host: String, _ gate: LiveGate, _ field: String = "X-Field: 1") throws -> Substring {
        let answer = try gate.ask(
            "GET http://\(host).test/ HTTP/1.1\r\nHost: \(host).test\r\n\(field)\r\nConnection: close\r\n\r\n")
        return answer.dropFirst(9).prefix(3)
    }

    @Test("calls of the session are counted, whatever they were for, the one that is judged too") func calls() throws {
        let gate = try self.gate()
        #expect(try get("free", gate) == "200")
        #expect(try get("calls", gate) == "200")
        #expect(try get("calls", gate) == "403")
        #expect(try get("free", gate) == "200")
    }

    @Test("holds that wait for a decision are counted, and no longer when they are decided") func holds() throws {
        let gate = try self.gate()
        #expect(try get("holds", gate) == "200")
        #expect(try get("held", gate) == "503")
        #expect(try get("holds", gate) == "403")
        try gate.approve()
        #expect(try get("holds", gate) == "200")
    }

    @Test("the third rejection of the same kind flags the session, and the journal says so") func flags() throws {
        let gate = try self.gate()
        #expect(try get("flags", gate) == "200")
        for number in 1...3 {
            _ = try gate.ask(
                "GET http://held.test/\(number) HTTP/1.1\r\nHost: held.test\r\nConnection: close\r\n\r\n")
            let hold = try gate.hold("pending")
            let decision = Decision(
                by: Operator(uid: 1, name: "ada"), at: Timestamp(milliseconds: SystemClock.wall()), reason: "no")
            _ = try wait { [server = gate.server] in
                try await server.gate.reject(hold.id, digest: hold.digest, decision: decision, as: .everyGroup)
            }
        }
        #expect(try get("flags", gate) == "403")
        #expect(try gate.line("session.flagged").contains(#""flag":"rejected_rounds""#))
    }

    @Test("where the holds cannot be counted the rule counts") func uncounted() throws {
        let gate = try self.gate()
        #expect(try get("holds", gate) == "200")
        gate.store.fail("holds")
        #expect(try get("holds", gate) == "403")
        #expect(try get("free", gate) == "200")
    }

    @Test("calls that were refused or answered with an error are failures, others are not") func failures() throws {
        let gate = try self.gate()
        #expect(try get("blocked", gate) == "403")
        #expect(try get("failures", gate) == "200")
        #expect(try get("blocked", gate) == "403")
        #expect(try get("failures", gate) == "403")
        let failing = try self.gate(answering: "500 No")
        #expect(try get("failures", failing) == "500")
        #expect(try get("failures", failing) == "500")
        #expect(try get("failures", failing) == "403")
    }

    @Test("the level of autonomy is what settings say, or the session's own; where nobody says one the rule counts")
    func autonomy() throws {
        #expect(try get("level", try gate()) == "403")
        #expect(try get("level", try gate(autonomy: .supervised)) == "403")
        let gate = try self.gate(autonomy: .full)
        #expect(try get("level", gate) == "200")
        let session = try #require(gate.server.sessions.summaries.first)
        #expect(session.autonomy == .full)
        gate.server.sessions.declare(.monitored, for: session.id)
        #expect(try get("level", gate) == "403")
        gate.server.sessions.declare(nil, for: session.id)
        #expect(try get("level", gate) == "200")
        #expect(try get("held", gate) == "503")
    }

    @Test("what an agent calls its run is none of its labels") func labels() throws {
        #expect(try get("labels", try gate(), "Tiergate-Session: env=test") == "403")
    }
}
