import Calls
import Glibc
import Testing

@testable import Audit

@Suite struct JournalRecoveryTests {
    @Test("a start finds the calls that were open: uncertain where something may have left, lost otherwise")
    func leftOpen() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        do {
            let journal = try scratch.openJournal()
            try journal.append(.gateStarted(version: "0.1", rulesDigest: "r", lost: 0, uncertain: 0))
            let closed = Example.record("c_closed", tier: .readOnly, .pass)
            let passing = Example.record("c_passing", tier: .readOnly, .pass)
            let waiting = Example.record("c_waiting", tier: .external, .hold)
            let sending = Example.record("c_sending", tier: .external, .hold)
            let digest = try #require(Example.digest)
            try journal.open(closed)
            try journal.open(passing)
            try journal.open(waiting)
            try journal.open(sending)
            for (call, hold) in [(waiting, HoldID(random: 1)), (sending, HoldID(random: 2))] {
                try journal.append(
                    .holdCreated(
                        hold, call: call.id, session: call.session, digest: digest, tier: .external,
                        expires: Timestamp(milliseconds: 0)))
            }
            try journal.append(.callSending(HoldID(random: 2), call: nil, digest: digest, by: "grace (uid 1000)"))
            closed.outcome = .answered(status: 200, received: 0)
            try journal.close(closed)
            journal.shutDown()
        }
        let journal = try scratch.openJournal()
        #expect(Set(journal.leftOpen.map(\.id.description)) == ["c_passing", "c_waiting", "c_sending"])
        let (lost, uncertain) = try journal.closeLeftOpen()
        #expect(lost == 1)
        #expect(uncertain == 2)
        try journal.append(.gateStarted(version: "0.1", rulesDigest: "r", lost: lost, uncertain: uncertain))
        journal.shutDown()
        let again = try scratch.openJournal()
        #expect(again.leftOpen.isEmpty)
        again.shutDown()
        #expect(try JournalVerifier.verify(scratch.journal).isIntact)
    }

    @Test(
        "a sending of which only the journal's line reached the disk was not sent",
        arguments: [(isInStore: false, uncertain: 0), (isInStore: true, uncertain: 1)])
    func onlyTheLine(isInStore: Bool, uncertain: Int) throws {
        let scratch = try Scratch()
        let hold = HoldID(random: 1)
        do {
            let journal = try scratch.openJournal()
            try journal.append(.gateStarted(version: "0.1", rulesDigest: "r", lost: 0, uncertain: 0))
            let call = Example.record("c_1", tier: .external, .hold)
            let digest = try #require(Example.digest)
            try journal.open(call)
            try journal.append(
                .holdCreated(
                    hold, call: call.id, session: call.session, digest: digest, tier: .external,
                    expires: Timestamp(milliseconds: 0)))
            try journal.append(.callSending(hold, call: call.id, digest: digest, by: "grace (uid 1000)"))
            journal.shutDown()
        }
        let journal = try scratch.openJournal()
        let closed = try journal.closeLeftOpen(unsent: isInStore ? [] : [hold])
        #expect(closed.uncertain == uncertain && closed.lost == 1 - uncertain)
        journal.shutDown()
    }

    @Test("an incomplete last line is put aside, kept, and told of; the chain goes on")
    func torn() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let whole = try scratch.read(scratch.file)
        let rest = Array("{\"seq\":7,\"time\":\"2026".utf8)
        try scratch.write(whole + rest, to: scratch.file)
        let journal = try scratch.openJournal()
        journal.shutDown()
        #expect(try scratch.read("\(scratch.journal)/torn-line-7") == rest)
        let texts = try scratch.texts()
        #expect(texts.count == 7)
        #expect(texts.last?.contains("\"kind\":\"journal.repaired\",\"file\":\"torn-line-7\",\"bytes\":21") == true)
        #expect(try JournalVerifier.verify(scratch.journal).isIntact)
    }

    @Test(
        "a hole in lines that nobody was promised is put aside with all behind it; in promised ones it is refused",
        arguments: [(promised: 3, opens: true), (promised: 4, opens: true), (promised: 5, opens: false)])
    func hole(promised: Int, opens: Bool) throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let texts = try scratch.texts()
        var bytes = try scratch.read(scratch.file)
        let offset = texts[..<4].reduce(0) { $0 + $1.utf8.count + 1 }
        bytes.replaceSubrange(offset + 20..<offset + 30, with: [UInt8](repeating: 0, count: 10))
        try scratch.write(bytes, to: scratch.file)
        let head = try #require(JournalLine(Array(texts[promised - 1].utf8)[...]))
        try scratch.write(
            JournalHead.note(seq: head.seq, spelling: head.hash), to: "\(scratch.journal)/\(JournalDirectory.noteName)")
        guard opens else {
            #expect(throws: JournalFailure.self) { try scratch.openJournal() }
            #expect(try scratch.read(scratch.file) == bytes)
            return
        }
        let journal = try scratch.openJournal()
        journal.shutDown()
        #expect(try scratch.read("\(scratch.journal)/torn-line-5") == Array(bytes[offset...]))
        #expect(try scratch.texts().last?.contains("\"kind\":\"journal.repaired\"") == true)
        #expect(try JournalVerifier.verify(scratch.journal).isIntact)
    }

    @Test("a last line that was promised and is now incomplete is refused, and nothing is cut")
    func tornPromise() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let cut = try scratch.read(scratch.file).dropLast(10)
        try scratch.write(Array(cut), to: scratch.file)
        let failure = #expect(throws: JournalFailure.self) { try scratch.openJournal() }
        #expect(failure?.description.contains("tiergate journal verify") == true)
        #expect(try scratch.read(scratch.file) == Array(cut))
    }

    @Test(
        "a damaged end is refused with the place and what to do", arguments: ["altered", "removed", "cut", "headless"])
    func damaged(how: String) throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        var lines = try scratch.lines()
        switch how {
        case "altered": lines[3][30] ^= 1
        case "removed": lines.remove(at: 3)
        case "cut": lines.removeLast()
        default: scratch.removeFile(scratch.note)
        }
        try scratch.write(Array(lines.map { $0 + [lineFeed] }.joined()), to: scratch.file)
        guard
            case .damaged(_, let finding)? = #expect(
                throws: JournalFailure.self, performing: { try scratch.openJournal() })
        else {
            Issue.record("not refused as damaged")
            return
        }
        switch how {
        case "altered": #expect(finding.problem == .altered && finding.line == 4)
        case "removed": #expect(finding.problem == .missing(4...4) && finding.line == 4)
        case "cut": #expect(finding.code == "cut" && finding.line == 5)
        default: #expect(finding.problem == .headless)
        }
    }

    @Test("a journal file that is gone while its note remains is refused")
    func gone() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        scratch.removeFile(scratch.file)
        #expect(throws: JournalFailure.self) { try scratch.openJournal() }
    }

    @Test(
        "a file removed, cut or written to by somebody else stops everything",
        arguments: ["removed", "cut", "written to"])
    func disturbed(how: String) async throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        try journal.append(.gateStopped(reason: "first"))
        try await journal.sync()
        switch how {
        case "removed": scratch.removeFile(scratch.file)
        case "cut": try #require(truncate(scratch.file, 3) == 0)
        default:
            let file = try #require(fopen(scratch.file, "a"))
            fputs("x\n", file)
            fclose(file)
        }
        try journal.append(.gateStopped(reason: "second"))
        let failure = await #expect(throws: JournalFailure.self) { try await journal.sync() }
        #expect(failure?.description.contains("was \(how)") == true)
        #expect(throws: JournalFailure.self) { try journal.flush() }
        let record = Example.record("c_1", tier: .readOnly, .pass)
        #expect(throws: JournalFailure.self) { try journal.open(record) }
        #expect(!record.isOpened)
        journal.shutDown()
    }
}

@Suite(.enabled(if: Scratch.canMount, "filling a disk needs a file system of its own, which only root may mount"))
struct JournalFullDiskTests {
    @Test("on a full disk nothing is permitted; facts wait and are written when there is room, and the journal says so")
    func full() async throws {
        let scratch = try Scratch(fileSystemOf: "64k")
        let journal = try scratch.openJournal()
        let passed = Example.record("c_passed", tier: .readOnly, .pass)
        try journal.open(passed)
        try await journal.sync()
        let ballast = "\(scratch.path)/ballast"
        try scratch.fill(ballast)

        // More than the rest of the last page holds, so that a line is written in part.
        var failed = false
        for number in 0..<40 where !failed {
            do {
                try journal.append(.gateStopped(reason: "\(number)" + String(repeating: "x", count: 300)))
                try journal.flush()
            } catch {
                failed = true
            }
        }
        #expect(failed)
        #expect(try scratch.read(scratch.file).last == lineFeed)
        #expect(journal.failure?.description.contains("No space left on device") == true)

        let refused = Example.record("c_refused", tier: .readOnly, .pass)
        #expect(throws: JournalFailure.self) { try journal.open(refused) }
        await #expect(throws: JournalFailure.self) { try await journal.sync() }
        passed.outcome = .answered(status: 200, received: 1)
        try journal.close(passed)
        refused.outcome = .refused(code: "journal_unavailable", status: 503, cause: "disk full")
        try journal.close(refused)

        scratch.removeFile(ballast)
        try await journal.sync()
        #expect(journal.failure == nil)
        try journal.open(refused)
        journal.shutDown()
        #expect(try JournalVerifier.verify(scratch.journal).findings == [])
        let texts = try scratch.texts()
        #expect(texts.contains { $0.contains("call.close") && $0.contains("c_passed") })
        #expect(texts.contains { $0.contains("call.close") && $0.contains("c_refused") })
        #expect(texts.contains { $0.contains("journal.restored") && $0.contains("\"dropped\":0") })
    }

    @Test("facts that find no room in memory either are counted")
    func dropped() async throws {
        let scratch = try Scratch(fileSystemOf: "64k")
        let journal = try scratch.openJournal()
        try await journal.sync()
        let ballast = "\(scratch.path)/ballast"
        try scratch.fill(ballast)
        let text = String(repeating: "x", count: 4000)
        var kept = 0
        while (try? journal.append(.gateStopped(reason: text))) != nil, kept < 10_000 { kept += 1 }
        #expect(kept > 1000 && kept < 3000)
        let counted = 7
        for _ in 1..<counted { #expect(throws: JournalFailure.self) { try journal.append(.gateStopped(reason: text)) } }
        try scratch.grow(to: "64m")
        scratch.removeFile(ballast)
        try await journal.sync()
        journal.shutDown()
        #expect(try JournalVerifier.verify(scratch.journal).findings == [])
        let last = try scratch.tail(400)
        #expect(last.contains("journal.restored") && last.contains("\"dropped\":\(counted)"))
    }
}
