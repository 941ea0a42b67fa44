import Foundation
import Glibc
import Testing

/// The kill switch of the real program: by signal, by file, by command, over restarts.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct StopTests {
    /// Whoever the tests run as is the agent.
    private static let own = "agent:uid-\(getuid())"

    private func get(_ gate: TestGate) async throws -> Answer { try await gate.curl("https://api.test/echo") }

    private func stops(_ gate: TestGate) async throws -> [String] {
        try await gate.command("held").document["stops"].elements.compactMap { stop in
            guard let scope = stop["scope"].string, let state = stop["state"].string else { return nil }
            return "\(scope) \(state)"
        }
    }

    private func resume(_ gate: TestGate, _ scope: String = "everything") async throws {
        let ended = try await gate.command("resume", scope, "--reason", "all clear")
        #expect(ended.status == 0)
    }

    private func expectKilled(_ answer: Answer, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(answer.status == 403, "\(answer.failure)", sourceLocation: sourceLocation)
        #expect(answer.field("retry-after") == nil, sourceLocation: sourceLocation)
        #expect(try answer.document["reason"].string == "killed", sourceLocation: sourceLocation)
    }

    @Test("SIGUSR2 kills everything, the call that waits too; it is killed after kill -9; a person resumes it")
    func signalled() async throws {
        let world = try await World { $0.wait = "30 s" }
        let (gate, upstream) = (world.gate, world.upstream)
        let waiting = try Curl(gate, ["-d", "a=1", "https://api.test/echo"])
        let hold = try await gate.theHold(isAwaited: true)
        let began = ContinuousClock.now
        gate.running.signal(SIGUSR2)
        let told = try await waiting.answer()
        print("a waiting curl had its 403 \(ContinuousClock.now - began) after SIGUSR2, its own end included")
        try expectKilled(told)
        #expect(told.field("tiergate-hold") == hold)
        #expect(try await gate.state(of: hold) == "killed")
        try expectKilled(try await get(gate))
        #expect(try await stops(gate) == ["everything killed"])
        try await gate.die()
        try await gate.start()
        #expect(gate.running.text.contains("everything was killed by SIGUSR2 from"))
        try expectKilled(try await get(gate))
        #expect(try await gate.command("approve", hold, "--yes").status != 0)
        #expect(try upstream.requests.isEmpty)
        #expect(try await gate.command("resume", "everything").status == 2)
        try await resume(gate)
        #expect(try await get(gate).status == 200)
        try await gate.end()
        #expect(
            try gate.journal.compactMap { $0["kind"].string }.filter { $0.hasPrefix("scope.") } == [
                "scope.stopped", "scope.resumed",
            ])
    }

    @Test("a file in the state directory kills everything while it is there, and taking it away resumes nothing")
    func file() async throws {
        let world = try await World()
        let gate = world.gate
        #expect(try await get(gate).status == 200)
        let path = try world.scratch.write("state/kill", "")
        try await waitUntil("the gate sees the file") { try await stops(gate) == ["everything killed"] }
        try expectKilled(try await get(gate))
        #expect(try await gate.command("resume", "everything", "--reason", "x").status == 4)
        unlink(path)
        try expectKilled(try await get(gate))
        try await resume(gate)
        #expect(try await get(gate).status == 200)

        // A gate that is down finds it when it starts.
        try await gate.end()
        try world.scratch.write("state/kill", "")
        try await gate.start()
        try expectKilled(try await get(gate))
        unlink(path)
        try await resume(gate)
        #expect(try await get(gate).status == 200)
        try await gate.end()
    }

    @Test("frozen by a file, reading passes and the rest waits; what is approved is sent when a person resumes it")
    func frozen() async throws {
        let world = try await World { $0.wait = "30 s" }
        let (gate, upstream) = (world.gate, world.upstream)
        let path = try world.scratch.write("state/freeze", "")
        try await waitUntil("the gate sees the file") { try await stops(gate) == ["everything frozen"] }
        #expect(try await get(gate).status == 200)
        let writing = try Curl(gate, ["-X", "PUT", "-d", "a=1", "https://api.test/echo"])
        let acting = try Curl(gate, ["-d", "a=1", "https://api.test/echo"])
        let hold = try await gate.theHold(isAwaited: true)
        try await gate.approve(hold)
        try await waitUntil("two agents wait") {
            try await gate.command("held").document["holds"].elements.first?["agent_waiting"].bool == true
        }
        #expect(try upstream.count("PUT") == 0 && upstream.count("POST") == 0)
        unlink(path)
        try await resume(gate)
        #expect(try await writing.answer().status == 200)
        #expect(try await acting.answer().status == 200)
        #expect(try upstream.count("PUT") == 1 && upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("frozen longer than a client lasts, tier 2 is told to come again, also after a restart")
    func frozenOverRestart() async throws {
        let world = try await World()
        let gate = world.gate
        #expect(
            try await gate.command("freeze", Self.own, "--reason", "odd").document["stop"]["state"].string
                == "frozen")
        for _ in 0..<2 {
            let told = try await gate.curl("-X", "PUT", "-d", "a=1", "https://api.test/echo")
            #expect(told.status == 503 && told.field("retry-after") == "30")
            #expect(told.reason == "Paused by operator - NOT executed")
            #expect(try await get(gate).status == 200)
            try await gate.die()
            try await gate.start()
        }
        #expect(try world.upstream.count("PUT") == 0)
        try await resume(gate, Self.own)
        #expect(try await gate.curl("-X", "PUT", "-d", "a=1", "https://api.test/echo").status == 200)
        try await gate.end()
    }

    @Test("several stops are lifted one by one, and doctor shows them")
    func several() async throws {
        let world = try await World()
        let gate = world.gate
        #expect(try await gate.command("kill", Self.own).status == 0)
        #expect(try await gate.command("freeze").status == 0)
        #expect(try await gate.command("kill", "session:other").status == 0)
        #expect(try await stops(gate) == ["everything frozen", "\(Self.own) killed", "session:other killed"])
        let checks = try await run(
            Place.tiergate,
            ["doctor", "--config", world.scratch.file("tiergate.yaml"), "--json", "--socket"]
                + [world.scratch.file("operator.sock")])
        let shown = try Document(checks.output)["checks"].elements.filter { $0["subject"].string == "kill switch" }
        #expect(shown.count == 3 && shown.allSatisfy { $0["result"].string == "warning" })
        try expectKilled(try await get(gate))
        try await resume(gate, Self.own)
        #expect(try await get(gate).status == 200)
        #expect(try await gate.curl("-X", "PUT", "-d", "a=1", "https://api.test/echo").status == 503)
        try await resume(gate)
        #expect(try await gate.curl("-X", "PUT", "-d", "a=1", "https://api.test/echo").status == 200)
        #expect(try await stops(gate) == ["session:other killed"])
        try await gate.end()
    }

    @Test("what has reached the upstream goes on, and its end is recorded")
    func underWay() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let passing = try Curl(gate, ["https://api.test/stall"])
        try await waitUntil("the upstream has it") { try upstream.count("GET") == 1 }
        #expect(try await gate.command("kill").status == 0)
        try upstream.release()
        _ = try await passing.answer()
        try expectKilled(try await get(gate))
        try await gate.end()
        let outcomes = try gate.journal.filter { $0["kind"].string == "call.close" }.compactMap { $0["outcome"].string }
        #expect(outcomes.count == 2 && outcomes.contains("refused"))
        #expect(outcomes.contains("answered") || outcomes.contains("undelivered") || outcomes.contains("uncertain"))
    }
}
