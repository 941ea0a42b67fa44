import Calls
import JSON
import Testing

@testable import Audit

@Suite struct JournalVerifierTests {
    private func findings(_ scratch: Scratch, lines: [[UInt8]], expecting: [JournalHead] = []) throws
        -> [JournalFinding]
    {
        try scratch.write(Array(lines.map { $0 + [lineFeed] }.joined()), to: scratch.file)
        return try JournalVerifier.verify(scratch.journal, expecting: expecting).findings
    }

    @Test("an untouched journal has no finding, and its last line is the head")
    func intact() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let report = try JournalVerifier.verify(scratch.journal)
        #expect(report.isIntact)
        #expect(report.lines == 6)
        #expect(report.files == 1)
        let head = try #require(report.head)
        #expect(try JournalVerifier.verify(scratch.journal, expecting: [head]).isIntact)
        #expect(JournalHead(head.description) == head)
    }

    /// Three lines: enough for a first, a middle and a last one.
    private func writeSmall(_ scratch: Scratch) throws {
        let journal = try scratch.openJournal()
        try journal.append(.gateStarted(version: "0.1", rulesDigest: "r", lost: 0, uncertain: 0))
        try journal.append(.callRecovered(OpenCall(id: CallID("c_1"), mayHaveLeft: false)))
        try journal.append(.gateStopped(reason: "SIGTERM"))
        journal.shutDown()
    }

    @Test("every change of a single byte is found, at its line")
    func everyByte() throws {
        let scratch = try Scratch()
        try writeSmall(scratch)
        let whole = try scratch.read(scratch.file)
        var line = 1
        for index in whole.indices {
            // Another digit or letter, another case, no ASCII any more, and an end of the line.
            for value in [whole[index] ^ 0x01, whole[index] ^ 0x20, whole[index] ^ 0x80, lineFeed]
            where value != whole[index] {
                var changed = whole
                changed[index] = value
                try scratch.write(changed, to: scratch.file)
                let findings = try JournalVerifier.verify(scratch.journal).findings
                guard let first = findings.first else {
                    Issue.record("byte \(index) changed unnoticed")
                    continue
                }
                #expect(first.line == line, "byte \(index): \(first)")
            }
            if whole[index] == lineFeed { line += 1 }
        }
    }

    @Test("every cut of the file is found")
    func everyCut() throws {
        let scratch = try Scratch()
        try writeSmall(scratch)
        let whole = try scratch.read(scratch.file)
        for length in whole.indices {
            try scratch.write(Array(whole[..<length]), to: scratch.file)
            let findings = try JournalVerifier.verify(scratch.journal).findings
            #expect(!findings.isEmpty, "cut to \(length) bytes unnoticed")
        }
    }

    @Test("every removed line is named by its number", arguments: 0..<6)
    func removed(index: Int) throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        var lines = try scratch.lines()
        lines.remove(at: index)
        let first = try #require(findings(scratch, lines: lines).first)
        if index == 5 {
            #expect(first.description.contains("the journal ends here, but the gate's note `head` knows line 6"))
        } else {
            let gap = UInt64(index + 1)
            #expect(first.problem == .missing(gap...gap))
            #expect(first.line == index + 1)
        }
    }

    @Test("any two lines that were swapped are found, from the first of them on")
    func swapped() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let genuine = try scratch.lines()
        for first in genuine.indices {
            for second in genuine.indices where second > first {
                var lines = genuine
                lines.swapAt(first, second)
                let found = try findings(scratch, lines: lines)
                #expect(found.first?.line == first + 1, "\(first + 1) and \(second + 1)")
                #expect(found.contains { $0.seq == UInt64(first + 1) && $0.line == second + 1 })
            }
        }
    }

    @Test("lines of another journal are found where they were put in, in place of lines or between them")
    func spliced() throws {
        let (scratch, other) = (try Scratch(), try Scratch())
        try scratch.writeJournal()
        // As long, of the same gate, with other calls in it.
        let journal = try other.openJournal()
        for number in 0..<6 { try journal.append(.gateStopped(reason: "\(number)")) }
        journal.shutDown()
        let (genuine, foreign) = (try scratch.lines(), try other.lines())
        for start in genuine.indices {
            for end in start..<genuine.count {
                let replaced = genuine[..<start] + foreign[start...end] + genuine[(end + 1)...]
                let found = try findings(scratch, lines: Array(replaced))
                // The first line continues nothing: what follows shows that it is another's.
                let place = start > 0 ? start + 1 : min(end + 2, 6)
                #expect(found.first?.line == place, "lines \(start + 1) to \(end + 1) replaced: \(found)")
                let inserted = genuine[..<start] + foreign[start...end] + genuine[start...]
                let more = try findings(scratch, lines: Array(inserted))
                #expect(more.first.map { $0.line >= start + 1 && $0.line <= end + 2 } == true, "\(more)")
            }
        }
    }

    @Test("a repeated line is found, and nothing else is")
    func repeated() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        var lines = try scratch.lines()
        lines.insert(lines[2], at: 3)
        #expect(
            try findings(scratch, lines: lines) == [
                JournalFinding(file: "journal-000000000001.jsonl", line: 4, seq: 3, problem: .misplaced(expected: 4))
            ])
    }

    @Test("an inserted line of something else is found, and nothing else is", arguments: ["", "{}", "hello"])
    func inserted(text: String) throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        var lines = try scratch.lines()
        lines.insert(Array(text.utf8), at: 3)
        #expect(
            try findings(scratch, lines: lines) == [
                JournalFinding(file: "journal-000000000001.jsonl", line: 4, seq: nil, problem: .malformed)
            ])
    }

    @Test("a line replaced by one with a fitting hash is found by the line after it, the last one by the note")
    func forged() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let genuine = try scratch.lines()
        for index in genuine.indices {
            let original = try #require(JournalLine(genuine[index][...]))
            let forged = ByteWriter()
            var hash = original.prev
            JournalLine.compose(
                .gateStopped(reason: "nothing happened"), seq: original.seq, at: Timestamp(milliseconds: 0),
                spelled: [], after: &hash, into: forged)
            var lines = genuine
            lines[index] = forged.bytes.dropLast()
            let found = try findings(scratch, lines: lines)
            #expect(found.count == 1)
            #expect(found.first?.code == (index == 5 ? "replaced" : "detached"))
            #expect(found.first?.line == min(index + 2, 6))
        }
    }

    @Test("a journal rewritten whole, note and all, is found by a head that was kept elsewhere")
    func rewritten() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let kept = try #require(JournalVerifier.verify(scratch.journal).head)
        let other = try Scratch()
        try other.writeJournal()
        try other.writeJournal()
        #expect(try JournalVerifier.verify(other.journal, expecting: [kept]).isIntact)

        let shorter = try scratch.lines().dropLast(2)
        let last = try #require(shorter.last.flatMap { JournalLine($0[...]) })
        try scratch.write(JournalHead.note(seq: last.seq, spelling: last.hash), to: scratch.note)
        #expect(try findings(scratch, lines: Array(shorter)) == [])
        let found = try findings(scratch, lines: Array(shorter), expecting: [kept])
        #expect(found.map(\.problem) == [.cut(head: kept, from: .caller)])
    }

    @Test("a note that is gone or unreadable is found", arguments: [nil, "", "12", "x:y\n"])
    func note(text: String?) throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        if let text { try scratch.write(Array(text.utf8), to: scratch.note) } else { scratch.removeFile(scratch.note) }
        #expect(try JournalVerifier.verify(scratch.journal).findings.map(\.problem) == [.headless])
    }

    @Test("a file whose first lines were removed does not bear its name any more")
    func misnamed() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let lines = try scratch.lines().dropFirst(2)
        let codes = Set(try findings(scratch, lines: Array(lines)).map(\.code))
        #expect(codes == ["missing", "misnamed"])
    }

    @Test("a file of something else altogether is many findings, of which a hundred are told")
    func nonsense() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        try scratch.write([UInt8](repeating: lineFeed, count: 1000), to: scratch.file)
        let report = try JournalVerifier.verify(scratch.journal)
        #expect(report.findings.count == JournalVerifier.mostFindings)
        #expect(report.omitted == 900)
        try scratch.write([UInt8](repeating: 0, count: 3 << 20), to: scratch.file)
        #expect(try JournalVerifier.verify(scratch.journal).findings.contains { $0.problem == .incomplete })
    }
}
