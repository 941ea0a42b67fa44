import Synchronization

/// Memory that all bodies have together: while calls are read, and while held ones wait.
final class MemoryBudget: Sendable {
    /// What every body has without being counted: a small one comes in one read.
    static let free = 16 << 10
    private static let step = 64 << 10

    private let left: Atomic<Int>

    init(_ bytes: Int) { left = Atomic(bytes) }

    /// Takes what `size` needs beyond what is `reserved`; false where there is no more.
    func take(_ reserved: inout Int, upTo size: Int) -> Bool {
        guard size > MemoryBudget.free, size > reserved else { return true }
        let more = size - reserved + MemoryBudget.step
        guard left.subtract(more, ordering: .relaxed).newValue >= 0 else {
            left.add(more, ordering: .relaxed)
            return false
        }
        reserved += more
        return true
    }

    func give(_ reserved: inout Int) {
        guard reserved > 0 else { return }
        left.add(reserved, ordering: .relaxed)
        reserved = 0
    }

    var available: Int { left.load(ordering: .relaxed) }
}
