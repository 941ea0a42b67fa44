import Calls
import Crypto
import Glibc
import Holds
import Stores
import System
import Testing

@testable import Proxy

@Suite struct AgentAccessTests {
    static let token = "tgt_0123456789abcdef0123456789abcdef"

    static func entry(_ name: String, _ token: String = token) -> AgentToken {
        AgentToken(agent: AgentID(name), digest: SHA256.digest(Array(token.utf8)), created: "now")
    }

    /// Base64 of these tests' pairs, which have no other bytes than ASCII.
    static func basic(_ name: String, _ token: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let bits = "\(name):\(token)".utf8.flatMap { byte in (0..<8).reversed().map { Int(byte >> $0 & 1) } }
        let digits = stride(from: 0, to: bits.count, by: 6).map { start in
            let six = Array(bits[start..<min(start + 6, bits.count)])
            return alphabet[(six + Array(repeating: 0, count: 6 - six.count)).reduce(0) { $0 << 1 | $1 }]
        }
        return "Basic " + String(decoding: digits, as: UTF8.self)
    }

    @Test(
        "only an agent's own token proves it, with its name or alone",
        arguments: [
            (basic("mailer", token), "mailer"), ("Bearer \(token)", "mailer"), (basic("crawler", "other"), "crawler"),
            (basic("crawler", token), nil), (basic("", token), nil), (basic("mailer", "other"), nil),
            (basic("mailer", token + "x"), nil), (basic("mailer", ""), nil), ("Bearer x", nil), ("Digest x", nil),
        ] as [(String, String?)])
    func proofs(value: String, agent: String?) throws {
        let access = try AgentAccess(
            accounts: [], tokens: [Self.entry("mailer"), Self.entry("crawler", "other")])
        #expect(access.agent(proving: Array(value.utf8)[...])?.description == agent)
    }

    @Test("accounts are the named ones") func accounts() throws {
        let access = try AgentAccess(accounts: [0, 1000])
        #expect(access.admits(account: 1000) && access.admits(account: 0) && !access.admits(account: 1001))
    }

    @Test("the file is read again when it changes: who was removed is named, and a damaged file admits nobody")
    func refresh() throws {
        var template = Array("/tmp/tiergate-test-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { Files.remove(path) }
        let file = AgentFile(in: try StateDirectory(opening: path))
        #expect(try file.add(Self.entry("mailer")))
        let access = try AgentAccess(accounts: [], file: file)
        let value = Array("Bearer \(Self.token)".utf8)[...]
        #expect(access.agent(proving: value) == AgentID("mailer"))
        #expect(access.refresh().revoked.isEmpty && access.version == 0)
        #expect(try file.add(Self.entry("crawler", "other")))
        #expect(access.refresh().revoked.isEmpty && access.version == 1)
        #expect(try file.remove(AgentID("mailer")))
        #expect(access.refresh().revoked == [AgentID("mailer")])
        #expect(access.agent(proving: value) == nil)
        chmod(file.path, 0o644)
        let draft = path + "/draft"
        let stream = try #require(fopen(draft, "w"))
        fputs("nonsense\n", stream)
        fclose(stream)
        chmod(draft, 0o600)
        rename(draft, file.path)
        let damaged = access.refresh()
        #expect(damaged.failure != nil && damaged.revoked == [AgentID("crawler")])
        #expect(access.agent(proving: Array("Bearer other".utf8)[...]) == nil)
    }
}
