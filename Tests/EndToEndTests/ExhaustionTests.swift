import Foundation
import Testing

/// No place to wait, files that may not grow, a store that somebody else holds: refused with the reason, never passed,
/// and well again afterwards.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct ExhaustionTests {
    private func post(_ gate: TestGate, _ number: Int) async throws -> Answer {
        try await gate.curl("-d", "n=\(number)", "https://api.test/echo")
    }

    @Test("a held call that finds no place to wait is told at once, and its hold is there all the same")
    func waiting() async throws {
        let world = try await World {
            $0.hold = "max_waiting: 1"
            $0.wait = "30 s"
        }
        let waiting = try Curl(world.gate, ["-d", "n=1", "https://api.test/echo"])
        let hold = try await world.gate.theHold(isAwaited: true)
        let told = try await post(world.gate, 2)
        #expect(told.status == 503 && told.field("tiergate-hold") != nil, "\(told.text)")
        #expect(try await world.gate.holds("pending").count == 2)
        try await world.gate.approve(hold)
        #expect(try await waiting.answer().status == 200)
        try await world.gate.end()
    }

    /// Lets no file of the gate's grow beyond this size, as a full disk would; `unlimited` lets them grow again.
    private func limitFiles(of gate: TestGate, to size: String) async throws {
        let ended = try await run("/usr/bin/prlimit", ["--pid", "\(gate.running.pid)", "--fsize=\(size):unlimited"])
        guard ended.status == 0 else { throw Failed(description: ended.errors) }
    }

    @Test("with a journal that cannot be written nothing passes and nothing is sent, and all is well when it can again")
    func journal() async throws {
        let world = try await World()
        let gate = world.gate
        #expect(try await gate.curl("https://api.test/echo").status == 200)
        let before = try world.upstream.requests.count
        try await limitFiles(of: gate, to: "64")
        for _ in 0..<3 {
            let told = try await gate.curl("https://api.test/echo")
            #expect(told.status == 503 && told.text.contains("journal_unavailable"), "\(told.text)\(told.failure)")
            #expect(told.text.contains("NOT EXECUTED"))
        }
        #expect(try await post(gate, 1).status == 503)
        #expect(try world.upstream.requests.count == before)
        try await limitFiles(of: gate, to: "unlimited")
        try await waitUntil("calls pass again", every: .milliseconds(100)) {
            try await gate.curl("https://api.test/echo").status == 200
        }
        #expect(try world.upstream.requests.count == before + 1)
        try await gate.end()
    }

    @Test("with a store that cannot be written, what passes by itself passes, nothing is held and nothing held is sent")
    func store() async throws {
        let world = try await World()
        let gate = world.gate
        #expect(try await post(gate, 1).status == 503)
        let hold = try await gate.theHold()
        try await gate.approve(hold)
        // Another process that writes into the store and does not end: every write of the gate's is too late.
        let lock = """
            import sqlite3, sys, time
            store = sqlite3.connect(sys.argv[1], isolation_level=None)
            store.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            time.sleep(600)
            """
        let locking = try Running(Place.plainPython, ["-c", lock, "\(gate.state)/holds.db"])
        try await waitUntil("the store is locked: \(locking.text)") { locking.output.contains("locked") }
        let told = try await post(gate, 2)
        #expect(told.status == 503 && told.text.contains("store_unavailable"), "\(told.text)\(told.failure)")
        let approved = try await post(gate, 1)
        #expect(approved.status == 503 && approved.text.contains("store_unavailable"), "\(approved.text)")
        #expect(try await gate.curl("https://api.test/echo").status == 200)
        #expect(try await gate.curl("-X", "PUT", "https://api.test/echo").status == 200)
        #expect(try world.upstream.count("POST") == 0)
        try await locking.killAndWait()
        #expect(try await post(gate, 1).status == 200)
        #expect(try await post(gate, 2).field("tiergate-hold") != nil)
        #expect(try world.upstream.count("POST") == 1)
        try await gate.end()
    }
}
