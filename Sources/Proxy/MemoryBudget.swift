import Synchronization

/// Memory that bodies have together: while calls are read, and while held ones wait.
///
/// A session's budget is a part of everybody's: what it takes is taken from both.
final class MemoryBudget: Sendable {
    /// What every body has without being counted: a small one comes in one read.
    static let free = 16 << 10
    private static let step = 64 << 10

    private let left: Atomic<Int>
    private let whole: MemoryBudget?

    /// What there was too little of.
    enum Shortage: Hashable {
        case own
        case everybodys
    }

    init(_ bytes: Int, of whole: MemoryBudget? = nil) {
        left = Atomic(bytes)
        self.whole = whole
    }

    /// Takes what `size` needs beyond what is `reserved`; says where there is no more.
    func take(_ reserved: inout Int, upTo size: Int) -> Shortage? {
        guard size > MemoryBudget.free, size > reserved else { return nil }
        let more = size - reserved + MemoryBudget.step
        guard take(more) else { return .own }
        guard whole?.take(more) ?? true else {
            left.add(more, ordering: .relaxed)
            return .everybodys
        }
        reserved += more
        return nil
    }

    private func take(_ bytes: Int) -> Bool {
        guard left.subtract(bytes, ordering: .relaxed).newValue < 0 else { return true }
        left.add(bytes, ordering: .relaxed)
        return false
    }

    func give(_ reserved: inout Int) {
        guard reserved > 0 else { return }
        left.add(reserved, ordering: .relaxed)
        whole?.left.add(reserved, ordering: .relaxed)
        reserved = 0
    }

    var available: Int { left.load(ordering: .relaxed) }
}
