import Calls
import Crypto
import Foundation
import Holds
import JSON
import Proxy
import Stores
import System
import Testing

@testable import tiergate

@Suite("tiergate rules replay: changed rules on last week's traffic")
final class RulesReplayCommandTests {
    private let directory: String
    private let paper = Paper()
    private let start: Int64 = 1_800_000_000_000 / 86_400_000 * 86_400_000

    init() throws { directory = try Files.makeTemporaryDirectory("tiergate-test") }

    deinit { Files.remove(directory) }

    private static let rules = """
        tiergate: 1
        pack: acme
        version: 1
        hosts: [api.acme.test]
        rules:
          - {id: acme.read, match: {host: api.acme.test, method: GET}, tier: 1, summary: read}
          - id: acme.pay
            match: {host: api.acme.test, method: POST, path: /pay}
            tier: 3
            escalate: {4: "int(body.amount) > 100"}
            summary: "Pay {{ body.amount }}"
            approvers: [finance]
          - id: acme.ship
            match: {host: api.acme.test, method: POST, path: /ship}
            tier: 3
            summary: ship

        """

    private func write(_ name: String, _ text: String) throws -> String {
        try Files.makeDirectory("\(directory)/\(name)", mode: 0o700)
        try Files.replace("\(directory)/\(name)/acme.yaml", with: Array(text.utf8))
        return "\(directory)/\(name)"
    }

    private func run(_ words: String...) throws -> (status: tiergate.ExitStatus, document: JSONNode?) {
        let terminal = Terminal(Environment([:], executable: ""), write: { [paper] in paper.write($0, $1) })
        guard case .run(let invocation) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        else { throw UsageError(message: "no command", help: "") }
        let status = invocation.command.run(invocation)
        let last = paper.output.split(separator: "\n").last { $0.hasPrefix("{") } ?? ""
        return (status, try? JSONDocument.parse(Array(last.utf8)).root)
    }

    private struct Told {
        var hours: Int64 = 0
        var method = "POST"
        var path = "/pay"
        var body = #"{"amount":5}"#
        var tier = Tier.external
        var mark: UInt8 = 1
        var facts = RecordedCall.Facts()
    }

    private func entry(_ told: Told) -> RecordedEntry {
        let head =
            "\(told.method) https://api.acme.test\(told.path) HTTP/1.1\r\nHost: api.acme.test\r\n"
            + (told.body.isEmpty ? "" : "Content-Type: application/json\r\n") + "\r\n"
        return .call(
            RecordedCall(
                time: Timestamp(milliseconds: start + told.hours * 3_600_000), session: SessionID("ada/1"),
                facts: told.facts,
                judgement: .init(
                    tier: told.tier, disposition: told.tier >= .external ? .hold : .pass, rules: ["acme.pay"],
                    rulesDigest: "other"),
                sameness: [UInt8](repeating: told.mark, count: 16), content: told.body.isEmpty ? .none : .kept,
                message: Array((head + told.body).utf8)))
    }

    /// A state directory with its key, and recordings of these calls.
    private func record(_ entries: [RecordedEntry]) throws -> (recordings: String, state: String) {
        let state = try StateDirectory(opening: "\(directory)/state")
        let writer = try RecordingWriter(in: "\(directory)/recordings", key: try state.recordingKey())
        try writer.append(entries.map(\.bytes), at: Timestamp(milliseconds: start))
        return ("\(directory)/recordings", state.path)
    }

    @Test("what the new rules loosen comes first, by rule, with an example, and is a failure")
    func diff() throws {
        let old = try write("old", Self.rules)
        let new = try write(
            "new",
            Self.rules.replacing("    tier: 3\n    summary: ship", with: "    tier: 4\n    summary: ship")
                .replacing("> 100", with: "> 1000"))
        let (recordings, state) = try record([
            entry(Told(body: #"{"amount":500}"#, tier: .irreversible, mark: 1)),
            entry(Told(body: #"{"amount":600}"#, tier: .irreversible, mark: 2)), entry(Told(mark: 3)),
            entry(Told(path: "/ship", mark: 4)), entry(Told(method: "GET", body: "", tier: .readOnly, mark: 5)),
        ])
        let (status, document) = try run(
            "rules", "replay", recordings, "--state", state, "--rules", old, "--diff", new, "--json")
        #expect(status == .failed)
        let root = try #require(document, "\(paper.output) \(paper.errors)")
        #expect(root["calls"]?.integer == 5 && root["loosened"]?.integer == 2 && root["tightened"]?.integer == 1)
        let changes = try #require(root["changes"].map { Array($0.elements) })
        #expect(changes.map { $0["change"]?.text?.string } == ["loosened", "tightened"])
        #expect(changes[0]["calls"]?.integer == 2 && changes[0]["rules_before"]?[0]?.text == "acme.pay")
        #expect(changes[0]["before"]?.text == "tier 4" && changes[0]["after"]?.text == "tier 3")
        #expect(changes[0]["example"]?["call"]?.text == "POST https://api.acme.test/pay")
        #expect(root["tiers"]?["new_rules"]?["tier_4"]?.integer == 1)
        #expect(try run("rules", "replay", recordings, "--state", state, "--rules", old, "--diff", old).status == .ok)
        let words = ["rules", "replay", recordings, "--state", state, "--rules", old, "--diff", new, "--fail-on"]
        for (word, expected) in [("tightened", ExitStatus.failed), ("changed", .failed), ("nothing", .ok)] {
            #expect(
                try run(
                    words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7], words[8], words[9],
                    word
                )
                .status == expected)
        }
        let text = paper.output
        #expect(text.contains("loosened 2 calls, tier 4 to tier 3: acme.pay before, acme.pay now"))
        #expect(text.contains("calls/s") && text.contains("new rules: finance"))
    }

    @Test("without --diff it is compared with what the gate said, and nothing is a failure")
    func asRecorded() throws {
        let rules = try write("rules", Self.rules)
        let (recordings, state) = try record([entry(Told(body: #"{"amount":5}"#, tier: .irreversible))])
        let (status, document) = try run("rules", "replay", recordings, "--state", state, "--rules", rules, "--json")
        #expect(status == .ok && document?["loosened"]?.integer == 1)
        #expect(
            try run("rules", "replay", recordings, "--state", state, "--rules", rules, "--fail-on", "loosened").status
                == .failed)
    }

    @Test("the forecast counts the same call once until its hold expires, and days without holds too")
    func forecast() throws {
        let rules = try write("rules", Self.rules)
        var told: [Told] = (0..<10).map { _ in Told(mark: 1) }
        // Tier 3 lives a week: on the eighth day it is a hold again.
        told.append(Told(hours: 8 * 24, mark: 1))
        told += (2..<7).map { Told(hours: 26, mark: UInt8($0)) }
        let (recordings, state) = try record(told.map(entry))
        let (_, document) = try run("rules", "replay", recordings, "--state", state, "--rules", rules, "--json")
        let group = try #require(document?["forecast"]?["rules"]?["groups"]?[0], "\(paper.output)")
        #expect(group["group"]?.text == "finance" && group["holds"]?.integer == 7)
        #expect(group["per_day"]?.number == "0.8" && group["p95_per_day"]?.integer == 5)
        #expect(group["busiest_hour_holds"]?.integer == 5)
        #expect(group["busiest_hour"]?.text?.string.hasSuffix("T02:00:00.000Z") == true)
    }

    @Test("calls are judged with what was known when they were recorded")
    func recordedFacts() throws {
        let rules = try write(
            "rules",
            Self.rules.replacing(
                "escalate: {4: \"int(body.amount) > 100\"}",
                with: "escalate: {4: \"session.calls > 7 || now > timestamp('2027-06-01T00:00:00Z')\"}"))
        var many = Told(tier: .irreversible)
        many.facts.calls = 8
        var few = Told(mark: 2)
        few.facts.calls = 7
        let (recordings, state) = try record([entry(many), entry(few)])
        let (_, document) = try run("rules", "replay", recordings, "--state", state, "--rules", rules, "--json")
        #expect(document?["tiers"]?["rules"]?["tier_4"]?.integer == 1, "\(paper.output) \(paper.errors)")
        #expect(document?["tiers"]?["rules"]?["tier_3"]?.integer == 1)
    }

    @Test("what is missing is named: gaps, torn ends, bodies, another key")
    func findings() throws {
        let rules = try write("rules", Self.rules)
        var withheld = entry(Told(tier: .irreversible))
        if case .call(var call) = withheld {
            call.content = .withheld(length: 1 << 21)
            withheld = .call(call)
        }
        let gap = RecordedEntry.gap(at: Timestamp(milliseconds: start), calls: 3, reason: "calls came faster")
        let (recordings, state) = try record([withheld, gap])
        let file = try #require(Files.names(in: recordings).first)
        let handle = try #require(FileHandle(forWritingAtPath: "\(recordings)/\(file)"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([0, 0, 1]))
        let (_, document) = try run("rules", "replay", recordings, "--state", state, "--rules", rules, "--json")
        #expect(document?["not_recorded"]?.integer == 3 && document?["bodies_not_kept"]?.integer == 1)
        #expect(document?["tiers"]?["rules"]?["tier_4"]?.integer == 1)
        #expect(document?["findings"]?.elements.contains { $0.text?.string.contains("incomplete") == true } == true)
        let other = try StateDirectory(opening: "\(directory)/other")
        _ = try other.recordingKey()
        #expect(
            try run("rules", "replay", recordings, "--state", other.path, "--rules", rules).status == .failed)
        #expect(paper.errors.contains("another key") && paper.errors.contains("--key"))
    }

    @Test("words that make no sense are refused with help")
    func refused() throws {
        let rules = try write("rules", Self.rules)
        let (recordings, state) = try record([entry(Told())])
        #expect(try run("rules", "replay", recordings, "--state", state, "--since", "soon").status == .usage)
        #expect(
            try run("rules", "replay", recordings, "--state", state, "--fail-on", "x", "--rules", rules).status
                == .usage)
        #expect(try run("rules", "replay", recordings, "--journal", state).status == .usage)
        #expect(try run("rules", "replay", "--state", state, "--rules", rules).status == .usage)
        #expect(paper.errors.contains("serve --record"))
        #expect(
            try run("rules", "replay", "\(directory)/none", "--state", state, "--rules", rules).status == .failed)
        #expect(
            try run("rules", "replay", recordings, "--key", "\(directory)/none", "--rules", rules).status == .failed)
    }

    @Test("--since passes over what is older")
    func since() throws {
        let rules = try write("rules", Self.rules)
        let hours = (SystemClock.wall() - start) / 3_600_000
        let (recordings, state) = try record([
            entry(Told(hours: hours - 2 * 24, mark: 1)), entry(Told(hours: hours - 1, mark: 2)),
        ])
        let words = ["--state", state, "--rules", rules, "--json", "--since"]
        func calls(_ since: String) throws -> Int64? {
            try run("rules", "replay", recordings, words[0], words[1], words[2], words[3], words[4], words[5], since)
                .document?["calls"]?.integer
        }
        for (since, count) in [("7d", 2), ("1d", 1), ("1m", 0)] { #expect(try calls(since) == Int64(count)) }
    }

    @Test("a journal is judged by heads alone")
    func journal() throws {
        let rules = try write("rules", Self.rules)
        let line = { (id: Int, method: String, path: String, tier: Int) in
            #"{"seq":\#(id),"time":"2026-11-21T03:04:05.678Z","kind":"call.open","call":"c_\#(id)","session":"s","#
                + #""method":"\#(method)","target":"https://api.acme.test\#(path)","principal":"nobody","tier":\#(tier),"#
                + #""disposition":"hold","rules":["acme.pay"],"reason":"r","rules_digest":"d"}"#
        }
        try Files.makeDirectory("\(directory)/journal", mode: 0o700)
        let lines = [line(1, "GET", "/a?q=…", 1), line(2, "POST", "/pay", 3), #"{"kind":"call.close"}"#, "not json"]
        try Files.replace(
            "\(directory)/journal/journal-000000000001.jsonl", with: Array((lines.joined(separator: "\n") + "\n").utf8))
        let (status, document) = try run(
            "rules", "replay", "--journal", "\(directory)/journal", "--rules", rules, "--json")
        #expect(status == .ok && document?["calls"]?.integer == 2, "\(paper.output) \(paper.errors)")
        #expect(document?["tiers"]?["rules"]?["tier_1"]?.integer == 1)
        // Its amount is not in the journal.
        #expect(document?["tiers"]?["rules"]?["tier_4"]?.integer == 1)
    }
}
