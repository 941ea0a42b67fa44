package import Calls
import Synchronization

/// Time that passes when a test says so.
package final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>

    /// Starts at 2026-11-21T12:00:00Z.
    package init() { milliseconds = Mutex(1_795_262_400_000) }

    package var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    package func advance(_ interval: Interval) { milliseconds.withLock { $0 += interval.milliseconds } }
}
