/// Something in a journal that the gate did not write, and where.
package struct JournalFinding: Hashable, Sendable, CustomStringConvertible {
    package enum Problem: Hashable, Sendable {
        /// The line's hash is not that of its text.
        case altered
        /// The line has not the form of one that the gate writes.
        case malformed
        /// The line ends before its line feed.
        case incomplete
        /// The numbers between two lines are not there.
        case missing(ClosedRange<UInt64>)
        /// The line's number was had before, or its place is elsewhere: inserted, repeated or swapped.
        case misplaced(expected: UInt64)
        /// The line's number fits, but it continues another line than the one before it, which was replaced.
        case detached
        /// The file's name says that it begins with another line.
        case misnamed
        /// The journal ends before a line that is known to have been written.
        case cut(head: JournalHead, from: JournalHead.Source)
        /// The line is there, with another hash than it is known to have.
        case replaced(head: JournalHead, from: JournalHead.Source)
        /// The gate's own note of how far it had written is gone or unreadable.
        case headless
    }

    /// The file's name, without its directory.
    package let file: String
    /// Counted from 1; 0 where the finding is about the whole file.
    package let line: Int
    package let seq: UInt64?
    package let problem: Problem

    package var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return seq.map { "\(place) (seq \($0)): \(what)" } ?? "\(place): \(what)"
    }

    /// The problem in words.
    package var what: String {
        switch problem {
        case .altered: "the line was changed: its hash is not that of its text"
        case .malformed: "this is no journal line: inserted, or changed beyond reading"
        case .incomplete: "the line is incomplete: cut off, or changed at its end"
        case .missing(let gap) where gap.count == 1: "line \(gap.lowerBound) is missing before this one: removed"
        case .missing(let gap):
            "lines \(gap.lowerBound) to \(gap.upperBound) are missing before this one: removed"
        case .misplaced(let expected): "out of place, \(expected) is due here: inserted, repeated or swapped"
        case .detached: "does not continue the line before it: one of the two was replaced"
        case .misnamed: "begins with another line than its name says: renamed, or its beginning was removed"
        case .cut(let head, let source):
            "the journal ends here, but \(source.words) line \(head.seq): what followed was removed"
        case .replaced(let head, let source):
            "\(source.words) another line \(head.seq): this one was replaced"
        case .headless:
            "missing or unreadable, so that lines cut off at the end would not be noticed: removed or changed"
        }
    }

    /// A short stable word for scripts.
    package var code: String {
        switch problem {
        case .altered: "altered"
        case .malformed: "malformed"
        case .incomplete: "incomplete"
        case .missing: "missing"
        case .misplaced: "misplaced"
        case .detached: "detached"
        case .misnamed: "misnamed"
        case .cut: "cut"
        case .replaced: "replaced"
        case .headless: "headless"
        }
    }
}
