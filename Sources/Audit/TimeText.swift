package import Calls

/// The spelling of a time; that of its millisecond is kept, because many lines share it.
struct TimeText {
    private var time = Timestamp(milliseconds: .min)
    private var text: [UInt8] = []

    mutating func spelling(of time: Timestamp) -> [UInt8] {
        if time != self.time {
            self.time = time
            text = Array(time.description.utf8)
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
