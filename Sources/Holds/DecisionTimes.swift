import Calls
import Synchronization

/// How long people took to decide lately, by rule and by tier: what an agent may expect.
final class DecisionTimes: Sendable {
    /// Decisions remembered of each rule, the latest.
    static let each = 32
    /// Rules remembered; beyond it counting begins anew.
    static let rules = 1024
    /// Fewer decisions say nothing.
    static let least = 3

    private let times = Mutex<[String: [Int64]]>([:])

    func note(_ hold: Hold, decidedAt time: Timestamp) {
        let taken = max(0, (time - hold.created).milliseconds)
        times.withLock { times in
            for key in DecisionTimes.keys(of: hold) {
                if times.count >= DecisionTimes.rules, times[key] == nil { times.removeAll(keepingCapacity: true) }
                times[key, default: []].append(taken)
                if times[key, default: []].count > DecisionTimes.each { times[key]?.removeFirst() }
            }
        }
    }

    /// The median of what this hold's rule took, or where too few of it were decided, of its tier; nil where too few of
    /// either were.
    func usual(of hold: Hold) -> Interval? {
        times.withLock { times in
            for key in DecisionTimes.keys(of: hold) {
                guard let known = times[key], known.count >= DecisionTimes.least else { continue }
                return known.sorted().dropFirst(known.count / 2).first.map { Interval(milliseconds: $0) }
            }
            return nil
        }
    }

    private static func keys(of hold: Hold) -> [String] {
        hold.facts.rules.prefix(1).map { "rule \($0)" } + ["tier \(hold.facts.tier.rawValue)"]
    }
}
