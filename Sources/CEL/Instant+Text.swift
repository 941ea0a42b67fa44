import JSON

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
