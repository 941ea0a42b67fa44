import Foundation
import Testing

/// The agent and people speak with each other through the gate: questions, answers, reviews, calls taken back.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct AskingTests {
    private static let call = ["-d", "a=1", "https://api.test/echo"]

    @Test("a waiting agent is asked, answers at the gate, and its call goes when it is approved")
    func asked() async throws {
        let world = try await World { $0.wait = "30 s" }
        let gate = world.gate
        let waiting = try Curl(gate, Self.call)
        let hold = try await gate.theHold(isAwaited: true)
        #expect(try await gate.command("ask", hold, "--question", "Which customer?").status == 0)
        let told = try await waiting.answer()
        #expect(told.status == 423 && told.reason == "Question about \(hold) - NOT executed")
        let url = try #require(try told.document["hold_url"].string)
        #expect(try told.document["question"].string == "Which customer?" && url.hasSuffix("/v1/holds/\(hold)"))

        // By the certificate of the gate's own authority too.
        let secure = try await gate.curl(url.replacingOccurrences(of: "http:", with: "https:"))
        #expect(try secure.document["question"].string == "Which customer?", "\(secure.failure)")
        let answered = try await gate.curl("\(url)/answer", "--json", #"{"answer": "Ann"}"#)
        #expect(answered.status == 200, "\(answered.text)")
        let shown = try await gate.command("show", hold).document["hold"]
        #expect(shown["questions"][0]["answer"].string == "Ann")

        let again = try Curl(gate, Self.call)
        _ = try await gate.theHold(isAwaited: true)
        try await gate.approve(hold)
        #expect(try await again.answer().status == 200)
        #expect(try world.upstream.count("POST") == 1)
        let kinds = try gate.journal.filter { $0["hold"].string == hold }.compactMap { $0["kind"].string }
        #expect(kinds.contains("hold.ask") && kinds.contains("hold.answer"))
        try await gate.end()
    }

    @Test("a review is decided by people, and its agent comes for the decision; nothing is sent")
    func review() async throws {
        let world = try await World()
        let gate = world.gate
        let asked = try await gate.curl(
            "http://tiergate.internal/v1/review", "--json", #"{"question": "Drop the old table?"}"#)
        let hold = try #require(try asked.document["id"].string, "\(asked.text)")
        let listed = try #require(try await gate.holds("pending").first)
        #expect(listed["id"].string == hold && listed["summaries"][0].string == "Review: Drop the old table?")
        let decided = try await gate.command("approve", hold, "--yes", "--reason", "after the backup")
        #expect(decided.status == 0)
        let told = try await gate.curl("http://tiergate.internal/v1/holds/\(hold)").document
        #expect(told["state"].string == "approved" && told["message"].string == "A person says yes.")
        #expect(told["decision"]["reason"].string == "after the backup")
        #expect(try world.upstream.requests.isEmpty)
        try await gate.end()
    }

    @Test("a call is taken back, and is not there for people any more")
    func withdrawn() async throws {
        let world = try await World { $0.wait = "30 s" }
        let waiting = try Curl(world.gate, Self.call)
        let hold = try await world.gate.theHold(isAwaited: true)
        let taken = try await world.gate.curl("-X", "DELETE", "http://tiergate.internal/v1/holds/\(hold)")
        #expect(taken.status == 200, "\(taken.text)")
        #expect(try await waiting.answer().reason == "Taken back \(hold) - NOT executed")
        #expect(try await world.gate.state(of: hold) == "withdrawn")
        #expect(try await world.gate.command("approve", hold, "--yes").status != 0)
        #expect(try world.upstream.requests.isEmpty)
        try await world.gate.end()
    }

    @Test(
        "a jailed agent finds the gate under its name, and nobody else does",
        .enabled(if: Jailed.isPossible, Comment(rawValue: Jailed.isImpossible)))
    func jailed() async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.run(
            "curl", "-sS", "--json", #"{"question": "May I?"}"#, "http://tiergate.internal/v1/review")
        #expect(ended.status == 0 && ended.output.contains("Review: May I?"), "\(ended.output) \(ended.errors)")
        #expect(try jailed.upstream.requests.isEmpty)
    }
}
