import Testing

@testable import tiergate_bench

@Suite struct LatenciesTests {
    private func latencies(_ microseconds: some Sequence<Int64>) -> Latencies {
        var latencies = Latencies()
        let start = Moment(nanoseconds: 5_000_000)
        for time in microseconds {
            latencies.append(from: start, to: Moment(nanoseconds: 5_000_000 + time * 1000))
        }
        return latencies
    }

    @Test(
        "a percentile is the time that this share took at most, whatever order they came in",
        arguments: [(0.5, 50.0), (0.99, 99.0), (0.001, 1.0), (0, 1), (1, 100)] as [(Double, Double)])
    func percentiles(share: Double, expected: Double) {
        #expect(latencies((1...100).reversed()).percentile(share) == expected)
    }

    @Test("of one it is that one, and of none there is none")
    func few() {
        #expect(latencies([7]).percentile(0.99) == 7)
        #expect(latencies([]).percentile(0.5) == nil)
    }

    @Test("those of several connections count together")
    func together() {
        var all = latencies([1, 2])
        all.append(latencies([3, 4]))
        #expect(all.count == 4)
        #expect(all.percentile(1) == 4)
    }
}
