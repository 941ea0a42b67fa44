import Calls
import JSON

/// A day as `until` names it: `2027-06-30`.
struct CivilDate: Hashable, Sendable {
    let spelling: String
    /// The first moment after the day, in UTC.
    let end: Timestamp

    init?(_ text: Text) {
        let parts = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.joined().allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int64($1 &- 0x30) } }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year >= 1970, (1...12).contains(month), day >= 1, day <= lengths[Int(month) - 1] else { return nil }
        // Days from civil date, after Howard Hinnant's proleptic Gregorian algorithm.
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        spelling = text.string
        end = Timestamp(milliseconds: (days + 1) * 86_400_000)
    }
}
