import Operators
import System
import Testing

@testable import tiergate

@Suite struct BoundaryTests {
    private func weakness(
        of uid: UInt32 = 990, agents: [(String, UInt32)] = [], operators: UInt32? = nil,
        _ groups: [String: [OperatorGroups.Member]]? = nil
    ) -> String? {
        var settings = Settings.ofService
        settings.agentAccounts = agents.map { Settings.Account(name: $0.0, uid: $0.1) }
        let kept = groups.map { OperatorGroups(file: "g", $0) }
        return GateProcess.boundary(settings, operators: operators, kept, of: uid).weakness
    }

    @Test("a system account of its own is a boundary; an account that people use is none")
    func accounts() {
        #expect(weakness() == nil)
        #expect(weakness(agents: [("bot", 4_000_000_001)], operators: 50, ["finance": [.account(1002)]]) == nil)
        #expect(weakness(of: 1000)?.contains("system account") == true)
        #expect(weakness(of: 0)?.contains("system account") == true)
    }

    @Test("an agent's account that may decide could let other agents' calls go: every screen says so")
    func agents() throws {
        #expect(weakness(agents: [("root", 0)])?.contains("programs of root are agents") == true)
        let named = weakness(agents: [("bot", 4_000_000_001)], ["finance": [.account(4_000_000_001)]])
        #expect(named?.contains("bot may decide") == true)
        let daemon = try #require(Accounts.uid(named: "daemon"))
        let group = try #require(Accounts.group(named: "daemon"))
        #expect(weakness(agents: [("daemon", daemon)], operators: group) != nil)
        #expect(weakness(agents: [("daemon", daemon)], operators: nil) == nil)
    }
}
