/// What holds after the last transition of a file: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX TZ, RFC 9636 section 3.3).
struct ZoneRule: Sendable {
    private enum Day: Sendable {
        /// Of a month, from the end with week 5.
        case week(month: Int64, week: Int64, weekday: Int64)
        /// From 1, 29 February never counted.
        case julian(Int64)
        /// From 0, 29 February counted.
        case ordinal(Int64)

        func days(in year: Int64) -> Int64 {
            let new = Calendar.days(year: year, month: 1, day: 1)
            switch self {
            case .ordinal(let day): return new + day
            case .julian(let day): return new + day - (day >= 60 && Calendar.isLeap(year) ? 0 : 1)
            case .week(let month, let week, let weekday):
                let first = Calendar.days(year: year, month: month, day: 1)
                var day = 1 + (weekday - Calendar.weekday(days: first) + 7) % 7 + (week - 1) * 7
                while day > Calendar.daysInMonth(month, of: year) { day -= 7 }
                return first + day - 1
            }
        }
    }

    private struct Change: Sendable {
        let day: Day
        /// Seconds after midnight; can be negative or more than a day.
        let time: Int64
    }

    private let standard: Int32
    private let summer: (offset: Int32, start: Change, end: Change)?

    init?(_ text: ArraySlice<UInt8>) {
        var reader = Reader(rest: text)
        guard reader.name(), let standard = reader.time() else { return nil }
        self.standard = Int32(-standard)
        guard !reader.rest.isEmpty else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var offset = Int32(-standard) + 3_600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let given = reader.time() else { return nil }
            offset = Int32(-given)
        }
        guard let start = reader.change(), let end = reader.change(), reader.rest.isEmpty else { return nil }
        summer = (offset, start, end)
    }

    func offset(at seconds: Int64) -> Int32 {
        guard let summer else { return standard }
        let local = seconds + Int64(standard)
        let year = Calendar.date(days: (local >= 0 ? local : local - 86_399) / 86_400).year
        let start = summer.start.day.days(in: year) * 86_400 + summer.start.time - Int64(standard)
        let end = summer.end.day.days(in: year) * 86_400 + summer.end.time - Int64(summer.offset)
        // South of the equator summer is around the new year.
        let isSummer = start < end ? seconds >= start && seconds < end : seconds >= start || seconds < end
        return isSummer ? summer.offset : standard
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func accept(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func name() -> Bool {
            if accept(UInt8(ascii: "<")) {
                rest = rest.drop { $0 != UInt8(ascii: ">") }
                return accept(UInt8(ascii: ">"))
            }
            let letters = rest.prefix { ($0 | 0x20) &- 0x61 < 26 }.count
            rest = rest.dropFirst(letters)
            return letters >= 3
        }

        mutating func number() -> Int64? {
            let digits = rest.prefix(while: \.isDigit)
            guard 1...3 ~= digits.count else { return nil }
            rest = rest.dropFirst(digits.count)
            return Int64(String(decoding: digits, as: UTF8.self))
        }

        /// `[+-]h[h[h]][:mm[:ss]]` in seconds.
        mutating func time() -> Int64? {
            let isNegative = accept(UInt8(ascii: "-"))
            if !isNegative { _ = accept(UInt8(ascii: "+")) }
            guard var total = number().map({ $0 * 3_600 }), total <= 167 * 3_600 else { return nil }
            for unit in [60, 1] as [Int64] where accept(UInt8(ascii: ":")) {
                guard let part = number(), part < 60 else { return nil }
                total += part * unit
            }
            return isNegative ? -total : total
        }

        mutating func change() -> Change? {
            guard accept(UInt8(ascii: ",")) else { return nil }
            let day: Day
            if accept(UInt8(ascii: "M")) {
                guard let month = number(), 1...12 ~= month, accept(UInt8(ascii: ".")), let week = number(),
                    1...5 ~= week, accept(UInt8(ascii: ".")), let weekday = number(), 0...6 ~= weekday
                else { return nil }
                day = .week(month: month, week: week, weekday: weekday)
            } else if accept(UInt8(ascii: "J")) {
                guard let number = number(), 1...365 ~= number else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(), 0...365 ~= number else { return nil }
                day = .ordinal(number)
            }
            guard accept(UInt8(ascii: "/")) else { return Change(day: day, time: 7_200) }
            return time().map { Change(day: day, time: $0) }
        }
    }
}
