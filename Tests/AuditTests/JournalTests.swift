import Calls
import Crypto
import Glibc
import JSON
import Testing

@testable import Audit

@Suite struct JournalTests {
    @Test(
        "a line is JSON whose hash is the SHA-256 of the line without it, and whose prev is the hash of the line before"
    )
    func chain() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let lines = try scratch.lines()
        #expect(lines.count == 6)
        var prev: Text? = Text(String(repeating: "0", count: 64))
        for (index, line) in lines.enumerated() {
            let root = try JSONDocument.parse(line).root
            #expect(root["seq"]?.integer == Int64(index + 1))
            #expect(root["time"]?.text == "2026-11-21T03:30:45.678Z")
            #expect(root["prev"]?.text == prev)
            let hash = try #require(root["hash"]?.text)
            let without = try #require(String(decoding: line, as: UTF8.self).split(separator: ",\"hash\":").first) + "}"
            #expect(SHA256.digest(Array(without.utf8)).description == hash.string)
            prev = hash
        }
    }

    @Test("an opening line says who called what and how it was judged, and quotes neither body nor query")
    func opening() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let root = try JSONDocument.parse(scratch.lines()[1]).root
        #expect(root["kind"]?.text == "call.open")
        #expect(root["call"]?.text == "c_1")
        #expect(root["session"]?.text == "uid:1000")
        #expect(root["method"]?.text == "GET")
        #expect(root["target"]?.text == "https://api.example.com/v1/things?key=…")
        #expect(root["principal"]?.text == "credential #0123456789abcdef")
        #expect(root["tier"]?.integer == 1)
        #expect(root["disposition"]?.text == "pass")
        #expect(root["rules"]?[0]?.text == "a.b")
        #expect(root["summaries"] == nil)
    }

    @Test("a closing line says how the call ended and how long it took")
    func closing() throws {
        let scratch = try Scratch()
        try scratch.writeJournal()
        let root = try JSONDocument.parse(scratch.lines()[2]).root
        #expect(root["kind"]?.text == "call.close")
        #expect(root["outcome"]?.text == "answered")
        #expect(root["status"]?.integer == 200)
        #expect(root["received"]?.integer == 17)
        #expect(root["ms"]?.integer == 678)
    }

    @Test(
        "a stop and what it ended are facts, which wait for better times; a resume is refused where it cannot be written"
    )
    func killSwitch() throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        let hold = HoldID(random: 1)
        let entries: [JournalEntry] = [
            .scopeStopped(.agent(AgentID("bot")), .killed, cause: "ada: it leaks"), .holdKilled(hold, cause: "ada"),
            .scopeResumed(.agent(AgentID("bot")), .killed, by: "ada (uid 1)", reason: "clear"),
        ]
        #expect(entries.map(\.permits) == [false, false, true])
        for entry in entries { try journal.append(entry) }
        journal.shutDown()
        let lines = try scratch.lines().map { try JSONDocument.parse($0).root }
        #expect(lines.map { $0["kind"]?.text } == ["scope.stopped", "hold.killed", "scope.resumed"])
        #expect(lines[0]["scope"]?.text == "agent:bot" && lines[0]["state"]?.text == "killed")
        #expect(lines[0]["cause"]?.text == "ada: it leaks")
        #expect(lines[1]["hold"]?.text == Text(hold.description))
        #expect(lines[2]["was"]?.text == "killed" && lines[2]["reason"]?.text == "clear")
    }

    @Test("a call refused before it was opened opens and closes at once")
    func refusedEarly() throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        let record = Record(id: CallID("c_x"), session: SessionID("s"), began: Timestamp(milliseconds: 0))
        record.outcome = .refused(code: "malformed", status: 400, cause: "two Content-Length fields")
        try journal.close(record)
        journal.shutDown()
        let texts = try scratch.texts()
        #expect(texts.count == 2)
        #expect(texts[0].contains("\"kind\":\"call.open\",\"call\":\"c_x\",\"session\":\"s\",\"prev\""))
        #expect(texts[1].contains("\"outcome\":\"refused\",\"status\":400,\"code\":\"malformed\""))
    }

    @Test("rules on trial are in the opening line with what each would have asked for, up to a limit")
    func shadows() throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        func open(_ id: String, _ shadows: [Verdict.Match]) throws {
            let record = Example.record(id, tier: .readOnly, .pass)
            record.verdict = Verdict(
                tier: .readOnly, disposition: .pass, reason: "r", shadows: shadows, rulesDigest: "d")
            try journal.open(record)
        }
        let match = Verdict.Match(rule: "trial", pack: "p", source: "p.yaml:3", tier: .irreversible)
        try open("c_1", [match])
        try open("c_2", [])
        try open("c_3", Array(repeating: match, count: 40))
        journal.shutDown()
        let lines = try scratch.lines().map { try JSONDocument.parse($0).root }
        #expect(lines[0]["shadow"]?.count == 1)
        #expect(lines[0]["shadow"]?[0]?["rule"]?.text == "trial" && lines[0]["shadow"]?[0]?["tier"]?.integer == 4)
        #expect(lines[0]["tier"]?.integer == 1 && lines[1]["shadow"] == nil)
        #expect(lines[2]["shadow"]?.count == JournalEntry.longestList && lines[2]["shadow_omitted"]?.integer == 24)
    }

    @Test("what is too long is cut between two characters and says how much is missing")
    func clipping() throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        let long = String(repeating: "é", count: 5000)
        try journal.append(.holdStale(Example.hold, cause: "x" + long))
        let record = Example.record("c_1", tier: .external, .hold)
        let verdict = try #require(record.verdict)
        let match = try #require(verdict.matches.first)
        record.verdict = Verdict(
            tier: verdict.tier, disposition: verdict.disposition, matches: Array(repeating: match, count: 40),
            reason: verdict.reason, rulesDigest: verdict.rulesDigest)
        try journal.open(record)
        journal.shutDown()
        let lines = try scratch.lines()
        let cause = try #require(JSONDocument.parse(lines[0]).root["cause"]?.text?.string)
        #expect(cause == "x" + String(repeating: "é", count: 1023) + "… [7954 bytes more]")
        let opening = try JSONDocument.parse(lines[1]).root
        #expect(opening["rules"]?.count == JournalEntry.longestList)
        #expect(opening["rules_omitted"]?.integer == 24)
    }

    @Test("no text can end a line or a member: the longest line of the worst characters is one line that verifies")
    func hostileText() throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        let record = Example.record(
            "c_1\n\"", tier: .irreversible, .hold, reason: String(repeating: "\u{1}", count: 9000))
        record.target = "https://h/\",\"hash\":\"\(String(repeating: "0", count: 64))\"}\n{\"seq\":2,"
        let supersedings: [Verdict.Superseding] = Array(
            repeating: .init(
                rule: String(repeating: "\u{2}", count: 9000), superseded: String(repeating: "\u{7F}", count: 9000),
                from: .irreversible, to: .readOnly, reason: String(repeating: "\"", count: 9000)), count: 40)
        let verdict = try #require(record.verdict)
        record.verdict = Verdict(
            tier: verdict.tier, disposition: verdict.disposition, matches: verdict.matches, supersedings: supersedings,
            reason: verdict.reason, rulesDigest: verdict.rulesDigest)
        try journal.open(record)
        try journal.append(.gateStopped(reason: ",\"kind\":\"gate.start\","))
        journal.shutDown()
        let lines = try scratch.lines()
        #expect(lines.count == 2)
        #expect(lines[0].count < JournalLine.longest)
        #expect(try JournalVerifier.verify(scratch.journal).findings == [])
        let again = try scratch.openJournal()
        #expect(again.leftOpen.map(\.outcome) == [.lost])
        again.shutDown()
    }

    @Test("a journal that is opened again goes on where it was")
    func continues() throws {
        let scratch = try Scratch()
        for _ in 1...3 { try scratch.writeJournal() }
        let report = try JournalVerifier.verify(scratch.journal)
        #expect(report.findings == [])
        #expect(report.lines == 18)
        #expect(report.head?.seq == 18)
    }

    @Test("lines reach the file with flush, and the note of the head with sync")
    func flushAndSync() async throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        try journal.append(.gateStopped(reason: "a"))
        try journal.flush()
        #expect(try scratch.lines().count == 1)
        try await journal.sync()
        #expect(String(decoding: try scratch.read(scratch.note), as: UTF8.self).hasPrefix("00000000000000000001:"))
        try journal.append(.gateStopped(reason: "b"))
        try await journal.sync()
        #expect(try scratch.lines().count == 2)
        #expect(try JournalVerifier.readNote(scratch.journal) == journal.head)
        try await journal.sync()
        journal.shutDown()
    }

    @Test("many threads append, flush and sync at once: every line is there, once, in order")
    func concurrency() async throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        try await withThrowingTaskGroup { group in
            for worker in 0..<16 {
                group.addTask {
                    for number in 0..<100 {
                        try journal.append(.gateStopped(reason: "\(worker)/\(number)"))
                        try journal.flush()
                        if number % 10 == 0 { try await journal.sync() }
                    }
                }
            }
            try await group.waitForAll()
        }
        journal.shutDown()
        #expect(try JournalVerifier.verify(scratch.journal).findings == [])
        let texts = try scratch.texts()
        #expect(texts.count == 1600)
        for worker in 0..<16 {
            let mine = texts.filter { $0.contains("\"reason\":\"\(worker)/") }
            #expect(mine.count == 100)
            #expect(zip(mine, 0...).allSatisfy { $0.contains("\"\(worker)/\($1)\"") })
        }
    }

    @Test("a second gate on the same journal is told so, and the first goes on")
    func busy() throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        #expect(throws: JournalFailure.busy(path: "\(scratch.journal)/lock")) { try scratch.openJournal() }
        try journal.append(.gateStopped(reason: "still here"))
        try journal.flush()
        journal.shutDown()
        try scratch.openJournal().shutDown()
    }

    @Test("after it was shut down the journal takes nothing, neither a permit nor a fact")
    func closed() async throws {
        let scratch = try Scratch()
        let journal = try scratch.openJournal()
        journal.shutDown()
        #expect(throws: JournalFailure.closed) { try journal.append(.gateStopped(reason: "late")) }
        #expect(throws: JournalFailure.closed) { try journal.flush() }
        await #expect(throws: JournalFailure.closed) { try await journal.sync() }
    }
}
