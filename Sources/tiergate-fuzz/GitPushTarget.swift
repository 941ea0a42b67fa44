import Proxy

extension FuzzTarget {
    static let gitPush = FuzzTarget(
        name: "gitPush",
        summary:
            "the beginning of a git push: the report on it has one line for each of its refs, and ends where it ends",
        seeds: [
            "0000",
            "007f" + String(repeating: "0", count: 40) + " " + String(repeating: "1", count: 40)
                + " refs/heads/main\u{0} report-status side-band\n0000PACK",
            "0070" + String(repeating: "0", count: 40) + " " + String(repeating: "1", count: 40)
                + " refs/tags/v1\u{0}report-status0000",
        ].map(\.bytes),
        dictionary: [
            "0000", "0004", "shallow ", "report-status", "report-status-v2", "side-band-64k", "refs/heads/", "\0",
        ],
        run: { bytes throws(Finding) in
            guard let push = GitPush(bytes), push.canBeTold else { return }
            let report = push.report("Held\n\0 for approval", "NOT\nEXECUTED")
            guard var lines = FuzzTarget.lines(report[...]) else {
                throw Finding("a report is not read: \(Transcript.quoted(report))")
            }
            if lines.contains(where: { $0.first == 1 }) {
                let inner = lines.filter { $0.first == 1 }.flatMap { $0.dropFirst() }
                guard let read = FuzzTarget.lines(inner[...]) else {
                    throw Finding("a report in a side band is not read: \(Transcript.quoted(report))")
                }
                lines = read
            }
            try requireSame(lines.count, push.refs.count + 1, "a report on another number of refs")
            try require(lines.allSatisfy { $0.last == 0x0A && $0.dropLast().allSatisfy { $0 > 0x1F } }, "a line of two")
        })

    /// Up to the flush that ends them; nil where something is left, or missing.
    private static func lines(_ bytes: ArraySlice<UInt8>) -> [[UInt8]]? {
        var rest = bytes
        var lines: [[UInt8]] = []
        while let length = Int(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16), rest.count >= 4 {
            rest = rest.dropFirst(4)
            if length == 0 { return rest.isEmpty ? lines : nil }
            guard length > 4, rest.count >= length - 4 else { return nil }
            lines.append(Array(rest.prefix(length - 4)))
            rest = rest.dropFirst(length - 4)
        }
        return nil
    }
}
