import Foundation
import Testing

/// What the usual clients get through the gate: answers unchanged, holds in words that reach the caller.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct ClientTests {
    static let ofPython = ["requests", "httpx", "urllib"]

    private func agent(_ client: String, of gate: TestGate, _ arguments: String...) throws -> Running {
        client == "node"
            ? try Running(Place.node, [Place.script("agent.mjs")] + arguments, environment: gate.proxy)
            : try Running(Place.python, [Place.script("agent.py"), client] + arguments, environment: gate.proxy)
    }

    private func said(_ running: Running) async throws -> Document {
        let ended = try await running.finish()
        #expect(ended.status == 0, "\(ended.errors)")
        return try Document(ended.output)
    }

    private func converse(_ client: String) async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let read = try await said(agent(client, of: gate, "GET", "https://api.test/bytes/5000"))
        #expect(read["status"].integer == 200)
        #expect(read["sha256"].string == Sample.digestOf5000)

        let told = try await said(agent(client, of: gate, "POST", "https://api.test/echo", "100000"))
        let hold = try await gate.theHold()
        #expect(told["status"].integer == 503)
        #expect(told["failure"].string?.contains("Held for approval \(hold) - NOT executed") == true)
        #expect(told["text"].string?.contains("NOT EXECUTED") == true)
        #expect(try upstream.count("POST") == 0)

        try await gate.approve(hold)
        let answered = try await said(agent(client, of: gate, "POST", "https://api.test/echo", "100000"))
        #expect(answered["status"].integer == 200)
        #expect(try Document(answered["text"].string ?? "")["length"].integer == 100_000)
        #expect(try upstream.count("POST") == 1)

        let again = try agent(client, of: gate, "POST", "https://api.test/echo", "100000")
        let second = try await gate.theHold()
        try await gate.reject(second, because: "wrong account")
        _ = try await again.finish()
        let refused = try await said(agent(client, of: gate, "POST", "https://api.test/echo", "100000"))
        #expect(refused["status"].integer == 403)
        #expect(refused["failure"].string?.contains("Rejected \(second) - NOT executed") == true)
        #expect(refused["text"].string?.contains("wrong account") == true)
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test(
        "a Python client's read passes, its held call says so, is sent once when approved, and says why when rejected",
        .enabled(if: Place.hasClients, Comment(rawValue: Place.clientsAreMissing)), arguments: ofPython)
    func python(client: String) async throws { try await converse(client) }

    @Test(
        "so do Node's", .enabled(if: Place.hasTools && Place.has(Place.node), Comment(rawValue: Place.nodeIsMissing)))
    func node() async throws { try await converse("node") }

    @Test("so do curl's, with every field that a client may go by")
    func curl() async throws {
        let world = try await World()
        let (gate, upstream) = (world.gate, world.upstream)
        let read = try await gate.curl("https://api.test/bytes/5000")
        #expect(read.status == 200 && read.body == Sample.bytes(5000), "\(read.failure)")

        func post() async throws -> Answer {
            try await gate.curl("https://api.test/echo", "--json", #"{"amount": 5}"#)
        }
        let told = try await post()
        let hold = try await gate.theHold()
        #expect(told.status == 503 && told.reason == "Held for approval \(hold) - NOT executed")
        #expect(told.field("retry-after") == "5")
        #expect(told.field("cache-control") == "no-store")
        #expect(told.field("tiergate-hold") == hold)
        #expect(told.field("content-type") == "application/problem+json")
        #expect(try told.document["detail"].string?.contains("Act on /echo") == true)
        #expect(try told.document["error"]["message"].string == told.document["detail"].string)

        #expect(try await post().field("retry-after") == "20")
        let third = try await post()
        #expect(third.status == 423)
        #expect(third.field("retry-after") == nil)
        #expect(third.field("x-should-retry") == "false" && third.field("stripe-should-retry") == "false")
        #expect(try await gate.theHold() == hold)

        try await gate.approve(hold)
        #expect(try await post().document["length"].integer == 13)
        #expect(try upstream.count("POST") == 1)
        try await gate.end()
    }

    @Test("a call that is approved while it waits gets the upstream's own answer on that connection")
    func approvedInTime() async throws {
        let world = try await World { $0.wait = "30 s" }
        let waiting = try Curl(world.gate, ["-X", "DELETE", "https://api.test/status/204"])
        let hold = try await world.gate.theHold(isAwaited: true)
        #expect(try world.upstream.requests.isEmpty)
        try await world.gate.approve(hold)
        let answer = try await waiting.answer()
        #expect(answer.status == 204 && answer.body.isEmpty, "\(answer.failure)")
        #expect(answer.field("etag") == "\"abc\"")
        #expect(answer.field("tiergate-attached") == nil)
        #expect(try world.upstream.count("DELETE") == 1)
        #expect(try await world.gate.state(of: hold) == "done")
        try await world.gate.end()
    }

    @Test("a call that is rejected while it waits is told at once")
    func rejectedInTime() async throws {
        let world = try await World { $0.wait = "30 s" }
        let waiting = try Curl(world.gate, ["-d", "a=1", "https://api.test/echo"])
        try await world.gate.reject(try await world.gate.theHold(isAwaited: true), because: "not today")
        let answer = try await waiting.answer()
        #expect(answer.status == 403 && answer.text.contains("not today"))
        #expect(try world.upstream.requests.isEmpty)
        try await world.gate.end()
    }

    @Test("identical calls that wait together are one hold, one sending, and one answer for each")
    func storm() async throws {
        let world = try await World { $0.wait = "30 s" }
        let storm = try (0..<5).map { _ in try Curl(world.gate, ["-d", "a=1", "https://api.test/echo"]) }
        try await waitUntil("all wait") {
            try world.gate.journal.count { $0["kind"].string == "call.open" } == 5
        }
        try await world.gate.approve(try await world.gate.theHold(isAwaited: true))
        for each in storm {
            let answer = try await each.answer()
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.document["number"].integer == 1)
        }
        #expect(try world.upstream.count("POST") == 1)
        try await world.gate.end()
    }
}
