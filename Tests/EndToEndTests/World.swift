/// An upstream under `api.test`, a gate before it, and rules that read by methods.
struct World {
    let scratch: Scratch
    let certificates: Certificates
    let upstream: Upstream
    let gate: TestGate

    /// Reading passes, PUT passes, POST is held, DELETE is held as tier 4.
    static let rules = """
        tiergate: 1
        pack: world
        version: 1.0.0
        hosts: ["**.test"]
        rules:
          - id: world.read
            match: {method: [GET, HEAD]}
            tier: read-only
            summary: "Read {{ request.path }}"
          - id: world.write
            match: {method: PUT}
            tier: reversible
            summary: "Write {{ request.path }}"
          - id: world.act
            match: {method: POST}
            tier: external
            summary: "Act on {{ request.path }}"
          - id: world.delete
            match: {method: DELETE}
            category: deletion
            summary: "Delete {{ request.path }}"

        """

    init(tls: Bool = true, _ change: (inout TestGate.Settings) -> Void = { _ in }) async throws {
        scratch = try Scratch()
        certificates = try await Certificates(scratch)
        upstream = try await Upstream(scratch, tls ? try await certificates.leaf(["api.test", "other.test"]) : nil)
        try scratch.write("rules/world.yaml", World.rules)
        var settings = TestGate.Settings(roots: [certificates.root], resolve: ["**.test": upstream.port])
        change(&settings)
        gate = try await TestGate(scratch, settings)
    }
}
