import Synchronization
import System

/// Tells the hold store how far the journal is on disk: rarely enough that it costs nothing, and of every second's last
/// line.
final class JournalMarker: Sendable {
    /// Milliseconds between two times.
    static let pause: Int64 = 1000

    private let tell: @Sendable (JournalHead) -> Void
    /// Milliseconds that never go backwards.
    private let now: @Sendable () -> Int64
    private let last = Mutex<Int64>(.min)

    init(
        _ tell: @escaping @Sendable (JournalHead) -> Void,
        now: @escaping @Sendable () -> Int64 = { SystemClock.monotonic() }
    ) {
        self.tell = tell
        self.now = now
    }

    func offer(_ head: JournalHead?) {
        guard let head, head.seq > 0 else { return }
        let now = now()
        let isTime = last.withLock { last in
            guard last == .min || now - last >= Self.pause else { return false }
            last = now
            return true
        }
        if isTime { tell(head) }
    }

    func finish(_ head: JournalHead?) {
        if let head, head.seq > 0 { tell(head) }
    }
}
