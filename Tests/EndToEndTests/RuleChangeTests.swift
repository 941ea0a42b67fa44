import Testing

/// What becomes of approvals when the rules change under them.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct RuleChangeTests {
    @Test("an approval given under milder rules goes back to a person when the rules become stricter")
    func stricterRules() async throws {
        let world = try await World()
        let gate = world.gate
        func post() async throws -> Answer { try await gate.curl("-d", "a=1", "https://api.test/echo") }
        #expect(try await post().status == 503)
        let hold = try await gate.theHold()
        try await gate.approve(hold)
        try world.scratch.write(
            "rules/world.yaml", World.rules.replacing("tier: external", with: "category: privilege"))
        gate.reload()
        try await waitUntil("the gate takes the rules") { gate.running.text.contains("rules loaded") }
        #expect(try await post().status == 503)
        #expect(try await gate.theHold("stale") == hold)
        #expect(try world.upstream.requests.isEmpty)
        try await gate.approve(hold)
        #expect(try await post().status == 200)
        try await gate.end()
    }

    @Test("an approval does not lift a block that came after it")
    func blocked() async throws {
        let world = try await World()
        let gate = world.gate
        func post() async throws -> Answer { try await gate.curl("-d", "a=1", "https://api.test/echo") }
        #expect(try await post().status == 503)
        try await gate.approve(try await gate.theHold())
        try world.scratch.write("rules/world.yaml", World.rules.replacing("tier: external", with: "block: true"))
        gate.reload()
        try await waitUntil("the gate takes the rules: \(gate.running.text)") {
            gate.running.text.contains("rules loaded")
        }
        let answer = try await post()
        #expect(answer.status == 403 && answer.text.contains("blocked"), "\(answer.text)")
        #expect(try world.upstream.requests.isEmpty)
        try await gate.end()
    }

    @Test("a call that was held passes when milder rules let it")
    func milder() async throws {
        let world = try await World()
        let gate = world.gate
        func post() async throws -> Answer { try await gate.curl("-d", "a=1", "https://api.test/echo") }
        #expect(try await post().status == 503)
        try world.scratch.write("rules/world.yaml", World.rules.replacing("tier: external", with: "tier: reversible"))
        gate.reload()
        try await waitUntil("the gate takes the rules: \(gate.running.text)") {
            gate.running.text.contains("rules loaded")
        }
        #expect(try await post().status == 200)
        #expect(try world.upstream.count("POST") == 1)
        try await gate.end()
    }
}
