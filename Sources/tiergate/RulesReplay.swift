import Calls
import Proxy
import Rules

/// Judges recorded calls again, and adds up what has become of them.
struct RulesReplay {
    /// What a call's two verdicts are taken from: the recording and a set of rules, or two sets.
    let rules: RuleSet
    let next: RuleSet?
    /// Nil judges each call at the time when it was recorded.
    let now: Timestamp?

    /// Calls by weight: 1 to 4, and 5 for those that are never sent.
    typealias Weights = [Int]

    private(set) var calls = 0
    private(set) var recorded = Weights(repeating: 0, count: 6)
    private(set) var before = Weights(repeating: 0, count: 6)
    private(set) var after = Weights(repeating: 0, count: 6)
    private(set) var changes: [Change.Key: Change] = [:]
    private(set) var forecast = QueueForecast()
    private(set) var nextForecast = QueueForecast()
    /// Bodies that are not in the recording.
    private(set) var withheld = 0
    /// By the reason, with how many.
    private(set) var unreadable: [String: Int] = [:]
    /// Calls that the same rules judge otherwise than the gate did.
    private(set) var strayed = 0
    private(set) var firstStray: String?
    private(set) var from: Timestamp?
    private(set) var to: Timestamp?

    init(_ rules: RuleSet, against next: RuleSet?, at now: Timestamp?) {
        self.rules = rules
        self.next = next
        self.now = now
    }

    /// Calls that are judged in another way, all by the same rules.
    struct Change {
        enum Kind: Int, Comparable {
            case loosened, tightened, asksOthers

            var word: String {
                switch self {
                case .loosened: "loosened"
                case .tightened: "tightened"
                case .asksOthers: "asks others"
                }
            }

            static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
        }

        struct Key: Hashable {
            let kind: Kind
            let before: Int
            let after: Int
            let was: [String]
            let now: [String]
        }

        struct Example {
            let call: String
            let time: Timestamp
            let session: SessionID
            /// Nil where only the recording says it.
            let was: String?
            let now: String
        }

        let example: Example
        var calls = 0
    }

    /// One side of a comparison; words only where they are needed.
    private struct Side {
        let weight: Int
        let rules: [String]
        let approvers: [String]
        let reason: String?
    }

    mutating func take(_ call: RecordedCall) {
        let read: Call
        do {
            read = try call.call()
        } catch {
            unreadable["\(error)", default: 0] += 1
            return
        }
        calls += 1
        from = min(from ?? call.time, call.time)
        to = max(to ?? call.time, call.time)
        if case .withheld = call.content { withheld += 1 }
        recorded[call.judgement.weight] += 1
        let weight = call.weigh(read, by: rules, at: now)
        before[weight] += 1
        if call.judgement.rulesDigest == rules.digest, now == nil, call.judgement.weight != weight {
            strayed += 1
            if firstStray == nil { firstStray = RecordedCall.described(read) }
        }
        // Most calls are neither held nor judged otherwise: numbers are all that is asked for.
        let isHeld = weight == 3 || weight == 4
        let verdict = isHeld ? call.judge(read, by: rules, at: now) : nil
        if let verdict { forecast.take(call, verdict) }
        guard let next else {
            guard weight != call.judgement.weight else { return }
            let was = Side(
                weight: call.judgement.weight, rules: call.judgement.rules, approvers: [], reason: nil)
            return note(call, read, was, side(verdict ?? call.judge(read, by: rules, at: now), weight))
        }
        let other = call.weigh(read, by: next, at: now)
        after[other] += 1
        let isHeldNext = other == 3 || other == 4
        let nextVerdict = isHeldNext ? call.judge(read, by: next, at: now) : nil
        if let nextVerdict { nextForecast.take(call, nextVerdict) }
        guard weight != other || verdict?.terms.approvers != nextVerdict?.terms.approvers else { return }
        note(
            call, read, side(verdict ?? call.judge(read, by: rules, at: now), weight),
            side(nextVerdict ?? call.judge(read, by: next, at: now), other))
    }

    private func side(_ verdict: Verdict, _ weight: Int) -> Side {
        Side(
            weight: weight, rules: verdict.matches.map(\.rule), approvers: verdict.terms.approvers,
            reason: verdict.reason)
    }

    private mutating func note(_ call: RecordedCall, _ read: Call, _ was: Side, _ now: Side) {
        let kind: Change.Kind =
            now.weight < was.weight ? .loosened : now.weight > was.weight ? .tightened : .asksOthers
        let key = Change.Key(kind: kind, before: was.weight, after: now.weight, was: was.rules, now: now.rules)
        let example = { [read] in
            Change.Example(
                call: RecordedCall.described(read), time: call.time, session: call.session, was: was.reason,
                now: now.reason ?? "")
        }
        changes[key, default: Change(example: example())].calls += 1
    }

    /// Loosened ones first, the most frequent of each kind first.
    var ordered: [(key: Change.Key, change: Change)] {
        changes.map { ($0.key, $0.value) }.sorted { a, b in
            if a.key.kind != b.key.kind { return a.key.kind < b.key.kind }
            if a.change.calls != b.change.calls { return a.change.calls > b.change.calls }
            return (a.key.was.joined(separator: " "), a.key.now.joined(separator: " "), a.key.before)
                < (b.key.was.joined(separator: " "), b.key.now.joined(separator: " "), b.key.before)
        }
    }

    func count(_ kind: Change.Kind) -> Int {
        changes.reduce(0) { $0 + ($1.key.kind == kind ? $1.value.calls : 0) }
    }
}
