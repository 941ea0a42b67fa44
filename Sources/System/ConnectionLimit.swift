import Synchronization

/// How many connections several listeners may have open together.
package final class ConnectionLimit: Sendable {
    package let limit: Int
    private let count = Atomic<Int>(0)

    package init(_ limit: Int) { self.limit = limit }

    package var open: Int { count.load(ordering: .relaxed) }
    package var isReached: Bool { open >= limit }

    package func enter() -> Place {
        count.add(1, ordering: .relaxed)
        return Place(self)
    }

    /// One connection's; it is free again when nobody has this value any more.
    package final class Place: Sendable {
        private let limit: ConnectionLimit

        init(_ limit: ConnectionLimit) { self.limit = limit }

        deinit { limit.count.subtract(1, ordering: .relaxed) }
    }
}
