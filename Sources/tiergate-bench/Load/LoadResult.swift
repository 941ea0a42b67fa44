/// What came of a load.
struct LoadResult: Sendable {
    /// Answered with 200.
    var answered = 0
    /// Answered otherwise, or not at all.
    var failed = 0
    /// Why, the first time.
    var failure: String?
    var latencies = Latencies()
    var seconds = 0.0

    var rate: Double { seconds > 0 ? Double(answered) / seconds : 0 }

    mutating func note(_ status: Int, from start: Moment) {
        guard status == 200 else { return note("answered with \(status)") }
        answered += 1
        latencies.append(from: start, to: .now())
    }

    mutating func note(_ failure: String) {
        failed += 1
        if self.failure == nil { self.failure = failure }
    }

    mutating func add(_ other: LoadResult) {
        answered += other.answered
        failed += other.failed
        failure = failure ?? other.failure
        latencies.append(other.latencies)
        seconds = max(seconds, other.seconds)
    }
}
