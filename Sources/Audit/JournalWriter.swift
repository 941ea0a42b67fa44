import Calls
import JSON
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
        /// Where lines are put together.
        let line = ByteWriter(reserving: 1024)
        var seq: UInt64
        var hash: [UInt8]
        /// The last line that is written, and the last one that is on disk.
        var written: UInt64
        var synced: UInt64
        var syncedHash: [UInt8]
        /// What the next file has to begin with.
        var calls: OpenCalls
        var failure: JournalFailure?
        var dropped: UInt64 = 0
        var waiters: [Waiter] = []
        var time = TimeText()
    }

    /// What the file still has to take.
    private struct Disk {
        var segment: JournalSegment
        /// When the file was begun, as far as this gate knows.
        var began: Timestamp
        /// The bytes of whole lines in the file.
        var length: Int
        /// When files that may be removed are looked for next.
        var nextLook = Timestamp(milliseconds: 0)
        /// Whether a part of a line follows those.
        var isTorn = false
        var pending: [UInt8] = []
        /// The number and hash of the last line in `pending`, or in the file where that is empty.
        var seq: UInt64
        var hash: [UInt8]
    }

    private let directory: String
    private let limits: JournalLimits
    private let lock: JournalLock
    private let note: JournalFile
    private let memory: Mutex<Memory>
    private let disk: Mutex<Disk>

    private init(
        _ directory: String, _ limits: JournalLimits, lock: JournalLock, file: consuming JournalFile,
        note: consuming JournalFile, tail: JournalTail, begun: Timestamp
    ) {
        self.directory = directory
        self.limits = limits
        self.lock = lock
        self.note = note
        memory = Mutex(
            Memory(
                seq: tail.seq, hash: tail.hash, written: tail.seq, synced: tail.seq, syncedHash: tail.hash,
                calls: tail.openCalls))
        disk = Mutex(
            Disk(
                segment: JournalSegment(file), began: begun, length: tail.length, seq: tail.seq, hash: tail.hash))
    }

    // MARK: Opening

    struct Opened {
        let writer: JournalWriter
        let openCalls: [OpenCall]
        /// What is to be written before anything else.
        let remarks: [JournalEntry]
    }

    /// - Parameter mark: how far the hold store says that the journal had come.
    static func open(
        _ directory: String, _ limits: JournalLimits, mark: JournalHead?, at time: Timestamp
    ) throws(JournalFailure) -> Opened {
        try JournalDirectory.make(directory)
        // Whatever is read from here on, nobody else changes.
        let lock = try JournalLock(directory)
        var remarks: [JournalEntry] = []
        var files = try JournalDirectory.files(in: directory)
        // A file that a crash left before its first line was whole, and of which nobody was promised anything.
        if files.count > 1, let last = files.last, let known = try JournalVerifier.readNote(directory),
            known.seq < last.first,
            let torn = try JournalRepair.drop(last.name, unlessBegunAfter: last.first - 1, in: directory)
        {
            remarks += torn
            files.removeLast()
        }
        let name = files.last?.name ?? JournalDirectory.fileName(beginningWith: 1)
        if files.isEmpty { try JournalDirectory.begin(directory) }
        guard let known = try JournalVerifier.readNote(directory) else {
            let finding = JournalFinding(file: JournalDirectory.noteName, line: 0, seq: nil, problem: .headless)
            throw .damaged(directory: directory, finding: finding)
        }
        if files.isEmpty, known.seq > 0 {
            let finding = JournalFinding(file: name, line: 0, seq: nil, problem: .cut(head: known, from: .note))
            throw .damaged(directory: directory, finding: finding)
        }
        var heads = [(head: known, source: JournalHead.Source.note)]
        if let mark, mark.seq > 0 {
            let first = try files.first.flatMap { file throws(JournalFailure) in
                try JournalDirectory.firstLine(of: file.name, in: directory)
            }
            if let first {
                if JournalRemark(first[...]) != .begun(after: mark) { heads.append((mark, .store)) }
            } else if known.seq == 0 {
                // The store knows an earlier journal, which was put away: nobody shall think that this one is all.
                remarks.append(.journalBegun(after: mark))
            }
        }
        let file = try JournalFile(appendingTo: "\(directory)/\(name)")
        try JournalDirectory.synchronise(directory)
        let tail = try JournalTail(of: name, first: files.last?.first ?? 1, in: directory, known: heads)
        if tail.torn > 0 {
            remarks.append(
                try JournalRepair.setAside(
                    file, from: tail.length, count: tail.torn, followingLine: tail.seq, in: directory))
        }
        let note = try JournalFile(overwriting: "\(directory)/\(JournalDirectory.noteName)")
        let first = try JournalDirectory.firstLine(of: name, in: directory)
        let writer = JournalWriter(
            directory, limits, lock: lock, file: file, note: note, tail: tail,
            begun: first.flatMap(JournalRemark.time) ?? time)
        return Opened(writer: writer, openCalls: tail.openCalls.sorted, remarks: remarks)
    }

    // MARK: Memory

    var head: JournalHead? {
        let (seq, hash) = memory.withLock { ($0.seq, $0.hash) }
        return JournalHead(seq: seq, spelling: hash)
    }

    var failure: JournalFailure? { memory.withLock { $0.failure } }

    /// The last line that is on disk.
    var syncedHead: JournalHead? {
        let (seq, hash) = memory.withLock { ($0.synced, $0.syncedHash) }
        return JournalHead(seq: seq, spelling: hash)
    }

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
            try forgetOld(at: time)
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
        lock.release()
    }

    private func bringToDisk(at time: Timestamp) throws(JournalFailure) {
        let broken = failure
        if let broken, broken.isFinal { throw broken }
        let (state, isDue) = try disk.withLock { disk throws(JournalFailure) in
            try mend(&disk)
            try disk.segment.file.checkUndisturbed(length: disk.length)
            try write(&disk)
            if let broken {
                try memory.withLock { memory throws(JournalFailure) in try memory.restore(after: broken, at: time) }
                try write(&disk)
            }
            let isOld = limits.segmentAge.map { disk.began + $0 <= time && disk.length > 0 } ?? false
            return (Written(disk.segment, disk.seq, disk.hash), disk.length >= limits.segment || isOld)
        }
        try synchronise(state)
        if isDue { try turnOver(at: time) }
    }

    /// Everything that was written up to a moment, and the file that the end of it is in.
    private struct Written: Sendable {
        let segment: JournalSegment
        let seq: UInt64
        let hash: [UInt8]

        init(_ segment: JournalSegment, _ seq: UInt64, _ hash: [UInt8]) {
            self.segment = segment
            self.seq = seq
            self.hash = hash
        }
    }

    /// Without the lock, so that others write meanwhile.
    private func synchronise(_ state: Written) throws(JournalFailure) {
        guard state.seq > memory.withLock({ $0.synced }) else { return }
        try state.segment.file.synchronise()
        // The note comes after the lines: it must never know more.
        try note.overwrite(JournalHead.note(seq: state.seq, spelling: state.hash))
        memory.withLock { ($0.synced, $0.syncedHash) = (state.seq, state.hash) }
    }

    /// Ends the file and begins the next one, with the calls that are open.
    private func turnOver(at time: Timestamp) throws(JournalFailure) {
        // Where there is no room for another file the old one goes on, and this is tried again.
        do throws(JournalFailure) { try JournalDirectory.draft(directory) } catch { return }
        let state = try disk.withLock { disk throws(JournalFailure) in
            try memory.withLock { memory throws(JournalFailure) in
                swap(&memory.buffer, &disk.pending)
                (disk.seq, disk.hash) = (memory.seq, memory.hash)
                // At once: nothing comes before these in the new file.
                let calls = memory.calls.sorted
                try memory.add(.journalSegment(open: calls.count), at: time)
                for start in stride(from: 0, to: calls.count, by: JournalEntry.mostCarried) {
                    let part = calls[start..<min(start + JournalEntry.mostCarried, calls.count)]
                    try memory.add(.journalCarried(Array(part)), at: time)
                }
            }
            try put(&disk)
            memory.withLock { $0.written = disk.seq }
            // Under the lock, of the few lines since the last sync: a power cut must not take them and leave the next
            // file's, which would look like a removal for ever.
            try disk.segment.file.synchronise()
            disk.segment = JournalSegment(try JournalDirectory.adopt(directory, beginningWith: disk.seq + 1))
            disk.length = 0
            disk.began = time
            try write(&disk)
            return Written(disk.segment, disk.seq, disk.hash)
        }
        try JournalDirectory.synchronise(directory)
        try synchronise(state)
    }

    /// Removes files that have been kept long enough, after the journal has said so.
    private func forgetOld(at time: Timestamp) throws(JournalFailure) {
        guard let keep = limits.keep else { return }
        let isTime = disk.withLock { disk in
            guard time >= disk.nextLook else { return false }
            disk.nextLook = time + .minutes(1)
            return true
        }
        guard isTime, let old = try? JournalRetention.files(endedBefore: time, keep, in: directory) else { return }
        _ = try append(.journalPruned(through: old.through, files: old.names.count), at: time)
        try bringToDisk(at: time)
        for name in old.names { try? JournalDirectory.remove(name, in: directory) }
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
        let (count, failure) = disk.segment.file.append(disk.pending)
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
        try disk.segment.file.truncate(to: disk.length)
        disk.isTorn = false
    }
}

extension JournalWriter.Memory {
    mutating func add(_ entry: JournalEntry, at time: Timestamp) throws(JournalFailure) {
        if let failure, failure.isFinal || buffer.count >= JournalWriter.mostWaiting {
            dropped += 1
            throw failure
        }
        JournalLine.compose(
            entry, seq: seq + 1, at: time, spelled: self.time.spelling(of: time), after: &hash, into: line)
        seq += 1
        calls.follow(entry)
        line.read { buffer.append($0) }
    }

    /// Ends a time in which nothing could be written, and says so in the journal.
    mutating func restore(after failure: JournalFailure, at time: Timestamp) throws(JournalFailure) {
        self.failure = nil
        try add(.journalRestored(cause: failure.description, dropped: dropped), at: time)
        dropped = 0
    }
}
