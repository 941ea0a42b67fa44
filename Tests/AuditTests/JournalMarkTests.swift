import Calls
import Glibc
import JSON
import Synchronization
import System
import Testing

@testable import Audit

/// What the hold store is told of the journal, and what that is good for.
@Suite struct JournalMarkTests {
    private func shorten(_ scratch: Scratch, by count: Int) throws -> JournalHead {
        let lines = try scratch.lines().dropLast(count)
        let last = try #require(lines.last.flatMap { JournalLine($0[...]) })
        try scratch.write(Array(lines.map { $0 + [lineFeed] }.joined()), to: scratch.file)
        try scratch.write(JournalHead.note(seq: last.seq, spelling: last.hash), to: scratch.note)
        return try #require(last.head)
    }

    @Test("a tail that was cut together with its note is found by what the store knows, by verify and at a start")
    func cut() throws {
        for count in 1...5 {
            let scratch = try Scratch()
            try scratch.writeJournal()
            let mark = try #require(JournalVerifier.verify(scratch.journal).head)
            #expect(try JournalVerifier.verify(scratch.journal, mark: mark).isIntact)
            let end = try shorten(scratch, by: count)
            #expect(try JournalVerifier.verify(scratch.journal).isIntact)
            let finding = JournalFinding(
                file: "journal-000000000001.jsonl", line: Int(end.seq), seq: end.seq,
                problem: .cut(head: mark, from: .store))
            #expect(try JournalVerifier.verify(scratch.journal, mark: mark).findings == [finding])
            let before = try scratch.read(scratch.file)
            let failure = #expect(throws: JournalFailure.self) {
                try Journal(directory: scratch.journal, mark: mark, clock: { Timestamp(milliseconds: 0) })
            }
            guard case .damaged(_, finding) = failure else { return #expect(Bool(false), "\(failure as Any)") }
            #expect(try scratch.read(scratch.file) == before)
        }
    }

    @Test("a last line that was rewritten together with the note is found by what the store knows")
    func rewritten() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let mark = try #require(JournalVerifier.verify(scratch.journal).head)
        var lines = try scratch.lines()
        let original = try #require(JournalLine(lines[5][...]))
        let forged = ByteWriter()
        var hash = original.prev
        JournalLine.compose(
            .gateStopped(reason: "nothing"), seq: 6, at: Timestamp(milliseconds: 0), spelled: [], after: &hash,
            into: forged)
        lines[5] = Array(forged.bytes.dropLast())
        try scratch.write(Array(lines.map { $0 + [lineFeed] }.joined()), to: scratch.file)
        try scratch.write(JournalHead.note(seq: 6, spelling: hash), to: scratch.note)
        #expect(try JournalVerifier.verify(scratch.journal).isIntact)
        let findings = try JournalVerifier.verify(scratch.journal, mark: mark).findings
        #expect(findings.map(\.problem) == [.replaced(head: mark, from: .store)])
        #expect(findings.first?.line == 6 && findings.first?.seq == 6)
        #expect(throws: JournalFailure.self) {
            try Journal(directory: scratch.journal, mark: mark, clock: { Timestamp(milliseconds: 0) })
        }
    }

    @Test("the store is told the last line when the journal ends, and none that is not on disk")
    func told() async throws {
        let scratch = try Scratch()
        let heads = Mutex<[JournalHead]>([])
        let journal = try Journal(
            directory: scratch.journal, clock: { Timestamp(milliseconds: 0) },
            tell: { head in heads.withLock { $0.append(head) } })
        for number in 0..<50 {
            try journal.append(.gateStopped(reason: "\(number)"))
            try await journal.sync()
        }
        try journal.append(.gateStopped(reason: "last"))
        journal.shutDown()
        let told = heads.withLock { $0 }
        #expect(told.last == (try JournalVerifier.verify(scratch.journal).head))
        #expect(try JournalVerifier.verify(scratch.journal, expecting: told).isIntact)
    }

    @Test("the store is told at once of the first line, and of later ones at most once a second")
    func seldom() throws {
        let digest = try #require(Example.digest)
        let time = Mutex<Int64>(0)
        let told = Mutex<[UInt64]>([])
        let marker = JournalMarker({ head in told.withLock { $0.append(head.seq) } }, now: { time.withLock { $0 } })
        for (at, seq) in [(0, 1), (1, 2), (999, 3), (1000, 4), (1001, 5), (2500, 6)] {
            time.withLock { $0 = Int64(at) }
            marker.offer(JournalHead(seq: UInt64(seq), hash: digest))
        }
        #expect(told.withLock { $0 } == [1, 4, 6])
        marker.finish(JournalHead(seq: 7, hash: digest))
        #expect(told.withLock { $0 }.last == 7)
        marker.finish(JournalHead(seq: 0, hash: digest))
        #expect(told.withLock { $0 }.count == 4)
    }

    @Test("a journal that is begun anew beside a store that knows an earlier one says so in its first line")
    func begunAnew() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let mark = try #require(JournalVerifier.verify(scratch.journal).head)
        try #require(rename(scratch.journal, "\(scratch.path)/evidence") == 0)
        for _ in 0..<2 {
            // The second time the store has not been told of the new journal yet.
            let journal = try Journal(directory: scratch.journal, mark: mark, clock: { Timestamp(milliseconds: 0) })
            try journal.append(.gateStopped(reason: "once more"))
            journal.shutDown()
        }
        let report = try JournalVerifier.verify(scratch.journal, mark: mark)
        #expect(report.findings == [])
        #expect(report.begunAfter == mark)
        #expect(try scratch.texts()[0].contains("\"kind\":\"journal.begun\",\"after\":\"\(mark)\""))
    }

    @Test("readers never keep the writer waiting: neither a start, nor a line, nor the end of a file")
    func readers() async throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        // One that stopped in the middle, and one that looks again and again.
        var idle = JournalReader(try JournalFile(reading: scratch.file))
        _ = try idle.next()
        let watch = Watch()
        // A thread of its own: it never waits for anything.
        try WorkerThread.spawn("reader") {
            var findings: [JournalFinding] = []
            repeat {
                findings += (try? JournalVerifier.verify(scratch.journal).findings) ?? []
                _ = JournalLock.isHeld(scratch.journal)
            } while !watch.isDone.load(ordering: .relaxed)
            watch.findings.withLock { $0 = findings }
        }
        var limits = JournalLimits()
        limits.segment = 8192
        for round in 0..<10 {
            let journal = try Journal(
                directory: scratch.journal, limits: limits, clock: { Timestamp(milliseconds: 1_795_231_845_678) })
            for number in 0..<20 {
                try journal.append(.gateStopped(reason: "\(round)/\(number)"))
                try journal.flush()
            }
            try await journal.sync()
            journal.shutDown()
        }
        watch.isDone.store(true, ordering: .relaxed)
        let deadline = ContinuousClock.now + .seconds(60)
        while watch.findings.withLock({ $0 == nil }), ContinuousClock.now < deadline { usleep(10_000) }
        #expect(watch.findings.withLock { $0 } == [])
        _ = try idle.next()
        let report = try JournalVerifier.verify(scratch.journal)
        #expect(report.findings == [])
        #expect(report.files > 2)
    }
}

/// What a reader beside a test found, once it has ended.
private final class Watch: Sendable {
    let isDone = Atomic(false)
    let findings = Mutex<[JournalFinding]?>(nil)
}
