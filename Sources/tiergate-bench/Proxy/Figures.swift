/// All that was measured, by load, peer, metric and run.
struct Figures {
    struct Key: Hashable {
        let load: ProxyLoad
        let peer: String
        let metric: Metric
    }

    private var values: [Key: [Int: Double]] = [:]

    mutating func add(_ value: Double?, _ load: ProxyLoad, _ peer: String, _ metric: Metric, run: Int) {
        guard let value, value.isFinite else { return }
        values[Key(load: load, peer: peer, metric: metric), default: [:]][run] = value
    }

    /// In the order of the runs.
    func values(_ load: ProxyLoad, _ peer: String, _ metric: Metric) -> [Double] {
        let byRun = values[Key(load: load, peer: peer, metric: metric)] ?? [:]
        return byRun.sorted { $0.key < $1.key }.map(\.value)
    }

    func spread(_ load: ProxyLoad, _ peer: String, _ metric: Metric) -> Spread? {
        Spread(values(load, peer, metric))
    }

    /// Of two peers in the same runs; what the machine did to both at the time counts less.
    func spread(
        _ load: ProxyLoad, _ metric: Metric, of peer: String, and other: String, _ compare: (Double, Double) -> Double?
    ) -> Spread? {
        let mine = values[Key(load: load, peer: peer, metric: metric)] ?? [:]
        let theirs = values[Key(load: load, peer: other, metric: metric)] ?? [:]
        return Spread(mine.compactMap { run, value in theirs[run].flatMap { compare(value, $0) } })
    }
}
