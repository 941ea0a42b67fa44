import Calls
import Synchronization

/// The journal's two halves: the lines in memory, which any thread adds to in a microsecond, and the file, which one
/// thread at a time writes. Where both locks are held, the file's was taken first.
final class JournalWriter: Sendable {
    /// Lines beyond this are written without waiting for a flush.
    static let comfortable = 1 << 18
    /// While the file cannot be written, lines that report facts are kept up to this many bytes, then counted only.
    static let mostWaiting = 1 << 22

    typealias Waiter = UnsafeContinuation<Result<Void, JournalFailure>, Never>

    /// What is not with the kernel yet, and how far everything is.
    fileprivate struct Memory {
        var buffer: [UInt8] = []
        var seq: UInt64
        var hash: [UInt8]
        /// The last line that is written, and the last one that is on disk.
        var written: UInt64
        var synced: UInt64
        var failure: JournalFailure?
        var dropped: UInt64 = 0
        var waiters: [Waiter] = []
        var time = TimeText()
    }

    /// What the file still has to take.
    private struct Disk {
        /// The bytes of whole lines in the file.
        var length: Int
        /// Whether a part of a line follows those.
        var isTorn = false
        var pending: [UInt8] = []
        /// The number and hash of the last line in `pending`, or in the file where that is empty.
        var seq: UInt64
        var hash: [UInt8]
    }

    private let file: JournalFile
    private let note: JournalFile
    private let memory: Mutex<Memory>
    private let disk: Mutex<Disk>

    private init(file: consuming JournalFile, note: consuming JournalFile, tail: JournalTail) {
        self.file = file
        self.note = note
        memory = Mutex(Memory(seq: tail.seq, hash: tail.hash, written: tail.seq, synced: tail.seq))
        disk = Mutex(Disk(length: tail.length, seq: tail.seq, hash: tail.hash))
    }

    // MARK: Opening

    static func open(
        _ directory: String
    ) throws(JournalFailure) -> (writer: JournalWriter, openCalls: [OpenCall], repair: JournalEntry?) {
        try JournalDirectory.make(directory)
        let last = try JournalDirectory.files(in: directory).last
        let name = last?.name ?? JournalDirectory.fileName(beginningWith: 1)
        if last == nil { try JournalDirectory.begin(directory) }
        guard let known = try JournalVerifier.readNote(directory) else {
            let finding = JournalFinding(file: JournalDirectory.noteName, line: 0, seq: nil, problem: .headless)
            throw .damaged(directory: directory, finding: finding)
        }
        if last == nil, known.seq > 0 {
            let finding = JournalFinding(file: name, line: 0, seq: nil, problem: .cut(head: known, from: .note))
            throw .damaged(directory: directory, finding: finding)
        }
        let file = try JournalFile(appendingTo: "\(directory)/\(name)")
        try file.lock()
        try JournalDirectory.synchronise(directory)
        // Read only now that nobody else writes.
        let tail = try JournalTail(of: name, first: last?.first ?? 1, in: directory, note: known)
        let repair = try setAside(tail, of: file, in: directory)
        let note = try JournalFile(overwriting: "\(directory)/\(JournalDirectory.noteName)")
        return (JournalWriter(file: file, note: note, tail: tail), tail.openCalls, repair)
    }

    /// Moves an incomplete last line to a file of its own.
    private static func setAside(
        _ tail: JournalTail, of file: borrowing JournalFile, in directory: String
    ) throws(JournalFailure) -> JournalEntry? {
        guard tail.torn > 0 else { return nil }
        let name = "torn-line-\(tail.seq + 1)"
        let aside = try JournalFile(overwriting: "\(directory)/\(name)")
        try aside.overwrite(file.read(at: tail.length, count: tail.torn))
        try aside.synchronise()
        try file.truncate(to: tail.length)
        return .journalRepaired(file: name, bytes: tail.torn)
    }

    // MARK: Memory

    var head: JournalHead? {
        let (seq, hash) = memory.withLock { ($0.seq, $0.hash) }
        return JournalHead(seq: seq, spelling: hash)
    }

    var failure: JournalFailure? { memory.withLock { $0.failure } }

    /// Adds a line; `isFull` where it is time to write.
    func append(_ entry: JournalEntry, at time: Timestamp) throws(JournalFailure) -> (seq: UInt64, isFull: Bool) {
        try memory.withLock { memory throws(JournalFailure) in
            if let failure = memory.failure, entry.permits { throw failure }
            try memory.add(entry, at: time)
            return (memory.seq, memory.buffer.count >= Self.comfortable && memory.failure == nil)
        }
    }

    /// Closes a call. These lines permit nothing, not even the opening one of a call that has ended already.
    func close(_ record: Record, at time: Timestamp) throws(JournalFailure) {
        try memory.withLock { memory throws(JournalFailure) in
            if !record.isOpened { try memory.add(.callOpened(record), at: time) }
            try memory.add(.callClosed(record), at: time)
        }
    }

    /// Takes in one who waits for the disk, or tells at once where there is nothing to wait for.
    func await(_ waiter: Waiter) -> Result<Void, JournalFailure>? {
        memory.withLock { memory in
            if let failure = memory.failure, failure.isFinal { return .failure(failure) }
            if memory.failure == nil, memory.synced == memory.seq { return .success(()) }
            memory.waiters.append(waiter)
            return nil
        }
    }

    // MARK: Disk

    func flush() throws(JournalFailure) {
        let isDone = try memory.withLock { memory throws(JournalFailure) in
            if let failure = memory.failure { throw failure }
            return memory.written == memory.seq
        }
        if isDone { return }
        try disk.withLock { disk throws(JournalFailure) in
            // Whoever had the lock before may have failed.
            if let failure { throw failure }
            do throws(JournalFailure) {
                try write(&disk)
            } catch {
                memory.withLock { $0.failure = error }
                throw error
            }
        }
    }

    /// Writes and syncs everything, mends what was broken, and answers those who wait.
    func commit(at time: Timestamp) {
        let waiters = memory.withLock { memory in
            defer { memory.waiters = [] }
            return memory.waiters
        }
        let result: Result<Void, JournalFailure>
        do throws(JournalFailure) {
            try bringToDisk(at: time)
            result = .success(())
        } catch {
            memory.withLock { $0.failure = error }
            result = .failure(error)
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }

    func shutDown(at time: Timestamp) {
        commit(at: time)
        let waiters = memory.withLock { memory in
            memory.failure = .closed
            defer { memory.waiters = [] }
            return memory.waiters
        }
        for waiter in waiters { waiter.resume(returning: .failure(.closed)) }
        file.unlock()
    }

    private func bringToDisk(at time: Timestamp) throws(JournalFailure) {
        let broken = failure
        if let broken, broken.isFinal { throw broken }
        let (seq, hash) = try disk.withLock { disk throws(JournalFailure) in
            try mend(&disk)
            try file.checkUndisturbed(length: disk.length)
            try write(&disk)
            if let broken {
                try memory.withLock { memory throws(JournalFailure) in try memory.restore(after: broken, at: time) }
                try write(&disk)
            }
            return (disk.seq, disk.hash)
        }
        guard seq > memory.withLock({ $0.synced }) else { return }
        // Without the lock, so that others write meanwhile. The note comes after the lines: it must never know more.
        try file.synchronise()
        try note.overwrite(JournalHead.note(seq: seq, spelling: hash))
        memory.withLock { $0.synced = seq }
    }

    /// Writes what an earlier try left, then what is in memory.
    private func write(_ disk: inout Disk) throws(JournalFailure) {
        try put(&disk)
        memory.withLock { memory in
            swap(&memory.buffer, &disk.pending)
            (disk.seq, disk.hash) = (memory.seq, memory.hash)
        }
        try put(&disk)
        memory.withLock { $0.written = disk.seq }
    }

    private func put(_ disk: inout Disk) throws(JournalFailure) {
        try mend(&disk)
        let (count, failure) = file.append(disk.pending)
        guard let failure else {
            disk.length += count
            disk.pending.removeAll(keepingCapacity: true)
            return
        }
        let whole = disk.pending[..<count].lastIndex(of: lineFeed).map { $0 + 1 } ?? 0
        disk.length += whole
        disk.pending.removeFirst(whole)
        disk.isTorn = count > whole
        try mend(&disk)
        throw failure
    }

    /// Cuts the part of a line off that a full disk left behind the last whole one.
    private func mend(_ disk: inout Disk) throws(JournalFailure) {
        guard disk.isTorn else { return }
        try file.truncate(to: disk.length)
        disk.isTorn = false
    }
}

extension JournalWriter.Memory {
    mutating func add(_ entry: JournalEntry, at time: Timestamp) throws(JournalFailure) {
        if let failure, failure.isFinal || buffer.count >= JournalWriter.mostWaiting {
            dropped += 1
            throw failure
        }
        let line = JournalLine.compose(
            entry, seq: seq + 1, at: time, spelled: self.time.spelling(of: time), after: hash)
        seq += 1
        hash = line.hash
        buffer.append(contentsOf: line.bytes)
    }

    /// Ends a time in which nothing could be written, and says so in the journal.
    mutating func restore(after failure: JournalFailure, at time: Timestamp) throws(JournalFailure) {
        self.failure = nil
        try add(.journalRestored(cause: failure.description, dropped: dropped), at: time)
        dropped = 0
    }
}

/// The spelling of a time; that of its millisecond is kept, because many lines share it.
struct TimeText {
    private var time = Timestamp(milliseconds: .min)
    private var text: [UInt8] = []

    mutating func spelling(of time: Timestamp) -> [UInt8] {
        if time != self.time {
            self.time = time
            text = Array(time.description.utf8)
        }
        return text
    }
}
