import Testing

@testable import tiergate_bench

@Suite struct BoundTests {
    private func figures(gate: [Double], peer: [Double]) -> Figures {
        var figures = Figures()
        for (run, value) in gate.enumerated() { figures.add(value, .many, GatePeer.name, .rate, run: run) }
        for (run, value) in peer.enumerated() { figures.add(value, .many, "squid", .rate, run: run) }
        return figures
    }

    private func bound(_ limit: Double, isCeiling: Bool, isLenient: Bool = false) -> Bound {
        Bound(
            title: "rate", load: .many, metric: .rate, subject: .ratio("squid"), limit: limit, isCeiling: isCeiling,
            isLenient: isLenient)
    }

    @Test("two peers are compared run by run, and runs that one of them missed are left out")
    func ratio() throws {
        let figures = figures(gate: [20, 60, 90], peer: [10, 20])
        let spread = try #require(bound(2, isCeiling: false).spread(in: figures))
        #expect(spread.least == 2)
        #expect(spread.most == 3)
        #expect(spread.median == 2.5)
    }

    @Test(
        "the median decides; one run is enough only where the bound says so",
        arguments: [
            (2.5, false, false, Bound.Verdict.pass), (2.6, false, false, .miss), (2.6, false, true, .within),
            (3.1, false, true, .miss), (2.5, true, false, .pass), (2.4, true, false, .miss), (2.4, true, true, .within),
            (1.9, true, true, .miss),
        ])
    func verdicts(limit: Double, isCeiling: Bool, isLenient: Bool, expected: Bound.Verdict) {
        let bound = bound(limit, isCeiling: isCeiling, isLenient: isLenient)
        #expect(bound.verdict(on: bound.spread(in: figures(gate: [20, 60], peer: [10, 20]))) == expected)
    }

    @Test("without the other peer there is nothing to say")
    func unmeasured() {
        let bound = bound(1, isCeiling: true)
        #expect(bound.verdict(on: bound.spread(in: figures(gate: [1], peer: []))) == .unmeasured)
    }
}
