/// How long each of many things took.
struct Latencies: Sendable {
    private var nanoseconds: [Int64] = []

    var count: Int { nanoseconds.count }

    mutating func append(from start: Moment, to end: Moment) {
        nanoseconds.append(end.nanoseconds - start.nanoseconds)
    }

    mutating func append(_ others: Latencies) { nanoseconds += others.nanoseconds }

    /// Microseconds that this share of them took at most (nearest rank); nil where there is nothing.
    func percentile(_ share: Double) -> Double? {
        guard !nanoseconds.isEmpty else { return nil }
        let sorted = nanoseconds.sorted()
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return Double(sorted[min(max(rank, 1), sorted.count) - 1]) / 1000
    }
}
