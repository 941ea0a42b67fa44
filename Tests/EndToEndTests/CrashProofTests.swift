import Foundation
import Glibc
import Testing

/// The invariants of the gate under load, ended and disturbed at random moments, a start on the same state after each.
///
/// `deploy/prove crash` runs it for long; `TIERGATE_CRASH_ROUNDS` and `TIERGATE_CRASH_SEED` are how it says so.
@Suite(.serialized, .enabled(if: Place.has(Place.plainPython), Comment(rawValue: Place.toolsAreMissing)))
struct CrashProofTests {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test("killed and disturbed at random: nothing unapproved is sent, nothing twice, nothing confirmed is lost")
    func proof() async throws {
        let seed = CrashProofTests.number("TIERGATE_CRASH_SEED")
        let rounds =
            CrashProofTests.number("TIERGATE_CRASH_ROUNDS").map { Int($0) } ?? (seed == nil ? 12 : CrashStand.rounds)
        let proof = CrashProof(seed: seed ?? UInt64.random(in: 1...999_999), rounds: rounds, isRepeated: seed != nil)
        let tally = await proof.run()
        for (finding, text) in tally.findings.prefix(20) { Issue.record("\(finding.rawValue): \(text)") }
        #expect(tally.rounds == rounds)
    }

    @Test("killed at any moment of the first start of all, the next one makes what is missing and serves")
    func firstStart() async throws {
        let scratch = try Scratch()
        try scratch.write("rules/world.yaml", World.rules)
        let gate = try await TestGate(scratch, TestGate.Settings(resolve: ["**.test": 1]))
        try await gate.die()
        for _ in 0..<4 {
            try FileManager.default.removeItem(atPath: gate.state)
            for _ in 0..<5 { try await gate.start(killedAfter: Int.random(in: 1...50)) }
            try await gate.start()
            #expect(try await gate.curl("-d", "a=1", "http://api.test/echo").field("tiergate-hold") != nil)
            try await gate.end()
        }
    }
}
