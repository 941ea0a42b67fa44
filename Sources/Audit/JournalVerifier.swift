/// Reads a journal from its first line to its last and names every line that the gate did not write so.
package enum JournalVerifier {
    /// What was read, and what is wrong with it.
    package struct Report: Sendable {
        package var files = 0
        package var lines: UInt64 = 0
        /// The last line that fitted: keep it elsewhere, and a cut will be found even if all of the state was rewritten.
        package var head: JournalHead?
        package var findings: [JournalFinding] = []
        /// The last line of what was removed because the settings say how long files are kept.
        package var pruned: JournalHead?
        /// The earlier journal, as far as the store knew it, after which this one was begun.
        package var begunAfter: JournalHead?
        /// Findings beyond `mostFindings`, counted only.
        package var omitted = 0

        package var isIntact: Bool { findings.isEmpty }
    }

    /// More findings than this are only counted: a journal of something else altogether has millions.
    package static let mostFindings = 100

    /// Verifies every file of the directory; `expected` are heads noted earlier, that the journal must still contain, and
    /// `mark` is the one that the hold store knew before this began.
    package static func verify(
        _ directory: String, expecting expected: [JournalHead] = [], mark: JournalHead? = nil
    ) throws(JournalFailure) -> Report {
        // A gate may remove a file, as its settings say, between the list and the look.
        for _ in 0..<2 {
            // The note before the list: a gate that writes meanwhile only comes further.
            let note = try readNote(directory)
            let files = try JournalDirectory.files(in: directory)
            do throws(JournalFailure) {
                return try verify(directory, files, note, expected, mark)
            } catch {
                if files.allSatisfy({ JournalDirectory.exists("\(directory)/\($0.name)") }) { throw error }
            }
        }
        let note = try readNote(directory)
        return try verify(directory, JournalDirectory.files(in: directory), note, expected, mark)
    }

    private static func verify(
        _ directory: String, _ files: [(name: String, first: UInt64)], _ note: JournalHead?, _ expected: [JournalHead],
        _ mark: JournalHead?
    ) throws(JournalFailure) -> Report {
        var report = Report()
        var heads = expected.map { (head: $0, source: JournalHead.Source.caller) }
        if let mark, mark.seq > 0 { heads.append((mark, .store)) }
        if let note { heads.append((note, .note)) }
        if note == nil, !files.isEmpty { report.add(.init(file: "head", line: 0, seq: nil, problem: .headless)) }

        let begin = files.first?.first ?? 1
        var base: JournalHead?
        var pruned: [JournalHead] = []
        var check = begin > 1 ? ChainCheck(before: begin) : ChainCheck()
        var lastPlace = (file: files.last?.name ?? "journal", line: 0)
        for (name, first) in files {
            report.files += 1
            var reader = JournalReader(try JournalFile(reading: "\(directory)/\(name)"))
            var number = 0
            while let found = try reader.next() {
                number += 1
                // The line that a gate is writing just now is not there whole yet.
                if !found.isComplete, name == files.last?.name, JournalLock.isHeld(directory) { break }
                report.lines += 1
                let (line, problem) = check.follow(found.bytes, isComplete: found.isComplete)
                lastPlace = (name, number)
                if let problem { report.add(.init(file: name, line: number, seq: line?.seq, problem: problem)) }
                guard let line else { continue }
                if number == 1, line.seq != first, line.isGenuine {
                    report.add(.init(file: name, line: 1, seq: line.seq, problem: .misnamed))
                }
                guard line.isGenuine, let head = line.head else { continue }
                if problem == nil {
                    report.head = head
                    if number == 1, first == begin { base = JournalHead(seq: line.seq - 1, spelling: line.prev) }
                    switch JournalRemark(found.bytes) {
                    case .pruned(let through): pruned.append(through)
                    case .begun(let after) where line.seq == 1:
                        report.begunAfter = after
                        heads.removeAll { $0.source == .store && $0.head == after }
                    case .begun, nil: break
                    }
                }
                for (known, source) in heads where known.seq == head.seq && known.hash != head.hash {
                    report.add(
                        .init(file: name, line: number, seq: head.seq, problem: .replaced(head: known, from: source)))
                }
            }
        }
        for (known, source) in heads where known.seq > check.last {
            let seq = check.last > 0 ? check.last : nil
            report.add(
                .init(file: lastPlace.file, line: lastPlace.line, seq: seq, problem: .cut(head: known, from: source)))
        }
        if begin > 1 {
            // What the settings let go is told of in what is left; a gate that ended in between may have left more of it.
            if let base, pruned.contains(where: { $0.seq > base.seq || $0 == base }) {
                report.pruned = base
            } else {
                report.add(.init(file: files[0].name, line: 1, seq: begin, problem: .missing(1...(begin - 1))))
            }
        }
        return report
    }

    /// How far the gate says it had come; nil where the note is missing or unreadable.
    static func readNote(_ directory: String) throws(JournalFailure) -> JournalHead? {
        let path = "\(directory)/\(JournalDirectory.noteName)"
        guard JournalDirectory.exists(path) else { return nil }
        return JournalHead(note: try JournalFile(reading: path).read(at: 0, count: 4096))
    }
}

extension JournalVerifier.Report {
    fileprivate mutating func add(_ finding: JournalFinding) {
        if findings.count < JournalVerifier.mostFindings { findings.append(finding) } else { omitted += 1 }
    }
}
