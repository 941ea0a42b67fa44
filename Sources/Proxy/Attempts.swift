import Calls
import Synchronization

/// How often the agent has been told that a hold still waits.
final class Attempts: Sendable {
    /// Holds remembered; beyond it counting begins anew, and an agent is told 503 once more than it would have been.
    static let capacity = 100_000

    private let counts = Mutex<[HoldID: Int]>([:])

    /// Counts one more, and says which it is: 1 for the first.
    func next(for id: HoldID) -> Int {
        counts.withLock { counts in
            if counts.count >= Attempts.capacity, counts[id] == nil { counts.removeAll(keepingCapacity: true) }
            counts[id, default: 0] += 1
            return counts[id, default: 1]
        }
    }
}
