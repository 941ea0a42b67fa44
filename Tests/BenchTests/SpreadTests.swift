import Testing

@testable import tiergate_bench

@Suite struct SpreadTests {
    @Test(
        "the median is the middle of an odd number, and between the middle two of an even one",
        arguments: [([3, 1, 2], 2), ([4, 1, 3, 2], 2.5), ([5], 5)] as [([Double], Double)])
    func median(values: [Double], expected: Double) throws {
        #expect(try #require(Spread(values)).median == expected)
    }

    @Test("the interval has all runs in it, and nothing measured has none")
    func interval() throws {
        let spread = try #require(Spread([2, 9, 4]))
        #expect(spread.least == 2)
        #expect(spread.most == 9)
        #expect(Spread([]) == nil)
    }
}
