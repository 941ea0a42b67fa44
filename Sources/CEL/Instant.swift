/// A point in time, of the years 1 to 9999.
package struct Instant: Hashable, Sendable {
    /// Since 1970, rounded down.
    package let seconds: Int64
    package let nanoseconds: Int32

    /// Nil outside of the years that have four digits.
    package init?(seconds: Int64, nanoseconds: Int64 = 0) {
        let (carry, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let borrow: Int64 = rest < 0 ? 1 : 0
        let (sum, overflow) = seconds.addingReportingOverflow(carry - borrow)
        guard !overflow, Self.range.contains(sum) else { return nil }
        self.seconds = sum
        self.nanoseconds = Int32(truncatingIfNeeded: rest + borrow * 1_000_000_000)
    }

    private static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    static func < (a: Instant, b: Instant) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }

    /// A duration later; nil where the sum is out of range.
    func adding(nanoseconds: Int64) -> Instant? {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let (sum, overflow) = seconds.addingReportingOverflow(whole)
        return overflow ? nil : Instant(seconds: sum, nanoseconds: Int64(self.nanoseconds) + rest)
    }

    /// The duration since another instant; nil where 64 bits of nanoseconds are too few.
    func since(_ other: Instant) -> Int64? {
        let (nanos, overflow) = (seconds - other.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, second) = nanos.addingReportingOverflow(Int64(nanoseconds - other.nanoseconds))
        return overflow || second ? nil : sum
    }
}
