import Testing

@testable import tiergate_bench

@Suite struct DecimalTests {
    @Test(
        "a figure has the places that are asked for, rounded",
        arguments: [
            (1.005, 1, "1.0"), (0.05, 2, "0.05"), (12.345, 0, "12"), (-0.66, 1, "-0.7"), (-0.01, 1, "0.0"),
            (99.99, 1, "100.0"), (.nan, 2, "-"), (.infinity, 2, "-"),
        ] as [(Double, Int, String)])
    func places(value: Double, places: Int, expected: String) {
        #expect(Decimal.text(value, places: places) == expected)
    }

    @Test(
        "without, it has about three digits that count",
        arguments: [(0.714, "0.71"), (42.16, "42.2"), (7513.4, "7513")] as [(Double, String)])
    func digits(value: Double, expected: String) { #expect(Decimal.text(value) == expected) }
}
