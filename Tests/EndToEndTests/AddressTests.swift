import Testing

/// Where names and addresses may lead that an agent chooses.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct AddressTests {
    /// Lets the rules pass what they would hold for want of a rule.
    private func readEverywhere(_ world: World) async throws {
        let rules = World.rules.replacing("hosts: [\"**.test\"]", with: "defaults: {unmatched: 1}")
        try world.scratch.write("rules/world.yaml", rules)
        world.gate.reload()
        try await waitUntil("the gate takes the rules: \(world.gate.running.text)") {
            world.gate.running.text.contains("rules loaded")
        }
    }

    @Test("names that lead to this machine, to its metadata service or to the gate itself are refused")
    func forbiddenAddresses() async throws {
        let world = try await World(tls: false) { $0.allow = "[]" }
        try await readEverywhere(world)
        for url in [
            "http://127.0.0.1:\(world.upstream.port)/", "http://localhost:\(world.upstream.port)/",
            "http://169.254.169.254/latest/",
            "http://[::1]:\(world.upstream.port)/", "http://10.0.0.1/", "http://0.0.0.0:\(world.upstream.port)/",
        ] {
            let answer = try await world.gate.curl("--globoff", url)
            #expect(
                answer.status == 403 && answer.text.contains("forbidden_address"),
                "\(url): \(answer.text)\(answer.failure)")
        }
        #expect(try world.upstream.requests.isEmpty)
        try await world.gate.end()

        let open = try await World(tls: false)
        try await readEverywhere(open)
        let loop = try await open.gate.curl("http://127.0.0.1:\(open.gate.port)/")
        #expect(loop.status == 508, "\(loop.text)\(loop.failure)")
        try await open.gate.end()
    }
}
