import Foundation
import Testing

/// The state machine of a hold as a model (`Tests/Models/hold.pml`), in every interleaving; the long form is
/// `deploy/prove model`.
@Suite(.enabled(if: Place.has("/usr/bin/spin"), "there is no spin"), .serialized) struct ModelTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// What `pan` says of the model with these macros: the number of errors.
    private func errors(_ macros: [String]) async throws -> Int {
        let model = Place.root.appendingPathComponent("Tests/Models/hold.pml").path
        let script = """
            cd \(scratch.path) && spin -a \(macros.map { "-D\($0)" }.joined(separator: " ")) \(model) &&
            cc -O2 -DSAFETY -DCOLLAPSE -w -o pan pan.c && ./pan -E -m200000 -w22
            """
        let told = try await run("/bin/sh", ["-c", script], within: 240).output
        let line = try #require(told.split(separator: "\n").first { $0.contains("errors: ") }, "\(told)")
        return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    @Test(
        "nothing unapproved is sent, nothing twice, no decision is lost, whatever comes between",
        arguments: [["PEOPLE=1", "LOOKS=1"], ["PEOPLE=2", "LOOKS=1", "CRASHES=0"]])
    func holds(macros: [String]) async throws {
        #expect(try await errors(macros) == 0)
    }

    @Test(
        "without any one of its guards it goes wrong, and the model shows it",
        arguments: ["NO_SYNC", "NO_COMPARE", "NO_LINE", "NO_LAST_LOOK", "SEND_AGAIN"])
    func guards(missing: String) async throws {
        #expect(try await errors(["PEOPLE=1", "LOOKS=1", missing]) > 0)
    }

    @Test("votes for what was edited since, and of who edited it, do not count", arguments: ["KEEP_VOTES", "OWN_EDIT"])
    func votes(missing: String) async throws {
        #expect(try await errors(["PEOPLE=2", "LOOKS=2", "CRASHES=0", missing]) > 0)
    }
}
