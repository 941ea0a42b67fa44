import JSON

/// The proleptic Gregorian calendar.
enum Calendar {
    /// Days since 1970 (Howard Hinnant's days_from_civil).
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }

    static func daysInMonth(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: isLeap(year) ? 29 : 28
        default: 31
        }
    }

    static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// Sunday is 0.
    static func weekday(days: Int64) -> Int64 { ((days + 4) % 7 + 7) % 7 }

    /// A part of a point in time, as the clocks of a zone show it.
    static func field(_ function: Function, of instant: Instant, in zone: TimeZone) throws(EvaluationError) -> Value {
        let local = instant.seconds + Int64(zone.offset(at: instant.seconds))
        let days = (local >= 0 ? local : local - 86_399) / 86_400
        let second = local - days * 86_400
        let date = date(days: days)
        switch function {
        case .getFullYear: return .int(date.year)
        case .getMonth: return .int(date.month - 1)
        case .getDate: return .int(date.day)
        case .getDayOfMonth: return .int(date.day - 1)
        case .getDayOfWeek: return .int(weekday(days: days))
        case .getDayOfYear: return .int(days - self.days(year: date.year, month: 1, day: 1))
        case .getHours: return .int(second / 3_600)
        case .getMinutes: return .int(second % 3_600 / 60)
        case .getSeconds: return .int(second % 60)
        case .getMilliseconds: return .int(Int64(instant.nanoseconds) / 1_000_000)
        default: throw .noSuchOverload(function.name)
        }
    }
}
