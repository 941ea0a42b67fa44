import Glibc

/// A moment of the kernel's monotonic clock, to the nanosecond; the same clock in every process of the machine.
struct Moment: Comparable, Sendable {
    let nanoseconds: Int64

    static func now() -> Moment {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Moment(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
    }

    static func < (a: Moment, b: Moment) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Seconds between two.
    static func - (a: Moment, b: Moment) -> Double { Double(a.nanoseconds - b.nanoseconds) / 1e9 }

    static func + (a: Moment, seconds: Double) -> Moment {
        Moment(nanoseconds: a.nanoseconds + Int64(seconds * 1e9))
    }
}
