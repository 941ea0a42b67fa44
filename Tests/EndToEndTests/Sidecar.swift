import Foundation
import Glibc
import Testing

/// A gate that an agent knows nothing of: packet rules lead everything there that the agent sends.
final class Sidecar {
    enum Variant: String, CaseIterable { case redirect, tproxy, host }

    let variant: Variant
    let network: Network
    let scratch: Scratch
    let gate: TestGate
    private let programs: [Running]
    static let gateUID = 23_337
    static let agents = [23_101, 23_102]

    private static let rules = """
        tiergate: 1
        pack: world
        version: 1.0.0
        hosts: ["**.test"]
        rules:
          - {id: world.read, match: {method: [GET, HEAD]}, tier: read-only, summary: "Read {{ request.path }}"}
          - {id: world.act, match: {method: POST}, tier: external, summary: "Act on {{ request.host }}"}
          - {id: world.text, match: {method: DNS, path: /TXT}, tier: read-only, summary: "Look up {{ request.host }}"}
          - {id: world.never, match: {host: evil.test}, block: true, reason: never, summary: "Never"}

        """

    init(_ variant: Variant) async throws {
        self.variant = variant
        network = try await Network(isApart: variant == .host)
        scratch = try Scratch()
        // Neither the gate nor the agent is root.
        let program = scratch.file("tiergate")
        // By a program of its own: one that is started from here meanwhile would have the file open for writing.
        _ = try await run("/bin/cp", [Place.tiergate, program])
        for script in ["intercepted.py", "frame.py"] {
            try FileManager.default.copyItem(atPath: Place.script(script), toPath: scratch.file(script))
            chmod(scratch.file(script), 0o644)
        }
        let certificates = try await Certificates(scratch)
        let pair = try await certificates.leaf(["api.test", "other.test"])
        try scratch.write("rules/world.yaml", Sidecar.rules)
        chmod(scratch.path, 0o755)
        chmod(scratch.file("rules"), 0o755)
        chmod(scratch.file("rules/world.yaml"), 0o644)
        chown(scratch.path, uid_t(Sidecar.gateUID), gid_t(Sidecar.gateUID))
        let upstream = [Place.script("upstream.py"), "--log", scratch.file("world.jsonl"), "--address", "::"]
        programs = try [
            network.start(in: network.world, Network.python, upstream + ["--port", "8080"]),
            network.start(
                in: network.world, Network.python,
                upstream + ["--port", "443", "--certificate", pair.certificate, "--key", pair.key]),
            network.start(
                in: network.world, Network.python,
                [Place.script("nameserver.py"), "--log", scratch.file("names.log"), "--address", Network.worldAddress]),
        ]
        for program in programs {
            try await waitUntil("the world listens: \(program.text)") { program.output.contains("\n") }
        }
        var settings = TestGate.Settings(roots: [certificates.root])
        settings.allow = "[10.99.0.0/24, \"fd99::/64\"]"
        for name in ["api.test=10.99.0.1", "other.test=10.99.0.1", "plain.test=fd99::1"] {
            settings.flags += ["--upstream.resolve", name]
        }
        settings.more = "transparent: {silence: 1 s, mode: \(variant == .tproxy ? "tproxy" : "redirect")"
        switch variant {
        case .redirect, .tproxy:
            settings.more += "}"
            settings.flags += ["--transparent"]
        case .host:
            settings.more += ", listen: [\"10.98.0.1:15001\", \"[fd98::1]:15001\"]"
            settings.more += ", names: [\"10.98.0.1:15053\", \"[fd98::1]:15053\"]}"
        }
        settings.launcher =
            Network.launcher(
                in: network.gate, as: Sidecar.gateUID, capability: variant == .tproxy ? "net_admin" : nil)
            + [program]
        gate = try await TestGate(scratch, settings)
        try FileManager.default.copyItem(atPath: gate.authority, toPath: scratch.file("trusted.pem"))
        chmod(scratch.file("trusted.pem"), 0o644)
        let initialised = try await lead()
        guard initialised.status == 0 else { throw Failed(description: "sidecar init: \(initialised.errors)") }
    }

    /// `tiergate sidecar init`, with NET_ADMIN and nothing else.
    func lead(_ more: String...) async throws -> Finished {
        try await network.start(
            in: network.gate, as: Sidecar.gateUID, scratch.file("tiergate"),
            ["sidecar", "init", "--uid", "\(Sidecar.gateUID)", "--variant", variant.rawValue] + more,
            capability: "net_admin"
        ).finish()
    }

    func agent(_ uid: Int, _ program: String, _ arguments: String...) async throws -> Finished {
        try await network.start(in: network.agent, as: uid, program, arguments).finish(within: 60)
    }

    /// The table of escapes beside the gate.
    func escape(as uid: Int, capability: String? = nil) async throws -> Finished {
        try await network.start(
            in: network.agent, as: uid, scratch.file("tiergate"),
            [
                "doctor", "--escape", "--beside", "\(Sidecar.gateUID)", "--json", "--state", "/nonexistent",
                "--operator.socket", scratch.file("operator.sock"),
            ], capability: capability
        ).finish(within: 120)
    }

    /// What became of each try of `intercepted.py`.
    func tries(as uid: Int) async throws -> Document {
        let own = variant == .host ? "10.98.0.1" : "127.0.0.1"
        let ended = try await agent(
            uid, Network.python, scratch.file("intercepted.py"), scratch.file("trusted.pem"), own)
        guard ended.status == 0 else { throw Failed(description: ended.errors) }
        return try Document(ended.output)
    }

    var requests: [Document] { get throws { try documents(in: scratch.read("world.jsonl")) } }
    var questions: [Substring] { String(decoding: scratch.read("names.log"), as: UTF8.self).split(separator: "\n") }
}
