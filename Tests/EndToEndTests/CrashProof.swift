import Foundation

/// Rounds of two stands side by side, or of the one stand of a seed that is looked at again.
actor CrashProof {
    private let seed: UInt64
    private let rounds: Int
    private let isRepeated: Bool
    private var begun = 0
    private var stands: UInt64 = 0
    private var tally = CrashTally()
    private let start = ContinuousClock.now

    init(seed: UInt64, rounds: Int, isRepeated: Bool) {
        self.seed = seed
        self.rounds = rounds
        self.isRepeated = isRepeated
    }

    func run() async -> CrashTally {
        say("crash proof: seed \(seed), \(rounds) rounds")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<(isRepeated ? 1 : 2) {
                group.addTask { [self] in
                    while let (seed, count) = await next() { await series(seed, count) }
                }
            }
        }
        say("\(tally.details)\ncrash proof: seed \(seed): \(tally.summary)")
        return tally
    }

    /// The seed of the next stand, and its rounds.
    private func next() -> (UInt64, Int)? {
        let left = rounds - begun
        guard left > 0 else { return nil }
        // A short proof is shared by both.
        let count = min(left, CrashStand.rounds, max(1, isRepeated ? rounds : (rounds + 1) / 2))
        begun += count
        defer { stands += 1 }
        return (seed &+ stands &* 4, count)
    }

    private nonisolated func series(_ seed: UInt64, _ count: Int) async {
        do {
            let stand = try await CrashStand(seed: seed)
            for round in 0..<count { await take(try await stand.round(round)) }
        } catch {
            var broken = CrashTally()
            broken.find(.other, "the stand broke down: \(error)")
            await take(broken.named("\(seed)"))
        }
    }

    private func take(_ round: CrashTally) {
        tally.add(round)
        for (finding, text) in round.findings { say("\(finding.rawValue): \(text)") }
        if tally.rounds % 25 == 0, round.rounds > 0 {
            let seconds = (ContinuousClock.now - start).components.seconds
            say("\(seconds) s: \(tally.summary)")
        }
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
