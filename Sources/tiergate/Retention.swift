import Calls
import Holds
import Stores
import System

/// Has the store forget holds that ended long ago, a few at a time and beside everything else.
struct Retention: Sendable {
    let store: SQLiteHoldStore
    /// How long after their end; nil: for ever.
    let keep: Interval?

    /// Holds in one transaction: few enough that a hold which shares it does not wait noticeably.
    static let batch = 64
    /// Milliseconds between two looks.
    static let pause: Int64 = 60_000

    /// Looks now and every minute, until the loop stops.
    func begin(on loop: EventLoop) {
        guard keep != nil else { return }
        loop.spawn {
            while !loop.isStopping, await sweep(at: Timestamp(milliseconds: SystemClock.wall())) == Self.batch {}
        }
        loop.timer(at: loop.now + Self.pause) {
            if !loop.isStopping { begin(on: loop) }
        }
    }

    /// Forgets one batch and returns how many holds it was; a store in trouble is asked again at the next look.
    func sweep(at now: Timestamp) async -> Int {
        guard let keep else { return 0 }
        let before = Timestamp(milliseconds: now.milliseconds - keep.milliseconds)
        return (try? await store.forget(endedBefore: before, limit: Self.batch)) ?? 0
    }
}
