package import Calls

/// The spelling of a time; that of its second is kept, because many lines share it.
struct TimeText {
    private var second = Timestamp(milliseconds: .min)
    private var time = Timestamp(milliseconds: .min)
    private var text: [UInt8] = []

    mutating func spelling(of time: Timestamp) -> [UInt8] {
        guard time != self.time else { return text }
        self.time = time
        if time >= second, time < second + .seconds(1) {
            // `….678Z`: the last four bytes are three digits and the letter.
            var rest = (time - second).milliseconds
            for place in [2, 3, 4] {
                text[text.count - place] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        } else {
            text = Array(time.description.utf8)
            let part = time.milliseconds % 1000
            second = Timestamp(milliseconds: time.milliseconds - (part < 0 ? part + 1000 : part))
        }
        return text
    }
}

extension Timestamp {
    /// From the one spelling that lines have, `2026-11-21T03:04:05.678Z`; nil for anything else.
    package init?(spelling text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 24 else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            let digits = bytes[range]
            guard digits.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), let rest = number(20..<23),
            1...12 ~= month
        else { return nil }
        // Days from a civil date, after Howard Hinnant.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        self.init(milliseconds: (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + rest)
        guard description == text else { return nil }
    }
}
