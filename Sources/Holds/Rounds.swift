import Calls
import Synchronization

/// How often what a session wants was rejected or went stale, by the shape of the call: method, host, and path without
/// what looks like an id.
final class Rounds: Sendable {
    /// From so many on, somebody should look at the agent.
    static let limit = 3
    /// Shapes remembered; beyond it counting begins anew.
    static let remembered = 10_000

    private let counts = Mutex<[String: Int]>([:])

    /// Counts one more.
    func note(_ hold: Hold) -> Int {
        let shape = Rounds.shape(of: hold)
        return counts.withLock { counts in
            if counts.count >= Rounds.remembered, counts[shape] == nil { counts.removeAll(keepingCapacity: true) }
            let count = counts[shape, default: 0] + 1
            counts[shape] = count
            return count
        }
    }

    /// A call of this shape was let go.
    func clear(_ hold: Hold) {
        let shape = Rounds.shape(of: hold)
        counts.withLock { _ = $0.removeValue(forKey: shape) }
    }

    static func shape(of hold: Hold) -> String {
        let path = hold.facts.target.prefix { $0 != "?" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).enumerated().map { index, part in
            // The scheme and the host are not parts of the path: `https:`, nothing, the host.
            index > 2 && part.utf8.contains { $0 &- 0x30 < 10 } ? "*" : part
        }
        return "\(hold.session) \(hold.facts.method) \(parts.joined(separator: "/"))"
    }
}
