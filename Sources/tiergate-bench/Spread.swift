/// One figure over several runs: its median, and the interval that all of them lie in.
struct Spread: Hashable, Sendable {
    let median: Double
    let least: Double
    let most: Double

    /// Nil where nothing was measured.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        self.least = least
        self.most = most
    }
}
