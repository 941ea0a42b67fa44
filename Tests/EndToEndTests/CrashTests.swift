import Foundation
import Testing

/// What becomes of held calls when the gate is killed, the agent leaves, or the upstream breaks off: an approval is
/// spent at most once, and what may have been executed is never said not to have been.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct CrashTests {
    private static func post(_ path: String = "/echo") -> [String] { ["-d", "amount=5", "https://api.test\(path)"] }

    private func post(_ gate: TestGate, _ path: String = "/echo") async throws -> Answer {
        try await Curl(gate, CrashTests.post(path)).answer()
    }

    @Test("an approval that nobody had come for yet outlives kill -9, and is spent by the identical call, once")
    func killedBeforeSending() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        #expect(try await post(gate).status == 503)
        let hold = try await gate.theHold()
        try await gate.approve(hold)
        try await gate.die()
        try await gate.start()
        #expect(try await gate.state(of: hold) == "approved")
        #expect(try upstream.requests.isEmpty)
        let answer = try await post(gate)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try upstream.count("POST") == 1)
        // The next one is a new action.
        #expect(try await post(gate).status == 503)
        #expect(try await gate.theHold() != hold)
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("a hold that was announced, and a rejection, are there after kill -9")
    func killedWhileWaiting() async throws {
        let world = try await World { $0.wait = "30 s" }
        let gate = world.gate
        let waiting = try Curl(gate, CrashTests.post())
        let hold = try await gate.theHold(isAwaited: true)
        try await gate.die()
        _ = try await waiting.answer()
        try await gate.start()
        #expect(try await gate.theHold(isAwaited: false) == hold)
        try await gate.reject(hold, because: "no")
        try await gate.die()
        try await gate.start()
        let answer = try await post(gate)
        #expect(answer.status == 403 && answer.field("tiergate-hold") == hold)
        #expect(try world.upstream.requests.isEmpty)
        try await gate.end()
    }

    @Test(
        "a call that was being sent at kill -9 is uncertain: never sent again by itself, and a person says what happened",
        arguments: [true, false])
    func killedWhileSending(wasExecuted: Bool) async throws {
        let world = try await World { $0.wait = "30 s" }
        let (gate, upstream) = (world.gate, world.upstream)
        let waiting = try Curl(gate, CrashTests.post("/stall"))
        let hold = try await gate.theHold(isAwaited: true)
        try await gate.approve(hold)
        try await waitUntil("the upstream has it") { try upstream.count("POST") == 1 }
        try await gate.die()
        _ = try await waiting.answer()
        try await gate.start()
        #expect(gate.running.text.contains("1 calls were being sent") || gate.running.text.contains("uncertain"))
        #expect(try await gate.state(of: hold) == "uncertain")
        for _ in 0..<2 {
            let told = try await post(gate, "/stall")
            #expect(told.status == 423 && told.text.contains("MAY have been executed"), "\(told.text)")
            #expect(told.field("retry-after") == nil)
        }
        #expect(try upstream.count("POST") == 1)

        try await gate.resolve(hold, wasExecuted: wasExecuted)
        try upstream.release()
        if wasExecuted {
            let told = try await post(gate, "/stall")
            #expect(told.status == 423 && told.text.contains("EXECUTED ONCE"), "\(told.text)")
            #expect(try upstream.count("POST") == 1)
        }
        // From here on the identical call is a new action, with a decision of its own.
        let again = try Curl(gate, CrashTests.post("/stall"))
        let second = try await gate.theHold(isAwaited: true)
        #expect(second != hold)
        try await gate.approve(second)
        #expect(try await again.answer().status == 200)
        #expect(try upstream.count("POST") == 2)
        try await gate.end()
    }

    @Test("a call that passes by itself and was under way at kill -9 is closed in the journal at the next start")
    func killedWhilePassing() async throws {
        let world = try await World()
        let waiting = try Curl(world.gate, ["https://api.test/stall"])
        try await waitUntil("the upstream has it") { try world.upstream.count("GET") == 1 }
        try await world.gate.die()
        _ = try await waiting.answer()
        try await world.gate.start()
        try await world.gate.end()
        let ends = try world.gate.journal.filter { $0["kind"].string == "call.close" }
        #expect(ends.count == 1 && ["lost", "uncertain"].contains(ends.first?["outcome"].string ?? ""))
    }

    @Test("killed at any moment between an approval and the answer: the upstream never sees the call twice")
    func killedAtRandom() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        for round in 0..<8 {
            let path = "/echo?round=\(round)"
            #expect(try await post(gate, path).status == 503)
            let hold = try await gate.theHold()
            let approving = try Running(
                Place.tiergate,
                ["approve", hold, "--yes", "--now", "--json", "--socket", world.scratch.file("operator.sock")])
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...60)))
            try await gate.die()
            _ = try await approving.finish()
            try await gate.start()
            // What --now let go, and had not begun, is sent after the start.
            var state: String?
            try await waitUntil("hold \(hold) comes to rest", every: .milliseconds(50)) {
                state = try await gate.state(of: hold)
                return state == "pending" || state == "uncertain" || state == "done"
            }
            let count = try upstream.count("POST", path)
            switch state {
            case "pending": #expect(count == 0)
            case "done": #expect(count == 1)
            default: #expect(count <= 1)
            }
            let told = try await post(gate, path)
            #expect(told.status == ["pending": 503, "done": 200, "uncertain": 423][state ?? ""], "\(told.text)")
            #expect(try upstream.count("POST", path) == count)
            if state == "pending" { try await gate.reject(hold, because: "the round is over") }
        }
        try await gate.end()
    }

    // MARK: The agent leaves

    @Test("an agent that leaves while its call is held loses nothing: the identical call spends the approval")
    func agentLeavesBefore() async throws {
        let world = try await World { $0.wait = "30 s" }
        let gate = world.gate
        let waiting = try Curl(gate, CrashTests.post())
        let hold = try await gate.theHold(isAwaited: true)
        try await waiting.running.killAndWait()
        #expect(try await gate.theHold(isAwaited: false) == hold)
        try await gate.approve(hold)
        #expect(try world.upstream.requests.isEmpty)
        #expect(try await post(gate).document["number"].integer == 1)
        #expect(try world.upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("an agent that leaves while its call is being sent collects the answer with the identical call, once")
    func agentLeavesDuring() async throws {
        let world = try await World { $0.wait = "10 s" }
        let (gate, upstream) = (world.gate, world.upstream)
        let waiting = try Curl(gate, CrashTests.post("/stall"))
        let hold = try await gate.theHold(isAwaited: true)
        try await gate.approve(hold)
        try await waitUntil("the upstream has it") { try upstream.count("POST") == 1 }
        try await waiting.running.killAndWait()
        try upstream.release()
        try await waitUntil("the answer is there", every: .milliseconds(50)) {
            try await gate.state(of: hold) == "done"
        }
        let answer = try await post(gate, "/stall")
        #expect(answer.status == 200 && answer.field("tiergate-attached") == hold, "\(answer.text)")
        #expect(try answer.document["number"].integer == 1)
        let next = try Curl(gate, CrashTests.post("/stall"))
        #expect(try await gate.theHold(isAwaited: true) != hold)
        try await next.running.killAndWait()
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("approve --now sends without the agent, and keeps the answer for it, past a restart")
    func now() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        #expect(try await post(gate).status == 503)
        let hold = try await gate.theHold()
        try await gate.approve(hold, now: true)
        try await waitUntil("it is sent", every: .milliseconds(50)) { try await gate.state(of: hold) == "done" }
        #expect(try upstream.count("POST") == 1)
        try await gate.die()
        try await gate.start()
        let answer = try await post(gate)
        #expect(answer.status == 200 && answer.field("tiergate-attached") == hold, "\(answer.text)")
        #expect(try answer.document["length"].integer == 8)
        #expect(try await post(gate).status == 503)
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }

    // MARK: The upstream breaks off

    @Test(
        "an upstream that takes a held call and breaks off leaves it uncertain, and it is not repeated",
        arguments: ["/drop", "/cut"])
    func brokenOff(path: String) async throws {
        let world = try await World { $0.wait = "10 s" }
        let (gate, upstream) = (world.gate, world.upstream)
        let waiting = try Curl(gate, CrashTests.post(path))
        let hold = try await gate.theHold(isAwaited: true)
        try await gate.approve(hold)
        let answer = try await waiting.answer()
        #expect(answer.status == 502 || !answer.failure.isEmpty, "\(answer.text)")
        #expect(try await gate.theHold("uncertain") == hold)
        #expect(try await post(gate, path).status == 423)
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("an approval is not lost where nothing could be sent: the upstream is back, and the identical call spends it")
    func unsent() async throws {
        let scratch = try Scratch()
        try scratch.write("rules/world.yaml", World.rules)
        let upstream = try await Upstream(scratch)
        // Nobody listens on port 1.
        let gate = try await TestGate(scratch, TestGate.Settings(resolve: ["api.test": 1]))
        func post() async throws -> Answer { try await gate.curl("-d", "a=1", "http://api.test/echo") }
        #expect(try await post().status == 503)
        let hold = try await gate.theHold()
        try await gate.approve(hold)
        let told = try await post()
        #expect(told.status == 502 && told.text.contains("NOT EXECUTED"), "\(told.text)")
        #expect(try await gate.state(of: hold) == "approved")
        try await gate.end()

        let settings = String(decoding: scratch.read("tiergate.yaml"), as: UTF8.self)
        try scratch.write("tiergate.yaml", settings.replacing("127.0.0.1:1\"", with: "127.0.0.1:\(upstream.port)\""))
        try await gate.start()
        #expect(try await post().status == 200)
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("a rejection sticks over kill -9 until it is reopened, and the reopened hold can be approved after another")
    func reopened() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let hold = try #require(try await post(gate).field("tiergate-hold"))
        try await gate.reject(hold, because: "not this customer")
        try await gate.die()
        try await gate.start()
        for _ in 0..<2 {
            let refused = try await post(gate)
            #expect(refused.status == 403 && refused.text.contains("not this customer"), "\(refused.text)")
            #expect(refused.field("tiergate-hold") == hold)
        }

        #expect(try await gate.command("reopen", hold, "--reason", "asked again").status == 0)
        try await gate.die()
        try await gate.start()
        let told = try await post(gate)
        #expect(told.status == 503 && told.field("tiergate-hold") == hold, "\(told.text)")
        #expect(try upstream.requests.isEmpty)
        try await gate.approve(hold)
        #expect(try await post(gate).status == 200)
        #expect(try upstream.requests.count == 1)
        try await gate.end()
    }

    // MARK: The end

    @Test("SIGTERM lets what is under way end, tells what waits, and takes nothing new; holds go on after the start")
    func drained() async throws {
        let world = try await World { $0.wait = "30 s" }
        let (gate, upstream) = (world.gate, world.upstream)
        let passing = try Curl(gate, ["https://api.test/stall"])
        let waiting = try Curl(gate, CrashTests.post())
        let hold = try await gate.theHold(isAwaited: true)
        try await waitUntil("the upstream has it") { try upstream.count("GET") == 1 }
        gate.running.signal(SIGTERM)
        let told = try await waiting.answer()
        #expect(told.status == 503 && told.field("tiergate-hold") == hold, "\(told.failure)")
        let late = try await gate.curl("--connect-timeout", "5", "https://api.test/echo")
        #expect(late.status == 0 && !late.failure.isEmpty)
        #expect(!gate.running.hasEnded)
        try upstream.release()
        #expect(try await passing.answer().status == 200)
        #expect(try await gate.running.finish().status == 0)
        try await gate.start()
        #expect(try await gate.theHold(isAwaited: false) == hold)
        try await gate.end()
    }
}
