import Synchronization

/// A token bucket in one word: when the bucket would be empty at the rate that was allowed (the generic cell rate
/// algorithm), so that taking from it needs no lock.
final class CallRate: Sendable {
    enum Turn: Hashable {
        case now
        /// The place is taken, and it is this many milliseconds away.
        case after(Int64)
        /// Too far away: none is taken.
        case refused(retryAfter: Int64)
    }

    /// Microseconds from one call to the next; 0 sets no limit.
    private let interval: Int64
    /// Microseconds by which calls may be early.
    private let slack: Int64
    private let next = Atomic<Int64>(.min)

    init(calls perSecond: Int?, burst: Int?) {
        interval = perSecond.map { max(1, 1_000_000 / Int64(max(1, $0))) } ?? 0
        slack = interval * Int64(max(1, burst ?? perSecond ?? 1) - 1)
    }

    /// - Parameters:
    ///   - now: monotonic milliseconds.
    ///   - longest: milliseconds that a place may be away.
    func take(at now: Int64, longest: Int64) -> Turn {
        guard interval > 0 else { return .now }
        let now = now * 1000
        var seen = next.load(ordering: .relaxed)
        while true {
            let place = max(seen, now)
            let delay = place - slack - now
            guard delay <= longest * 1000 else { return .refused(retryAfter: (delay + 999) / 1000) }
            let (exchanged, original) = next.weakCompareExchange(
                expected: seen, desired: place + interval, ordering: .relaxed)
            if exchanged { return delay > 0 ? .after((delay + 999) / 1000) : .now }
            seen = original
        }
    }
}
