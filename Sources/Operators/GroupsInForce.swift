import Synchronization

/// The groups that count now; replaced whole or not at all.
package final class GroupsInForce: Sendable {
    private let groups: Mutex<OperatorGroups>

    package init(_ groups: OperatorGroups) { self.groups = Mutex(groups) }

    package var current: OperatorGroups { groups.withLock { $0 } }

    package func replace(with next: OperatorGroups) { groups.withLock { $0 = next } }
}
