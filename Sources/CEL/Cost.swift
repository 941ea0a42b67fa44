/// What evaluating an expression may cost, before it is known on what.
enum Cost {
    /// Operations, with what is inside of a macro counted for each element that its range may have.
    static func estimate(_ syntax: Syntax, _ limits: Limits) -> Int {
        var costs: [Int] = []
        costs.reserveCapacity(syntax.nodes.count)
        for node in syntax.nodes {
            func cost(_ operand: Int) -> Int { operand < costs.count ? costs[operand] : 0 }
            guard case .comprehension(let loop) = node.kind else {
                var sum = 1
                node.kind.forEachOperand { sum = saturating(sum, cost($0)) }
                costs.append(sum)
                continue
            }
            var length = limits.estimatedLength
            if case .list(let elements) = syntax[loop.range].kind { length = elements.count }
            let once = saturating(cost(loop.body), loop.condition.map(cost) ?? 0)
            let (all, overflow) = once.multipliedReportingOverflow(by: length)
            costs.append(saturating(cost(loop.range), overflow ? .max : all))
        }
        return syntax.root < costs.count ? costs[syntax.root] : 0
    }

    private static func saturating(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }
}
