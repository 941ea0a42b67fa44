import Synchronization

/// Processes that have an agent's below them: the gate's own where it started one, and each `tiergate run` that joined it.
package final class AgentProcesses: Sendable {
    private let roots = Mutex<[Int32: Int]>([:])

    package init() {}

    package func add(_ pid: Int32) { roots.withLock { $0[pid, default: 0] += 1 } }

    package func remove(_ pid: Int32) {
        roots.withLock { roots in
            let count = (roots[pid] ?? 0) - 1
            roots[pid] = count > 0 ? count : nil
        }
    }

    /// The nearest of these that is one.
    func first(among pids: [Int32]) -> Int32? { roots.withLock { roots in pids.first { roots[$0] != nil } } }
}
