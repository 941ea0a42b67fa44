package import Calls
import System

/// The tamper-evident record of everything the gate did: append-only JSON lines, each hashed over the one before it.
///
/// A line is appended in memory, written by `flush` and on disk after `sync`. While the file cannot be written, whatever
/// would permit something is refused, and what reports a fact waits in memory; a thread of its own tries again every
/// second. Lines leave in the order of their numbers, whole or not at all.
package final class Journal: Sendable {
    /// Calls that the previous process left open; `closeLeftOpen` ends them.
    package let leftOpen: [OpenCall]

    private let clock: @Sendable () -> Timestamp
    private let writer: JournalWriter
    private let committer: CommitThread
    private let marker: JournalMarker

    /// Opens the journal in this directory, or begins one.
    ///
    /// The end of an existing journal is verified, from the last start of a gate on. An incomplete last line, as a crash
    /// leaves it, is moved to a file beside the journal, and the journal says so; anything else that does not fit is
    /// refused.
    ///
    /// - Parameters:
    ///   - mark: how far the hold store says that the journal had come; a journal that has not is refused.
    ///   - tell: is given the last line that is on disk, for the hold store: at most once a second, and by `shutDown`; again with the same
    ///     line as long as the store could not take it. On a thread of the journal's.
    package init(
        directory: String, limits: JournalLimits = JournalLimits(), mark: JournalHead? = nil,
        clock: @escaping @Sendable () -> Timestamp, tell: @escaping @Sendable (JournalHead) -> Void = { _ in }
    ) throws(JournalFailure) {
        self.clock = clock
        let opened = try JournalWriter.open(directory, limits, mark: mark, at: clock())
        writer = opened.writer
        leftOpen = opened.openCalls
        marker = JournalMarker(tell)
        do throws(IOError) {
            committer = try CommitThread { [writer, marker] in
                writer.commit(at: clock())
                marker.offer(writer.syncedHead)
            }
        } catch {
            throw .unwritable(path: directory, doing: "start the thread that syncs", reason: error.description)
        }
        for remark in opened.remarks { try append(remark) }
    }

    deinit { committer.stop() }

    /// Adds a line and returns its number. It is written by the next `flush`; what it permits waits for that.
    @discardableResult
    package func append(_ entry: JournalEntry) throws(JournalFailure) -> UInt64 {
        let (seq, isFull) = try writer.append(entry, at: clock())
        // Should that fail, the line waits, and whoever relies on it learns of it from a flush of his own.
        if isFull { try? writer.flush() }
        return seq
    }

    /// Writes the closing line of a call, after an opening one where it was refused too early to have any.
    package func close(_ record: Record) throws(JournalFailure) {
        try writer.close(record, at: clock())
    }

    /// Closes what the previous process left open, as lost or uncertain, and says how many there were of each.
    ///
    /// `unsent` are holds that the store knows not to have been sent: the journal's line of a sending may have reached the
    /// disk where the store's change did not, and nothing leaves before both have.
    ///
    /// Comes before the line `gate.start`: a start reads back to the last one of these, and no further.
    package func closeLeftOpen(unsent: Set<HoldID> = []) throws(JournalFailure) -> (lost: Int, uncertain: Int) {
        var uncertain = 0
        for var call in leftOpen {
            if let hold = call.hold, unsent.contains(hold) { call.mayHaveLeft = false }
            if call.mayHaveLeft { uncertain += 1 }
            try append(.callRecovered(call))
        }
        return (leftOpen.count - uncertain, uncertain)
    }

    /// Hands every line so far to the kernel; returns at once where that is done already.
    package func flush() throws(JournalFailure) { try writer.flush() }

    /// Returns when every line so far is on disk. Whoever waits at the same time shares one sync.
    package func sync() async throws(JournalFailure) {
        let outcome = await withUnsafeContinuation { waiter in
            if let known = writer.await(waiter) { waiter.resume(returning: known) } else { committer.wake() }
        }
        try outcome.get()
    }

    /// Begins to bring every line so far to disk.
    package func hasten() { committer.wake() }

    /// The last line so far.
    package var head: JournalHead? { writer.head }

    /// Why nothing passes just now; nil while all is well.
    package var failure: JournalFailure? { writer.failure }

    /// Brings everything to disk, tells the store of it and lets go of the file; whatever comes after that fails with `closed`.
    package func shutDown() {
        committer.stop()
        writer.shutDown(at: clock())
        marker.finish(writer.syncedHead)
    }
}
