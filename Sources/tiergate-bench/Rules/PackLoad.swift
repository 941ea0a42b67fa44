import Calls
import Proxy
import Rules

/// What loading packs takes, from the files on disk to a set that judges: reading and hashing them, composing, checking,
/// compiling.
enum PackLoad {
    private static let rounds = 10

    static func report(_ directory: String, now: Timestamp) throws -> String {
        var best = Double.infinity
        var size = ""
        for _ in 0..<rounds {
            var outcome: Result<(RuleSet?, [Diagnostic]), any Error> = .success((nil, []))
            let taken = RulesBench.cpu { outcome = Result { try RuleFiles.load([directory], now: now) } }
            let (set, diagnostics) = try outcome.get()
            guard let set else {
                throw BenchFailure(diagnostics.first?.rendered ?? "there are no rules in \(directory)")
            }
            best = min(best, taken)
            size = "\(set.packNames.count) packs, \(set.ruleCount) rules, \(set.tests.count) tests"
        }
        return "\(directory): \(size) load in \(Decimal.text(best / 1e6, places: 1)) ms (CPU, the best of \(rounds))\n"
    }
}
