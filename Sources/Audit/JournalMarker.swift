import Synchronization
import System

/// Tells the hold store how far the journal is on disk: rarely enough that it costs nothing, and of every second's last
/// line.
final class JournalMarker: Sendable {
    /// Milliseconds between two times.
    static let pause: Int64 = 1000

    private let tell: @Sendable (JournalHead) -> Void
    private let last = Mutex<Int64>(.min)

    init(_ tell: @escaping @Sendable (JournalHead) -> Void) { self.tell = tell }

    func offer(_ head: JournalHead?) {
        guard let head, head.seq > 0 else { return }
        let now = SystemClock.monotonic()
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
