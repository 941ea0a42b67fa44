/// Follows the chain line by line and says what does not fit.
///
/// After a line that cannot be trusted the chain is picked up again, so that one change is named once and the lines
/// after it are still checked.
struct ChainCheck {
    /// The number due next, as far as lines that fitted tell.
    private var due: UInt64
    /// The hash of the last line that fitted; nil where the next line is taken on trust.
    private var prev: [UInt8]?
    /// Lines since then that did not even have a number to go by.
    private var unread: UInt64 = 0

    /// Begins before the first line of a journal.
    init() {
        due = 1
        prev = JournalLine.genesis
    }

    /// Begins in the middle, before the line with this number.
    init(before seq: UInt64) {
        due = seq
        prev = nil
    }

    /// The number of the last line, at least as far as can be known.
    var last: UInt64 { due - 1 + unread }

    /// The last line's hash as written; nil after a line that did not fit.
    var lastHash: [UInt8]? { unread == 0 ? prev : nil }

    /// What is wrong with this line, nil where it fits.
    mutating func follow(_ bytes: ArraySlice<UInt8>, isComplete: Bool) -> (
        line: JournalLine?, problem: JournalFinding.Problem?
    ) {
        guard let line = JournalLine(bytes) else {
            unread += 1
            return (nil, isComplete ? .malformed : .incomplete)
        }
        guard line.isGenuine else {
            unread += 1
            return (line, .altered)
        }
        // A line that is whole but for its line feed was cut there, or its line feed was changed.
        let problem = isComplete ? place(line) : .incomplete
        if case .misplaced = problem { return (line, problem) }
        due = line.seq + 1
        prev = line.hash
        unread = 0
        return (line, problem)
    }

    private func place(_ line: JournalLine) -> JournalFinding.Problem? {
        if line.seq < due { return .misplaced(expected: due) }
        if line.seq == due { return prev.map { $0 == line.prev } ?? true ? nil : .detached }
        // Each unread line may have been one of the chain.
        let next = due + unread
        return line.seq <= next ? nil : .missing(next...(line.seq - 1))
    }
}
