import Calls
import Glibc
import Synchronization
import Testing

@testable import Audit

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_795_231_845_678))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by interval: Interval) { time.withLock { $0 = $0 + interval } }
}

@Suite struct JournalSegmentTests {
    let scratch: Scratch
    let clock = TestClock()

    init() throws { scratch = try Scratch() }

    private func open(
        segment: Int = 4096, age: Interval? = nil, keep: Interval? = nil, mark: JournalHead? = nil
    ) throws -> Journal {
        var limits = JournalLimits()
        (limits.segment, limits.segmentAge, limits.keep) = (segment, age, keep)
        return try Journal(directory: scratch.journal, limits: limits, mark: mark, clock: { [clock] in clock.now })
    }

    /// Appends lines of about 300 bytes each, and brings each to disk.
    private func fill(_ journal: Journal, lines: Int) async throws {
        for number in 0..<lines {
            try journal.append(.gateStopped(reason: "\(number)"))
            try await journal.sync()
        }
    }

    private var files: [String] { get throws { try JournalDirectory.files(in: scratch.journal).map(\.name) } }

    private func verify() throws -> JournalVerifier.Report { try JournalVerifier.verify(scratch.journal) }

    private func path(_ name: String) -> String { "\(scratch.journal)/\(name)" }

    /// A closed journal of at least four files.
    private func writeFour() async throws -> [String] {
        let journal = try open(segment: 1024)
        try await fill(journal, lines: 16)
        journal.shutDown()
        let files = try files
        try #require(files.count >= 4)
        return files
    }

    @Test("a file that is large enough is ended, each file is named after its first line, and the chain goes on")
    func size() async throws {
        let files = try await writeFour()
        let report = try verify()
        #expect(report.findings == [])
        #expect(report.files == files.count)
        for name in files.dropFirst() {
            let line = try #require(try JournalDirectory.firstLine(of: name, in: scratch.journal))
            let seq = try #require(JournalLine(line[...])).seq
            #expect(name == JournalDirectory.fileName(beginningWith: seq))
            #expect(String(decoding: line, as: UTF8.self).contains("\"kind\":\"journal.segment\",\"open\":0"))
        }
        // And it goes on after a restart.
        let again = try open(segment: 1024)
        try await fill(again, lines: 1)
        again.shutDown()
        #expect(try verify().isIntact)
    }

    @Test("by default a journal of this size is one file")
    func defaults() async throws {
        let journal = try open(segment: JournalLimits().segment)
        try await fill(journal, lines: 16)
        journal.shutDown()
        #expect(try files.count == 1)
        #expect(JournalLimits().segment == 64 << 20)
        #expect(JournalLimits().keep == nil)
    }

    @Test("a file that is old enough is ended, also when the gate was restarted meanwhile; a younger one is not")
    func age() async throws {
        var journal = try open(segment: 1 << 20, age: .hours(24))
        try await fill(journal, lines: 2)
        journal.shutDown()
        clock.advance(by: .hours(23))
        journal = try open(segment: 1 << 20, age: .hours(24))
        try await fill(journal, lines: 1)
        #expect(try files.count == 1)
        clock.advance(by: .hours(1))
        try await fill(journal, lines: 1)
        journal.shutDown()
        #expect(try files.count == 2)
        #expect(try verify().isIntact)
    }

    @Test("calls that are open when a file ends are found open by a start that reads only the next one")
    func carried() async throws {
        let journal = try open(segment: 1024)
        let passing = Example.record("c_passing", tier: .readOnly, .pass)
        let waiting = Example.record("c_waiting", tier: .external, .hold)
        let closed = Example.record("c_closed", tier: .readOnly, .pass)
        try journal.open(passing)
        try journal.open(waiting)
        try journal.open(closed)
        try journal.append(
            .holdCreated(
                Example.hold, call: waiting.id, session: waiting.session, digest: try #require(Example.digest),
                tier: .external, expires: Timestamp(milliseconds: 0)))
        try await fill(journal, lines: 8)
        closed.outcome = .answered(status: 200, received: 0)
        try journal.close(closed)
        // The hold's maker is still known in a later file.
        try journal.append(.callSending(Example.hold, call: nil, digest: try #require(Example.digest), by: "a"))
        try await fill(journal, lines: 8)
        journal.shutDown()
        #expect(try files.count >= 3)
        let again = try open()
        #expect(
            again.leftOpen == [
                OpenCall(id: passing.id, mayHaveLeft: true),
                OpenCall(id: waiting.id, hold: Example.hold, mayHaveLeft: true),
            ])
        again.shutDown()
        #expect(try verify().isIntact)
    }

    @Test("more open calls than one line takes are carried over in several")
    func manyCarried() async throws {
        let journal = try open(segment: 100_000)
        for number in 0..<300 {
            let record = Example.record("c_\(number)", tier: .readOnly, .pass)
            try journal.open(record)
        }
        try await journal.sync()
        try await fill(journal, lines: 1)
        journal.shutDown()
        #expect(try files.count == 2)
        let again = try open()
        #expect(again.leftOpen.count == 300)
        again.shutDown()
    }

    @Test(
        "a file that is missing, renamed, swapped with another or emptied is found at its place",
        arguments: ["first", "middle", "last", "renamed", "swapped", "emptied"])
    func tampered(how: String) async throws {
        let files = try await writeFour()
        let second = try JournalDirectory.files(in: scratch.journal)[1]
        switch how {
        case "first": scratch.removeFile(path(files[0]))
        case "middle": scratch.removeFile(path(files[1]))
        case "last": scratch.removeFile(path(try #require(files.last)))
        case "renamed": try #require(rename(path(files[1]), path("journal-000000000999.jsonl")) == 0)
        case "swapped":
            try #require(rename(path(files[1]), path("x")) == 0)
            try #require(rename(path(files[2]), path(files[1])) == 0)
            try #require(rename(path("x"), path(files[2])) == 0)
        default: try scratch.write([], to: path(files[1]))
        }
        let findings = try verify().findings
        let first = try #require(findings.first { $0.problem != .misnamed })
        switch how {
        case "first":
            #expect(first.problem == .missing(1...(second.first - 1)))
            #expect(first.file == files[1] && first.line == 1)
        case "last":
            #expect(first.code == "cut")
            #expect(first.file == files[files.count - 2])
        case "middle", "emptied", "renamed", "swapped":
            guard case .missing(let gap) = first.problem else { return #expect(Bool(false), "\(findings)") }
            #expect(gap.lowerBound == second.first)
            if how == "renamed" || how == "swapped" { #expect(findings.contains { $0.problem == .misnamed }) }
        default: break
        }
    }

    @Test("files are kept for ever unless the settings say otherwise")
    func kept() async throws {
        _ = try await writeFour()
        let before = try files
        clock.advance(by: .days(10_000))
        let journal = try open(segment: 1 << 20)
        try await fill(journal, lines: 2)
        journal.shutDown()
        #expect(try files == before)
    }

    @Test("files that were kept long enough go, the journal says how far, and that is no finding")
    func pruned() async throws {
        let before = try await writeFour()
        clock.advance(by: .days(40))
        let journal = try open(segment: 1 << 20, keep: .days(30))
        try await fill(journal, lines: 2)
        journal.shutDown()
        let after = try files
        // The last old file goes on being written.
        #expect(after == [before[before.count - 1]])
        let report = try verify()
        #expect(report.findings == [])
        let first = try #require(JournalDirectory.files(in: scratch.journal).first).first
        #expect(report.pruned?.seq == first - 1)
        try open(segment: 1 << 20, keep: .days(30)).shutDown()
        #expect(try verify().isIntact)
    }

    @Test("a file that somebody removed is a finding although others went as the settings say")
    func removedBesides() async throws {
        _ = try await writeFour()
        clock.advance(by: .days(40))
        let journal = try open(segment: 1024, keep: .days(30))
        try await fill(journal, lines: 12)
        journal.shutDown()
        #expect(try verify().isIntact)
        let files = try files
        try #require(files.count >= 2)
        scratch.removeFile(path(files[0]))
        let finding = try #require(verify().findings.first)
        #expect(finding.file == files[1] && finding.line == 1)
        guard case .missing = finding.problem else { return #expect(Bool(false), "\(finding)") }
    }

    @Test("a file whose first line says a forged time does not go, nor does anything after it")
    func forgedTime() async throws {
        let before = try await writeFour()
        let text = String(decoding: try scratch.read(path(before[1])), as: UTF8.self)
        try scratch.write(Array(text.replacing("\"time\":\"2026", with: "\"time\":\"1999").utf8), to: path(before[1]))
        let journal = try open(segment: 1 << 20, keep: .days(30))
        try await fill(journal, lines: 2)
        journal.shutDown()
        #expect(try files == before)
    }

    @Test("a crash that leaves a new file without a whole line is repaired, and what was in it is kept")
    func tornSegment() async throws {
        let before = try await writeFour()
        let head = try #require(verify().head)
        for torn in ["", "{\"seq\":"] {
            let name = JournalDirectory.fileName(beginningWith: try #require(verify().head).seq + 1)
            try scratch.write(Array(torn.utf8), to: path(name))
            do {
                let journal = try open(segment: 1 << 20)
                journal.shutDown()
            }
            #expect(try verify().findings == [])
        }
        #expect(try files == before)
        #expect(try scratch.read(path("torn-line-\(head.seq + 1)")) == Array("{\"seq\":".utf8))
    }

    @Test("a new file of which lines were promised is not taken for what a crash left")
    func promisedSegment() async throws {
        let before = try await writeFour()
        try scratch.write([], to: path(try #require(before.last)))
        #expect(throws: JournalFailure.self) { try open() }
        #expect(try files == before)
    }
}

@Suite(.enabled(if: Scratch.canMount, "filling a disk needs a file system of its own, which only root may mount"))
struct JournalSegmentFullDiskTests {
    @Test("with a full disk no file is ended halfway; with room again the journal goes on by itself and is intact")
    func full() async throws {
        let scratch = try Scratch(fileSystemOf: "256k")
        var limits = JournalLimits()
        limits.segment = 4096
        let journal = try Journal(
            directory: scratch.journal, limits: limits, clock: { Timestamp(milliseconds: 1_795_231_845_678) })
        let ballast = "\(scratch.path)/ballast"
        try scratch.fill(ballast)
        var refused = 0
        for number in 0..<60 {
            let record = Example.record("c_\(number)", tier: .readOnly, .pass)
            do {
                try journal.open(record)
                try journal.flush()
                try await journal.sync()
            } catch { refused += 1 }
        }
        #expect(refused > 0)
        scratch.removeFile(ballast)
        // Nobody asks: the journal's own thread finds the room.
        let deadline = ContinuousClock.now + .seconds(60)
        while journal.failure != nil, ContinuousClock.now < deadline { usleep(20_000) }
        #expect(journal.failure == nil)
        for number in 0..<20 {
            let record = Example.record("c_after_\(number)", tier: .readOnly, .pass)
            try journal.open(record)
            try await journal.sync()
        }
        journal.shutDown()
        #expect(try JournalVerifier.verify(scratch.journal).findings == [])
        #expect(try JournalDirectory.files(in: scratch.journal).count > 1)
    }
}
