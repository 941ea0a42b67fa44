import Calls
import Crypto
import Glibc
import Holds
import System
import Testing

@testable import Stores

@Suite struct AgentFileTests {
    private func token(_ name: String, _ text: String = "t") -> AgentToken {
        AgentToken(agent: AgentID(name), digest: SHA256.digest(Array(text.utf8)), created: "2026-11-21T00:00:00.000Z")
    }

    @Test("agents are made, found and removed; each change gives the file another version") func life() throws {
        let scratch = try Scratch()
        let file = AgentFile(in: try StateDirectory(opening: scratch.path + "/state"))
        #expect(try file.read().isEmpty && file.version == nil)
        #expect(try file.add(token("mailer")))
        let first = try #require(file.version)
        #expect(try !file.add(token("mailer", "other")))
        #expect(file.version == first)
        #expect(try file.add(token("crawler")))
        #expect(file.version != first)
        #expect(try file.read() == [token("mailer"), token("crawler")])
        #expect(try file.remove(AgentID("mailer")))
        #expect(try !file.remove(AgentID("mailer")))
        #expect(try file.read() == [token("crawler")])
    }

    @Test("nobody else may read the file, and what is no agent's line is refused with its number") func damaged() throws
    {
        let scratch = try Scratch()
        let file = AgentFile(in: try StateDirectory(opening: scratch.path + "/state"))
        #expect(try file.add(token("mailer")))
        var status = stat()
        #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        chmod(file.path, 0o644)
        #expect(throws: StoreFailure.self) { try file.read() }
        chmod(file.path, 0o600)
        let stream = try #require(fopen(file.path, "a"))
        fputs("mailer tgt_plain now\n", stream)
        fclose(stream)
        do throws(StoreFailure) {
            _ = try file.read()
            Issue.record("read")
        } catch {
            guard case .damaged(let reason) = error else { throw error }
            #expect(reason.contains("line 2") && !reason.contains("tgt_plain"))
        }
    }

    @Test("the file has its limit") func full() throws {
        let scratch = try Scratch()
        let directory = try StateDirectory(opening: scratch.path + "/state")
        let file = AgentFile(in: directory)
        let digest = SHA256.digest([])
        let lines = (0..<AgentFile.limit).map { "a\($0) \(digest) now\n" }.joined()
        try directory.write(Array(lines.utf8), to: "agents", replacing: true)
        #expect(try file.read().count == AgentFile.limit)
        #expect(throws: StoreFailure.self) { try file.add(token("mailer")) }
        #expect(try file.remove(AgentID("a7")) && file.add(token("mailer")))
    }

    @Test(
        "names of agents are words that nothing else is called",
        arguments: [
            ("mailer", true), ("ci-2.eu_west", true), ("7", true), ("uid-1000", false), ("at-10.0.0.1", false),
            ("at", true),
            ("unproven", false),
            ("everything", false), ("", false), ("Mailer", false), ("a/b", false), ("a b", false), ("-x", false),
            (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
        ])
    func names(text: String, isName: Bool) { #expect(AgentToken.isName(text) == isName) }

    @Test("a drawn token is another each time, and long enough") func drawn() {
        let token = AgentToken.draw()
        #expect(token != AgentToken.draw() && token.hasPrefix("tgt_"))
        #expect((AgentToken.shortest...AgentToken.longest).contains(token.utf8.count))
    }

    @Test(
        "a file with a token has that and nothing else, of a length that cannot be guessed",
        arguments: [
            ("0123456789abcdef01234567\n", true), ("0123456789abcdef01234567", true), ("short\n", false),
            ("0123456789abcdef 01234567", false), ("", false), (String(repeating: "x", count: 300), false),
        ])
    func files(content: String, isGood: Bool) throws {
        let scratch = try Scratch()
        let directory = try StateDirectory(opening: scratch.path + "/state")
        try directory.write(Array(content.utf8), to: "token", replacing: true)
        let digest = try? AgentToken.digest(ofFile: directory.file("token"))
        #expect((digest != nil) == isGood)
        if isGood { #expect(digest == SHA256.digest(Array("0123456789abcdef01234567".utf8))) }
        chmod(directory.file("token"), 0o640)
        #expect(throws: StoreFailure.self) { try AgentToken.digest(ofFile: directory.file("token")) }
    }
}
