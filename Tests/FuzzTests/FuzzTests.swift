import Testing

@testable import tiergate_fuzz

@Suite("Fuzz targets, for seconds; `deploy/prove fuzz` for hours")
struct FuzzTests {
    /// Changes of seeds for each target; the same ones every time.
    static let mutations = 2000
    /// Those where an input costs system calls or the arithmetic of a handshake.
    static let slow: Set<String> = ["handshake", "journal", "operators"]

    @Test("nothing is found among the seeds", arguments: FuzzTarget.all.map(\.name))
    func seeds(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        #expect(!target.seeds.isEmpty)
        for seed in target.seeds { check(seed, target) }
        check([], target)
    }

    @Test("nothing is found among a few thousand changes of them", arguments: FuzzTarget.all.map(\.name))
    func mutations(name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        var mutator = Mutator(target, seed: 1)
        for _ in 0..<(Self.slow.contains(name) ? Self.mutations / 10 : Self.mutations) { check(mutator.next(), target) }
    }

    private func check(_ bytes: [UInt8], _ target: FuzzTarget) {
        do throws(Finding) {
            try target.run(bytes)
        } catch {
            Issue.record("\(target.name), input \(Transcript.quoted(bytes)): \(error)")
        }
    }
}
