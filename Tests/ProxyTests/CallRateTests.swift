import Testing

@testable import Proxy

@Suite struct CallRateTests {
    @Test("a burst passes at once, later calls are put in line, and one too far behind is refused") func bucket() {
        let rate = CallRate(calls: 10, burst: 3)
        for _ in 0..<3 { #expect(rate.take(at: 1000, longest: 250) == .now) }
        #expect(rate.take(at: 1000, longest: 250) == .after(100))
        #expect(rate.take(at: 1000, longest: 250) == .after(200))
        #expect(rate.take(at: 1000, longest: 250) == .refused(retryAfter: 300))
        // A refused call has taken no place.
        #expect(rate.take(at: 1100, longest: 250) == .after(200))
        #expect(rate.take(at: 5000, longest: 250) == .now)
    }

    @Test("without a rate there is no limit") func unlimited() {
        let rate = CallRate(calls: nil, burst: nil)
        #expect((0..<10_000).allSatisfy { _ in rate.take(at: 0, longest: 0) == .now })
    }

    @Test("the burst is a second's calls where nothing else is said", arguments: [1, 7, 1000]) func second(calls: Int) {
        let rate = CallRate(calls: calls, burst: nil)
        for _ in 0..<calls { #expect(rate.take(at: 0, longest: 0) == .now) }
        #expect(rate.take(at: 0, longest: 0) != .now)
    }
}
