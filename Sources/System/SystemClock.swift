import Glibc

/// The kernel's clocks; the only place that asks them.
package enum SystemClock {
    /// Milliseconds since 1970, for records and deadlines that outlive the process.
    package static func wall() -> Int64 { milliseconds(CLOCK_REALTIME) }

    /// Milliseconds that never go backwards, for time-outs.
    package static func monotonic() -> Int64 { milliseconds(CLOCK_MONOTONIC) }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var now = timespec()
        clock_gettime(clock, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
