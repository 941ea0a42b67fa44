import Calls
import Glibc
import Holds
import System
import Testing

@testable import Proxy

@Suite(.serialized) struct SessionsTests {
    private static let moment = Timestamp(milliseconds: 1000)

    private func sessions(_ limits: SessionLimits = SessionLimits(), connections: Int = 100_000) -> Sessions {
        Sessions(limits, connections: connections, bodies: MemoryBudget(1 << 20), now: { Self.moment })
    }

    private func connection(_ sessions: Sessions, on loop: EventLoop) throws -> (LiveConnection, CInt) {
        var pair: [CInt] = [0, 0]
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
        return (
            LiveConnection(
                try Socket(owning: pair[0], on: loop), of: nil, in: sessions.unproven, ConnectionLimit(1).enter()),
            pair[1]
        )
    }

    @Test("the idle session that was used longest ago is forgotten where there are too many, an open one never")
    func bounded() throws {
        let sessions = sessions()
        let loop = try EventLoop()
        let (open, other) = try connection(sessions, on: loop)
        defer { close(other) }
        try sessions.move(open, to: SessionID("open"))
        let (passing, peer) = try connection(sessions, on: loop)
        defer { close(peer) }
        for number in 0..<SessionLimits.remembered + 50 {
            try sessions.move(passing, to: SessionID("agent-\(number)"))
        }
        let names = Set(sessions.summaries.map(\.id.description))
        #expect(names.count == SessionLimits.remembered)
        #expect(names.contains("open") && names.contains("agent-\(SessionLimits.remembered + 49)"))
        #expect(sessions.summaries.reduce(0) { $0 + $1.connections } == 2)
        passing.end()
        open.end()
        #expect(sessions.summaries.allSatisfy { $0.connections == 0 })
    }

    @Test("with all of them open a new session is refused, not an old one forgotten") func full() throws {
        let sessions = sessions()
        let loop = try EventLoop()
        var open: [(LiveConnection, CInt)] = []
        for number in 0..<SessionLimits.remembered {
            let made = try connection(sessions, on: loop)
            try sessions.move(made.0, to: SessionID("agent-\(number)"))
            open.append(made)
        }
        let (late, peer) = try connection(sessions, on: loop)
        do throws(CallFailure) {
            try sessions.move(late, to: SessionID("late"))
            Issue.record("taken in")
        } catch {
            guard case .overLimit(.sessions, _) = error else { throw error }
        }
        for (connection, other) in open + [(late, peer)] {
            connection.end()
            close(other)
        }
    }

    @Test("whoever has proved nothing has few connections") func unproven() throws {
        let sessions = sessions(connections: 16)
        let loop = try EventLoop()
        // Two, and two more while the oldest are being closed, for which the loop would have to run.
        let made = try (0..<5).map { _ in try connection(sessions, on: loop) }
        for (connection, _) in made.prefix(4) { try sessions.moveToUnproven(connection) }
        #expect(throws: CallFailure.self) { try sessions.moveToUnproven(made[4].0) }
        #expect(sessions.unproven.connectionCount == 4)
        made[0].0.end()
        try sessions.moveToUnproven(made[4].0)
        for (connection, other) in made {
            connection.end()
            close(other)
        }
    }

    @Test("labels are shown, a few of them, and in visible characters") func labels() throws {
        let sessions = sessions()
        for number in 0..<100 { sessions.unproven.note(Array("run \(number)".utf8)[...]) }
        sessions.unproven.note(Array("run 99".utf8)[...])
        sessions.unproven.note(Array(("\u{1B}[31m" + String(repeating: "x", count: 500)).utf8)[...])
        let labels = sessions.unproven.summary.labels
        #expect(labels.count == SessionLimits.labels)
        #expect(labels.dropLast().last == "run 99" && labels.count { $0 == "run 99" } == 1)
        #expect(labels.last?.contains("\u{1B}") == false && (labels.last?.utf8.count ?? 0) < 120)
    }

    @Test(
        "closing ends the connections of the scope and no others, a call that waits among them",
        arguments: [("agent:mailer", true), ("session:mailer", true), ("everything", true), ("agent:other", false)])
    func closing(scope: String, isClosed: Bool) throws {
        let gate = try LiveGate(try Upstream(LimitsTests.answer + LimitsTests.answer)) { settings in
            settings.agents.tokens = [AgentAccessTests.entry("mailer")]
            settings.wait = 30_000
        }
        let held = try gate.agent()
        held.send(
            SessionLimitsTests.proving("DELETE http://held.test/ HTTP/1.1\r\nHost: held.test\r\n\r\n"))
        let idle = try gate.agent()
        idle.send(SessionLimitsTests.proving(LimitsTests.request))
        #expect(idle.read(until: "ok").hasPrefix("HTTP/1.1 200"))
        let other = try gate.agent()
        other.send(LimitsTests.request)
        #expect(other.read(until: "ok").hasPrefix("HTTP/1.1 200"))
        _ = try eventually("one that waits") { gate.server.gate.waitingCount == 1 ? true : nil }

        gate.server.sessions.closeConnections(of: try #require(Scope(scope)))
        guard isClosed else {
            #expect(gate.server.sessions.summaries.reduce(0) { $0 + $1.connections } == 3)
            return
        }
        #expect(held.rest().isEmpty)
        #expect(idle.rest().isEmpty)
        _ = try eventually("nobody that waits") { gate.server.gate.waitingCount == 0 ? true : nil }
        let left = scope == "everything" ? 0 : 1
        _ = try eventually("\(left) open") {
            gate.server.sessions.summaries.reduce(0) { $0 + $1.connections } == left ? true : nil
        }
        _ = try gate.hold("pending")
    }

    @Test("what a session did is counted") func counting() throws {
        let gate = try LiveGate(try Upstream(LimitsTests.answer)) { _ in }
        #expect(gate.server.sessions.summaries.isEmpty)
        let agent = try gate.agent()
        agent.send(LimitsTests.request.replacing("\r\n\r\n", with: "\r\nTiergate-Session: run 7\r\n\r\n"))
        #expect(agent.read(until: "ok").hasPrefix("HTTP/1.1 200"))
        agent.send("GET http://blocked.test/ HTTP/1.1\r\nHost: blocked.test\r\n\r\n")
        #expect(agent.read(until: "}").hasPrefix("HTTP/1.1 403"))
        // Counted when the answer has been written.
        let summary = try eventually("both are counted") {
            gate.server.sessions.summaries.first { $0.refused == 1 && $0.calls[1] == 1 }
        }
        #expect(summary.id.description == "uid-\(geteuid())" && summary.account == geteuid())
        #expect(summary.received == 2 && summary.connections == 1)
        #expect(summary.labels == ["run 7"] && summary.lastCall != nil)
        #expect(!gate.upstream.received.lowercased().contains("tiergate-session"))
    }
}
