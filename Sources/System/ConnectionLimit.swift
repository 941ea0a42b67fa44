import Synchronization

/// How many connections several listeners may have open together.
package final class ConnectionLimit: Sendable {
    package let limit: Int
    private let count = Atomic<Int>(0)

    package init(_ limit: Int) { self.limit = limit }

    package var open: Int { count.load(ordering: .relaxed) }
    package var isReached: Bool { open >= limit }

    func enter() { count.add(1, ordering: .relaxed) }
    func leave() { count.subtract(1, ordering: .relaxed) }
}
