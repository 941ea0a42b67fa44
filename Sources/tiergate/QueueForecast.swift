import Calls
import Holds
import Proxy

/// How many holds a set of rules makes of recorded calls, for each group that would be asked.
///
/// Calls that the gate takes for the same call share a hold as long as that lives; here nobody decides, so it lives until
/// it expires.
struct QueueForecast {
    private struct Sameness: Hashable {
        let high: UInt64
        let low: UInt64

        init(_ bytes: [UInt8]) {
            high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            low = bytes.dropFirst(8).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    private struct Tally {
        var holds = 0
        var days: [Int64: Int] = [:]
        var hours: [Int64: Int] = [:]
    }

    /// What one group would have to decide.
    struct Load: Equatable {
        let group: String
        let holds: Int
        let perDay: Double
        /// Of the days of the recording, those without a hold among them.
        let p95: Int
        let busiestHour: Timestamp
        let busiestHolds: Int
    }

    /// Whom a hold asks that names no group.
    static let anybody = "any operator"
    /// Those that have expired are forgotten when there are so many.
    private static let sweep = 1 << 16

    private var open: [Sameness: Int64] = [:]
    private var sweepAt = QueueForecast.sweep
    private var tallies: [String: Tally] = [:]
    private(set) var holds = 0

    mutating func take(_ call: RecordedCall, _ verdict: Verdict) {
        guard verdict.disposition == .hold else { return }
        let now = call.time.milliseconds
        let key = Sameness(call.sameness)
        if let expires = open[key], now < expires { return }
        open[key] = (call.time + HoldSettings().life(tier: verdict.tier, flags: verdict.flags)).milliseconds
        if open.count >= sweepAt {
            open = open.filter { $0.value > now }
            sweepAt = max(Self.sweep, open.count * 2)
        }
        holds += 1
        for group in verdict.terms.approvers.isEmpty ? [Self.anybody] : verdict.terms.approvers {
            var tally = tallies[group] ?? Tally()
            tally.holds += 1
            tally.days[Self.floor(now, 86_400_000), default: 0] += 1
            tally.hours[Self.floor(now, 3_600_000), default: 0] += 1
            tallies[group] = tally
        }
    }

    /// - Parameters:
    ///   - from: the first call of the recording; `to` the last. Days are those of UTC.
    func loads(from: Timestamp, to: Timestamp) -> [Load] {
        let days = Self.days(from: from, to: to)
        return tallies.map { group, tally in
            let busiest = tally.hours.max { ($0.value, $1.key) < ($1.value, $0.key) }
            let zeros = max(0, days - tally.days.count)
            let sorted = Array(repeating: 0, count: min(zeros, 1_000_000)) + tally.days.values.sorted()
            // Nearest rank.
            let rank = max(0, (sorted.count * 95 + 99) / 100 - 1)
            return Load(
                group: group, holds: tally.holds, perDay: Double(tally.holds) / Double(days),
                p95: rank < sorted.count ? sorted[rank] : 0,
                busiestHour: Timestamp(milliseconds: (busiest?.key ?? 0) * 3_600_000), busiestHolds: busiest?.value ?? 0
            )
        }.sorted { ($1.holds, $0.group) < ($0.holds, $1.group) }
    }

    static func days(from: Timestamp, to: Timestamp) -> Int {
        Int(max(0, floor(to.milliseconds, 86_400_000) - floor(from.milliseconds, 86_400_000))) + 1
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        value >= 0 ? value / unit : -((-value + unit - 1) / unit)
    }
}
