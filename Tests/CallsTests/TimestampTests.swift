import Calls
import Testing

struct TimestampTests {
    @Test(
        "a moment is written as RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (1_795_230_245_678, "2026-11-21T03:04:05.678Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"),
            (Int64.max, "292278994-08-17T07:12:55.807Z"), (Int64.min, "-292275055-05-16T16:47:04.192Z"),
        ])
    func description(_ milliseconds: Int64, _ expected: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == expected)
    }

    @Test("days follow each other without gap or repeat over 400 years")
    func calendar() {
        var previous = ""
        for day in stride(from: Int64(0), to: 146_097, by: 1) {
            let text = String(Timestamp(milliseconds: day * 86_400_000).description.prefix(10))
            #expect(text > previous)
            previous = text
        }
        #expect(previous == "2369-12-31")
    }

    @Test("time added and taken away again is the same moment, and never traps")
    func arithmetic() {
        let moment = Timestamp(milliseconds: 1_000)
        #expect(moment + .minutes(1) == Timestamp(milliseconds: 61_000))
        #expect((moment + .hours(2)) - moment == .hours(2))
        #expect(moment < moment + Interval(milliseconds: 1))
        _ = Timestamp(milliseconds: .max) + .days(1)
        _ = Timestamp(milliseconds: .min) - Timestamp(milliseconds: .max)
        _ = Interval.days(.max)
    }
}

struct IntervalTests {
    @Test(
        "a span is spoken in its two largest units",
        arguments: [
            (0, "0 s"), (999, "0 s"), (1_000, "1 s"), (43_000, "43 s"), (60_000, "1 min"), (61_500, "1 min 1 s"),
            (3_600_000, "1 h"), (7_500_000, "2 h 5 min"), (7_543_000, "2 h 5 min"), (86_400_000, "1 d"),
            (90_000_000, "1 d 1 h"), (604_799_000, "6 d 23 h"), (604_800_000, "7 d"), (-5_000, "0 s"),
        ] as [(Int64, String)])
    func spoken(_ milliseconds: Int64, _ expected: String) {
        #expect(Interval(milliseconds: milliseconds).spoken == expected)
    }

    @Test("spans at the ends of their range are spoken too")
    func extremes() {
        #expect(Interval(milliseconds: .max).spoken == "106751991167 d 7 h")
        #expect(Interval(milliseconds: .min).spoken == "0 s")
    }

    @Test("units are multiples of each other")
    func units() {
        #expect(Interval.days(1) == .hours(24) && Interval.hours(1) == .minutes(60))
        #expect(Interval.minutes(1) == .seconds(60) && Interval.seconds(1).milliseconds == 1_000)
        #expect(Interval.seconds(1) < .minutes(1))
    }
}
