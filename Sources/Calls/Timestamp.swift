/// A moment of wall-clock time in milliseconds since 1970-01-01T00:00:00Z.
///
/// Pure modules are handed one; only System asks the kernel.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
    package static func + (a: Timestamp, b: Interval) -> Timestamp {
        Timestamp(milliseconds: a.milliseconds &+ b.milliseconds)
    }
    package static func - (a: Timestamp, b: Timestamp) -> Interval {
        Interval(milliseconds: a.milliseconds &- b.milliseconds)
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-21T03:04:05.678Z`.
    package var description: String {
        let days = milliseconds.floorDivided(by: 86_400_000)
        // Not `milliseconds - days * 86_400_000`, whose product does not fit at the beginning of time.
        let remainder = milliseconds % 86_400_000
        let rest = remainder < 0 ? remainder + 86_400_000 : remainder
        // Days to civil date, after Howard Hinnant's proleptic Gregorian algorithm.
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ n: Int64) -> String { n < 10 ? "0\(n)" : "\(n)" }
        func padded(_ n: Int64, _ width: Int) -> String {
            let digits = String(n.magnitude)
            return (n < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let time = "\(two(rest / 3_600_000)):\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60))"
        return "\(padded(year, 4))-\(two(month))-\(two(day))T\(time).\(padded(rest % 1000, 3))Z"
    }
}

/// A span of time in milliseconds.
package struct Interval: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func seconds(_ n: Int64) -> Interval { Interval(milliseconds: n &* 1000) }
    package static func minutes(_ n: Int64) -> Interval { .seconds(n &* 60) }
    package static func hours(_ n: Int64) -> Interval { .minutes(n &* 60) }
    package static func days(_ n: Int64) -> Interval { .hours(n &* 24) }
    package static func < (a: Interval, b: Interval) -> Bool { a.milliseconds < b.milliseconds }

    /// The two largest units, as a person says them: `2 h 5 min`, `43 s`.
    package var spoken: String {
        let seconds = max(0, milliseconds / 1000)
        let units: [(Int64, String)] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        var rest = seconds
        var parts: [String] = []
        for (size, name) in units where rest >= size && parts.count < 2 {
            parts.append("\(rest / size) \(name)")
            rest %= size
        }
        return parts.isEmpty ? "0 s" : parts.joined(separator: " ")
    }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
