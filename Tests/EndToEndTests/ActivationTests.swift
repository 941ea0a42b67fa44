import Foundation
import Testing

/// A gate whose operator socket somebody else opened.
@Suite(.serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)))
struct ActivationTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test("operators are served on the socket that was handed over, whose file stays as it was, and stays")
    func handed() async throws {
        let world = try await World { $0.isActivated = true }
        let socket = world.scratch.file("operator.sock")
        _ = try await world.gate.curl("https://api.test/echo", "-X", "POST")
        let hold = try await world.gate.theHold()
        try await world.gate.reject(hold, because: "not today")
        #expect(try mode(socket) == 0o640)
        try await world.gate.end()
        #expect(try mode(socket) == 0o640)
    }

    @Test("a socket that a gate opened itself goes with it")
    func own() async throws {
        let world = try await World()
        _ = try await world.gate.curl("https://api.test/echo")
        #expect(try mode(world.scratch.file("operator.sock")) == 0o600)
        try await world.gate.end()
        #expect(!FileManager.default.fileExists(atPath: world.scratch.file("operator.sock")))
    }

    @Test("one that listens elsewhere than the settings say is not served")
    func elsewhere() async throws {
        let scratch = try Scratch()
        try scratch.write(
            "tiergate.yaml",
            """
            listen: 127.0.0.1:0
            state: \(scratch.file("state"))
            rules: [\(Place.rules)]
            operator: {socket: \(scratch.file("operator.sock"))}
            """)
        let ended = try await run(
            Place.plainPython,
            [
                Place.script("activate.py"), scratch.file("other.sock"), Place.tiergate, "serve", "--config",
                scratch.file("tiergate.yaml"),
            ])
        #expect(ended.status == 1)
        #expect(ended.errors.contains("does not listen at \(scratch.file("operator.sock"))"), "\(ended.errors)")
    }
}
