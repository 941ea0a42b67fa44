/// How the messages fared with each of those who had to pass them on.
struct HostileTally {
    enum Fate: Int, Comparable {
        /// Nothing was sent on.
        case refused
        /// Everybody read the same.
        case agreed
        /// Some servers refused it; those that read it read the same.
        case unserved
        /// Two servers read different requests.
        case ambiguous

        static func < (a: Fate, b: Fate) -> Bool { a.rawValue < b.rawValue }
    }

    private var counts: [String: [Fate: Int]] = [:]
    private var examples: [String: [String]] = [:]

    mutating func count(_ name: String, _ fate: Fate) { counts[name, default: [:]][fate, default: 0] += 1 }

    mutating func example(_ name: String, _ message: String) { examples[name, default: []].append(message) }

    func of(_ name: String, _ fate: Fate) -> Int { counts[name]?[fate] ?? 0 }

    /// What the servers' readings of the same bytes make of them.
    static func fate(of answers: [HostileAnswers]) -> Fate {
        let read = answers.filter { !$0.readings.isEmpty }
        guard let first = read.first else { return .unserved }
        for other in read {
            let isSame =
                other.readings.count == first.readings.count
                && zip(other.readings, first.readings).allSatisfy { $0.isSame(as: $1) }
            guard isSame else { return .ambiguous }
        }
        return answers.contains(where: \.hasRefused) ? .unserved : .agreed
    }

    func table(_ peers: [String]) -> String {
        var lines = [
            "                 messages   refused  sent on   all agree  some refuse  readers differ"
        ]
        for name in ["tiergate"] + peers where counts[name] != nil {
            let all = counts[name, default: [:]].values.reduce(0, +)
            let figures = [
                all, of(name, .refused), all - of(name, .refused), of(name, .agreed), of(name, .unserved),
                of(name, .ambiguous),
            ]
            let widths = [12, 10, 9, 12, 13, 16]
            lines.append(
                name.padded(13) + zip(figures, widths).map { "\($0)".padded(-$1) }.joined())
        }
        for name in peers {
            guard let found = examples[name] else { continue }
            lines.append("\(name) sends on, and its readers differ over, for example:")
            lines += stride(from: 0, to: found.count, by: max(1, found.count / 12)).map { "    \(found[$0])" }
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// To the left of `width` columns, or to the right where it is negative.
    fileprivate func padded(_ width: Int) -> String {
        let blanks = String(repeating: " ", count: max(0, abs(width) - count))
        return width < 0 ? blanks + self : self + blanks
    }
}
