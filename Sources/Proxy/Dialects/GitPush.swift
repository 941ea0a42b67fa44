import Calls

/// The beginning of what `git push` sends (gitprotocol-pack(5), "Reference Update Request"), as far as an answer needs it.
package struct GitPush: Hashable {
    /// Refs that were to be changed, as spelled.
    package let refs: [[UInt8]]
    /// The client reads a report, and text beside it.
    private let hasReport: Bool
    private let hasSideBand: Bool

    static let answerType = "application/x-git-receive-pack-result"
    /// Refs that are read, and told of.
    static let mostRefs = 1000
    private static let longestLine = 65_520
    private static let objectName = 40...64

    /// git asks with an empty push whether it may send a large one, and does not look at the answer's content.
    var isProbe: Bool { refs.isEmpty }
    package var canBeTold: Bool { hasReport }

    /// Nil where the bytes are something else, or the commands do not end in them.
    package init?(_ bytes: [UInt8]) {
        var refs: [[UInt8]] = []
        var capabilities: [UInt8] = []
        var rest = bytes[...]
        while true {
            guard let length = GitPush.length(&rest) else { return nil }
            if length == 0 { break }
            guard length > 4, length <= GitPush.longestLine, rest.count >= length - 4, refs.count < GitPush.mostRefs
            else { return nil }
            var line = rest.prefix(length - 4)
            rest = rest.dropFirst(length - 4)
            if refs.isEmpty, let end = line.firstIndex(of: 0) {
                capabilities = Array(line[(end + 1)...])
                line = line[..<end]
            }
            // `shallow <object>` lines may come first, and change nothing.
            if line.starts(with: "shallow ".utf8) { continue }
            let words = line.split(separator: 0x20, maxSplits: 2)
            guard words.count == 3, words[..<2].allSatisfy({ GitPush.objectName.contains($0.count) }) else {
                return nil
            }
            refs.append(words[2].filter { $0 > 0x20 && $0 != 0x7F })
        }
        self.refs = refs
        let words = capabilities.split { $0 == 0x20 || $0 == 0x0A }.map { String(decoding: $0, as: UTF8.self) }
        hasReport = words.contains { $0 == "report-status" || $0 == "report-status-v2" }
        hasSideBand = words.contains("side-band-64k")
    }

    /// The four digits in front of a line; nil where there are none.
    private static func length(_ rest: inout ArraySlice<UInt8>) -> Int? {
        guard rest.count >= 4, let digits = String(validating: rest.prefix(4), as: UTF8.self),
            digits.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }), let length = Int(digits, radix: 16)
        else { return nil }
        rest = rest.dropFirst(4)
        return length
    }

    /// A report in which no ref was changed, with the reason, and the whole text beside it: git shows both, and fails.
    package func report(_ reason: String, _ text: String) -> [UInt8] {
        var report = GitPush.line("unpack ok\n".utf8)
        let why = Array(reason.utf8.filter { $0 >= 0x20 && $0 != 0x7F })
        for ref in refs { report += GitPush.line(Array("ng ".utf8) + ref + [0x20] + why + [0x0A]) }
        report += GitPush.flush
        guard hasSideBand else { return report }
        var all = GitPush.band(2, Array("\(text)\n".utf8))
        for start in stride(from: 0, to: report.count, by: GitPush.piece) {
            all += GitPush.band(1, report[start..<min(report.count, start + GitPush.piece)])
        }
        return all + GitPush.flush
    }

    private static let flush = Array("0000".utf8)
    /// A little less than the longest line.
    private static let piece = 65_000

    private static func band(_ number: UInt8, _ content: some Collection<UInt8>) -> [UInt8] {
        line([number] + content.prefix(piece))
    }

    private static func line(_ content: some Collection<UInt8>) -> [UInt8] {
        let digits = String(content.count + 4, radix: 16)
        return Array(String(repeating: "0", count: 4 - digits.utf8.count).utf8) + digits.utf8 + content
    }
}
