import Foundation
import Testing

/// kill -9 at every stage of a held call, and what is still true after the restart: nothing is sent twice, nothing that
/// was said is forgotten, and the journal is whole.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct CrashTests {
    /// The call that these tests repeat, each time on a connection of its own.
    private func act(_ gate: TestGate, on path: String = "/echo") async throws -> Answer {
        try await gate.curl("-d", "amount=5", "https://api.test\(path)")
    }

    /// Calls once, and says which hold the agent was told of.
    private func announced(_ gate: TestGate, on path: String = "/echo") async throws -> String {
        let told = try await act(gate, on: path)
        #expect(told.status == 503, "\(told.text) \(told.failure)")
        return try #require(told.field("tiergate-hold"))
    }

    private func crash(_ gate: TestGate, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await gate.die()
        try await gate.start()
        let verified = try await run(Place.tiergate, ["journal", "verify", "\(gate.state)/journal"])
        #expect(verified.status == 0, "\(verified.output) \(verified.errors)", sourceLocation: sourceLocation)
    }

    /// The identical call is a new action now.
    private func isAnew(
        _ gate: TestGate, after hold: String, on path: String = "/echo",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let next = try await announced(gate, on: path)
        #expect(next != hold, sourceLocation: sourceLocation)
        #expect(try await gate.state(of: next) == "pending", sourceLocation: sourceLocation)
    }

    @Test(
        "an approval that nobody waited for survives: the next identical call is sent, once, and the one after is new")
    func approved() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let hold = try await announced(gate)
        try await gate.approve(hold)
        try await crash(gate)
        #expect(try await gate.state(of: hold) == "approved")
        #expect(try upstream.requests.isEmpty)

        let answer = try await act(gate)
        #expect(answer.status == 200, "\(answer.text) \(answer.failure)")
        #expect(try answer.document["number"].integer == 1)
        #expect(try upstream.requests.count == 1)
        try await isAnew(gate, after: hold)
        #expect(try upstream.requests.count == 1)
        try await gate.end()
    }

    /// A gate that died while the upstream had the request and had not answered, started again.
    private func diedWhileSending() async throws -> (world: World, hold: String) {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let hold = try await announced(gate, on: "/stall")
        try await gate.approve(hold)
        let waiting = try Curl(gate, ["-d", "amount=5", "https://api.test/stall"])
        try await waitUntil("the upstream has the request") { try upstream.requests.count == 1 }
        try await crash(gate)
        #expect(try await waiting.answer().status == 0)
        #expect(gate.running.text.contains("1 calls were being sent when the gate ended"))
        #expect(try await gate.state(of: hold) == "uncertain")

        let told = try await act(gate, on: "/stall")
        #expect(told.status == 423)
        #expect(told.text.contains("MAY have been executed"))
        #expect(told.field("tiergate-hold") == hold)
        #expect(told.field("retry-after") == nil)
        // Nobody can approve it a second time.
        #expect(try await gate.command("approve", hold, "--yes").status != 0)
        #expect(try await act(gate, on: "/stall").status == 423)
        #expect(try upstream.requests.count == 1)
        return (world, hold)
    }

    @Test("a call that was being sent is uncertain and never sent again; resolved as executed, the agent is told once")
    func executed() async throws {
        let (world, hold) = try await diedWhileSending()
        try await world.gate.resolve(hold, wasExecuted: true)
        try await crash(world.gate)
        let told = try await act(world.gate, on: "/stall")
        #expect(told.status == 423)
        #expect(told.text.contains("EXECUTED ONCE"))
        try await isAnew(world.gate, after: hold, on: "/stall")
        #expect(try world.upstream.requests.count == 1)
        try await world.gate.end()
    }

    @Test("resolved as not executed, it is a new call that waits for a new decision")
    func notExecuted() async throws {
        let (world, hold) = try await diedWhileSending()
        try await world.gate.resolve(hold, wasExecuted: false)
        try await crash(world.gate)
        try await isAnew(world.gate, after: hold, on: "/stall")
        #expect(try world.upstream.requests.count == 1)

        // And that one can be carried out.
        try await world.gate.approve(try await world.gate.theHold())
        try world.upstream.release()
        #expect(try await act(world.gate, on: "/stall").status == 200)
        #expect(try world.upstream.requests.count == 2)
        try await world.gate.end()
    }

    @Test("an agent that hangs up while it is held gets the answer with its next identical call")
    func hungUp() async throws {
        let world = try await World { $0.wait = "30 s" }
        let (gate, upstream) = (world.gate, world.upstream)
        let waiting = try Curl(gate, ["-d", "amount=5", "https://api.test/echo"])
        let hold = try await gate.theHold(isAwaited: true)
        try await waiting.running.killAndWait()
        #expect(try await gate.theHold(isAwaited: false) == hold)
        try await gate.closed("parked")
        try await gate.approve(hold)
        try await crash(gate)

        let answer = try await act(gate)
        #expect(answer.status == 200, "\(answer.text) \(answer.failure)")
        #expect(try answer.document["number"].integer == 1)
        #expect(try await gate.state(of: hold) == "done")
        #expect(try upstream.requests.count == 1)
        try await gate.end()
    }

    @Test("what approve --now sent without the agent is kept over a crash and collected once")
    func kept() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let hold = try await announced(gate)
        try await gate.approve(hold, now: true)
        try await waitUntil("it is sent", every: .milliseconds(50)) { try await gate.state(of: hold) == "done" }
        #expect(try upstream.requests.count == 1)
        try await crash(gate)

        let answer = try await act(gate)
        #expect(answer.status == 200, "\(answer.text) \(answer.failure)")
        #expect(try answer.document["number"].integer == 1)
        #expect(answer.field("tiergate-attached") == hold)
        try await isAnew(gate, after: hold)
        #expect(try upstream.requests.count == 1)
        try await gate.end()
    }

    @Test("a rejection sticks over a crash, with its reason, until it is reopened")
    func rejected() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let hold = try await announced(gate)
        try await gate.reject(hold, because: "not this customer")
        try await crash(gate)
        for _ in 0..<2 {
            let refused = try await act(gate)
            #expect(refused.status == 403)
            #expect(refused.text.contains("not this customer"))
            #expect(refused.field("tiergate-hold") == hold)
        }

        #expect(try await gate.command("reopen", hold, "--reason", "asked again").status == 0)
        try await crash(gate)
        #expect(try await announced(gate) == hold)
        #expect(try upstream.requests.isEmpty)
        try await gate.approve(hold)
        #expect(try await act(gate).status == 200)
        #expect(try upstream.requests.count == 1)
        try await gate.end()
    }

    @Test("a hold that was announced to the agent is there after a crash, and takes the identical call in")
    func pending() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let hold = try await announced(gate)
        try await crash(gate)
        #expect(try await gate.theHold() == hold)
        #expect(try await announced(gate) == hold)
        #expect(try await gate.holds().count == 1)
        #expect(try upstream.requests.isEmpty)
        try await gate.end()
    }

    @Test("killed at any moment between approval and answer, a call is sent at most once, and no decision is lost")
    func anyMoment() async throws {
        let world = try await World { $0.wait = "100 ms" }
        let (gate, upstream) = (world.gate, world.upstream)
        for round in 0..<12 {
            let path = "/echo?round=\(round)"
            let hold = try await announced(gate, on: path)
            let agent = try Curl(gate, ["-d", "amount=5", "https://api.test\(path)"])
            let approval = try Running(
                Place.tiergate,
                ["approve", hold, "--yes", "--json", "--socket", gate.scratch.file("operator.sock")])
            let delay = Int.random(in: 0..<120)
            try await Task.sleep(for: .milliseconds(delay))
            try await crash(gate)
            let isConfirmed = try await approval.finish().status == 0
            let answered = try await agent.answer().status == 200

            let state = try await gate.state(of: hold) ?? "gone"
            let end = try await act(gate, on: path)
            let sent = try upstream.count("POST", path)
            let facts: Comment =
                "round \(round), killed after \(delay) ms: approved \(isConfirmed), answered \(answered), then \(state), \(end.status), sent \(sent)"
            #expect(sent <= 1, facts)
            switch state {
            case "pending": #expect(!isConfirmed && !answered && sent == 0 && end.status == 503, facts)
            case "approved": #expect(!answered && sent == 1 && end.status == 200, facts)
            case "uncertain": #expect(end.status == 423, facts)
            // Collected now, or delivered before the end and a new call now.
            case "done": #expect(sent == 1 && end.status == (answered ? 503 : 200), facts)
            default: Issue.record(facts)
            }
            for left in try await gate.holds("pending") {
                try await gate.reject(left["id"].string ?? "", because: "over")
            }
        }
        let paths = try upstream.requests.map { $0["path"].string ?? "" }
        #expect(Set(paths).count == paths.count)
        try await gate.end()
    }
}
