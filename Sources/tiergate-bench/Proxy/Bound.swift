/// What a figure of the gate must be, or must be beside another's.
struct Bound: Sendable {
    enum Subject: Sendable {
        case itself
        /// Divided by that of this peer.
        case ratio(String)
        /// Without that of this peer.
        case added(String)
    }

    enum Verdict: String, Sendable {
        case pass = "PASS"
        /// The median is beyond the bound, and some of the runs are not.
        case within = "PASS (within the interval)"
        case miss = "MISS"
        case unmeasured = "not measured"
    }

    let title: String
    let load: ProxyLoad
    let metric: Metric
    let subject: Subject
    let limit: Double
    /// It may be this at most; else at least.
    let isCeiling: Bool
    /// One run within it is enough, as the difference is smaller than what the machine does to it.
    var isLenient = false

    static let all = [
        Bound(
            title: "CPU/request, c32, of HAProxy's", load: .many, metric: .processor, subject: .ratio("haproxy"),
            limit: 1, isCeiling: true, isLenient: true),
        Bound(
            title: "CPU/request, c32, of Envoy's", load: .many, metric: .processor, subject: .ratio("envoy"),
            limit: 0.65, isCeiling: true),
        Bound(
            title: "requests/s, c32, of mitmproxy's", load: .many, metric: .rate, subject: .ratio("mitmproxy"),
            limit: 30, isCeiling: false),
        Bound(
            title: "requests/s, c32, of Squid's", load: .many, metric: .rate, subject: .ratio("squid"),
            limit: 2.5, isCeiling: false),
        Bound(
            title: "p50 added to direct, c1, us", load: .one, metric: .median, subject: .added("direct"), limit: 60,
            isCeiling: true),
        Bound(
            title: "fresh names/s, of Envoy's", load: .freshNames, metric: .rate, subject: .ratio("envoy"), limit: 1,
            isCeiling: false),
        Bound(
            title: "requests/s of 100 KB, of HAProxy's", load: .large, metric: .rate, subject: .ratio("haproxy"),
            limit: 0.95, isCeiling: false),
        Bound(
            title: "idle TLS connection, KB", load: .idleSecure, metric: .memory, subject: .itself, limit: 20 * 1024,
            isCeiling: true),
        Bound(
            title: "idle plain connection, KB", load: .idlePlain, metric: .memory, subject: .itself, limit: 6 * 1024,
            isCeiling: true),
    ]

    func spread(in figures: Figures) -> Spread? {
        switch subject {
        case .itself: figures.spread(load, GatePeer.name, metric)
        case .ratio(let peer):
            figures.spread(load, metric, of: GatePeer.name, and: peer) { $1 > 0 ? $0 / $1 : nil }
        case .added(let peer):
            figures.spread(load, metric, of: GatePeer.name, and: peer) { $0 - $1 }
        }
    }

    func verdict(on spread: Spread?) -> Verdict {
        guard let spread else { return .unmeasured }
        if isMet(by: spread.median) { return .pass }
        return isLenient && isMet(by: isCeiling ? spread.least : spread.most) ? .within : .miss
    }

    private func isMet(by value: Double) -> Bool { isCeiling ? value <= limit : value >= limit }

    /// The limit and figures as people read them.
    func text(_ value: Double) -> String {
        switch subject {
        case .itself: metric.text(value)
        case .ratio, .added: Decimal.text(value)
        }
    }

    var limitText: String { "\(isCeiling ? "<=" : ">=") \(text(limit))" }
}
