/// Which lines reach standard error: agents can bring them about as fast as they connect.
struct LogLimit {
    static let linesPerSecond = 20

    private var second = Int64.min
    private var count = 0
    private var dropped = 0

    /// The line as it is written, after a note on those that were left out before it; nil where it is left out itself.
    mutating func admit(_ line: String, at now: Int64) -> String? {
        if now / 1000 != second {
            defer { dropped = 0 }
            (second, count) = (now / 1000, 1)
            return (dropped > 0 ? "tiergate: \(dropped) lines were left out\n" : "") + "tiergate: \(line)\n"
        }
        count += 1
        guard count <= LogLimit.linesPerSecond else {
            dropped += 1
            return nil
        }
        return "tiergate: \(line)\n"
    }
}
