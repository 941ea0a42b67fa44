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

extension Instant {
    /// RFC 3339 in UTC, with as many digits of the second as there are.
    var text: Text {
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let second = seconds - days * 86_400
        let date = Calendar.date(days: days)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(second / 3_600, 2)):\(padded(second % 3_600 / 60, 2)):\(padded(second % 60, 2))"
        if nanoseconds > 0 {
            var fraction = padded(Int64(nanoseconds), 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += "." + fraction
        }
        return Text(text + "Z")
    }

    /// RFC 3339: `2026-11-21T16:27:57.5+01:00`. Nil for anything else.
    init?(_ text: ByteString) {
        guard text.count >= 20 else { return nil }
        func number(_ start: Int, _ count: Int) -> Int64? {
            var number: Int64 = 0
            for index in start..<start + count {
                guard index < text.count, text[index].isDigit else { return nil }
                number = number * 10 + Int64(text[index] - 0x30)
            }
            return number
        }
        guard let year = number(0, 4), text[4] == 0x2D, let month = number(5, 2), text[7] == 0x2D,
            let day = number(8, 2), text[10] | 0x20 == UInt8(ascii: "t"), let hour = number(11, 2), text[13] == 0x3A,
            let minute = number(14, 2), text[16] == 0x3A, let second = number(17, 2),
            1...12 ~= month, 1...Calendar.daysInMonth(month, of: year) ~= day, hour < 24, minute < 60, second < 60
        else { return nil }
        var index = 19
        var nanoseconds: Int64 = 0
        if text[index] == UInt8(ascii: ".") {
            index += 1
            var scale: Int64 = 100_000_000
            let start = index
            while index < text.count, text[index].isDigit {
                nanoseconds += Int64(text[index] - 0x30) * scale
                scale /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        guard index < text.count else { return nil }
        var offset: Int64 = 0
        switch text[index] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"): guard index + 1 == text.count else { return nil }
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard index + 6 == text.count, let hours = number(index + 1, 2), text[index + 3] == 0x3A,
                let minutes = number(index + 4, 2), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (text[index] == UInt8(ascii: "-") ? -60 : 60)
        default: return nil
        }
        let days = Calendar.days(year: year, month: month, day: day)
        self.init(
            seconds: days * 86_400 + hour * 3_600 + minute * 60 + second - offset, nanoseconds: nanoseconds)
    }
}

/// Durations as they are written: `1h30m`, `-1.5s`.
enum DurationText {
    /// Decimal seconds.
    static func write(_ nanoseconds: Int64) -> [UInt8] {
        let magnitude = nanoseconds.magnitude
        let (seconds, rest) = magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var text = (nanoseconds < 0 ? "-" : "") + String(seconds)
        if rest > 0 {
            let digits = String(rest)
            var fraction = String(repeating: "0", count: 9 - digits.utf8.count) + digits
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += "." + fraction
        }
        return Array((text + "s").utf8)
    }

    enum Refusal: Error { case malformed, outOfRange }

    static func read(_ text: ByteString) throws(Refusal) -> Int64 {
        var bytes = text.slice
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        if bytes.elementsEqual([0x30]) { return 0 }
        guard !bytes.isEmpty else { throw .malformed }
        var total: Int64 = 0
        while !bytes.isEmpty {
            let whole = bytes.prefix(while: \.isDigit)
            bytes = bytes.dropFirst(whole.count)
            var fraction = bytes.prefix(0)
            if bytes.first == UInt8(ascii: ".") {
                fraction = bytes.dropFirst().prefix(while: \.isDigit)
                bytes = bytes.dropFirst(fraction.count + 1)
            }
            guard !whole.isEmpty || !fraction.isEmpty else { throw .malformed }
            let name = bytes.prefix { !$0.isDigit && $0 != UInt8(ascii: ".") }
            bytes = bytes.dropFirst(name.count)
            guard let unit = units[String(decoding: name, as: UTF8.self)] else { throw .malformed }
            var part: Int64 = 0
            for digit in whole {
                let (product, first) = part.multipliedReportingOverflow(by: 10)
                let (sum, second) = product.addingReportingOverflow(Int64(digit - 0x30))
                guard !first, !second else { throw .outOfRange }
                part = sum
            }
            let (product, first) = part.multipliedReportingOverflow(by: unit)
            guard !first else { throw .outOfRange }
            // Digits below a nanosecond are left out.
            var (scale, behind) = (unit, Int64(0))
            for digit in fraction where scale > 0 {
                behind += Int64(digit - 0x30) * scale / 10
                scale /= 10
            }
            let (sum, second) = product.addingReportingOverflow(behind)
            let (next, third) = total.addingReportingOverflow(sum)
            guard !second, !third else { throw .outOfRange }
            total = next
        }
        return isNegative ? -total : total
    }

    private static let units: [String: Int64] = [
        "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]
}
