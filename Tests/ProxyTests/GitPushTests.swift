import Testing

@testable import Proxy

@Suite struct GitPushTests {
    private static let zero = String(repeating: "0", count: 40)
    private static let one = String(repeating: "1", count: 40)

    private static func line(_ text: String) -> String {
        let digits = String(text.utf8.count + 4, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits + text
    }

    private static func push(_ capabilities: String, refs: [String] = ["refs/heads/main"]) -> [UInt8] {
        var text = ""
        for (index, ref) in refs.enumerated() {
            text += line("\(zero) \(one) \(ref)" + (index == 0 ? "\0 \(capabilities)" : ""))
        }
        return Array("\(text)0000PACK…".utf8)
    }

    @Test("every ref is told that it was not changed, and why, with the whole text beside it")
    func report() throws {
        let push = try #require(
            GitPush(Self.push("report-status side-band-64k agent=git/2.39", refs: ["refs/heads/main", "refs/tags/ü"])))
        #expect(push.canBeTold && !push.isProbe)
        let report = push.report("Held\nfor approval", "NOT EXECUTED.")
        let inner =
            Self.line("unpack ok\n") + Self.line("ng refs/heads/main Heldfor approval\n")
            + Self.line("ng refs/tags/ü Heldfor approval\n") + "0000"
        #expect(
            String(decoding: report, as: UTF8.self) == Self.line("\u{2}NOT EXECUTED.\n") + Self.line("\u{1}" + inner)
                + "0000")
    }

    @Test("a client that reads no side band gets the report alone, one that reads no report gets none")
    func plain() throws {
        let plain = try #require(GitPush(Self.push("report-status-v2")))
        #expect(String(decoding: plain.report("r", "t"), as: UTF8.self).hasPrefix("000eunpack ok\n"))
        #expect(try #require(GitPush(Self.push("side-band-64k"))).canBeTold == false)
    }

    @Test("an empty push is a question whether a large one may follow") func probe() throws {
        let probe = try #require(GitPush(Array("0000".utf8)))
        #expect(probe.isProbe && !probe.canBeTold)
        #expect(GitPush(Self.push("report-status"))?.isProbe == false)
    }

    @Test(
        "what is no push has no reading",
        arguments: [
            "", "000", "zzzz", "0003", "+00a", "0010short", "0008abcd0000", "ffffx",
            line("\(zero) \(one)\0 report-status"),
            line("push-cert\0 report-status") + "0000", line("\(zero) \(one) refs/heads/x\0 report-status"),
        ])
    func unreadable(text: String) { #expect(GitPush(Array(text.utf8)) == nil) }

    @Test("refs are limited", arguments: [(GitPush.mostRefs, true), (GitPush.mostRefs + 1, false)])
    func limit(count: Int, isRead: Bool) {
        let refs = (0..<count).map { "refs/heads/b\($0)" }
        #expect((GitPush(Self.push("report-status", refs: refs)) != nil) == isRead)
    }
}
