import Calls
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

    @Test("every change of a single byte is found, at its line")
    func everyByte() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let whole = try scratch.read(scratch.file)
        var line = 1
        for index in whole.indices {
            for flip: UInt8 in [0x01, 0x20] {
                var changed = whole
                changed[index] ^= flip
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
        try scratch.writeJournal()
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

    @Test("two swapped lines are found", arguments: 0..<5)
    func swapped(index: Int) throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        var lines = try scratch.lines()
        lines.swapAt(index, index + 1)
        let found = try findings(scratch, lines: lines)
        #expect(found.first?.line == index + 1)
        #expect(found.contains { $0.line == index + 2 && $0.problem == .misplaced(expected: UInt64(index + 3)) })
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
            let forged = JournalLine.compose(
                .gateStopped(reason: "nothing happened"), seq: original.seq, at: Timestamp(milliseconds: 0),
                spelled: [], after: original.prev)
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
