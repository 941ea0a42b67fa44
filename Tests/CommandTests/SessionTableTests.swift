import Calls
import Operators
import OperatorsTesting
import Testing

@testable import tiergate

@Suite struct SessionTableTests {
    @Test("a session is a line with what it takes, and another with what it says of itself")
    func lines() async throws {
        let state = SessionState(
            id: SessionID("uid-1000"), account: "ada", autonomy: .full, labels: ["run 7"],
            since: Timestamp(milliseconds: 0),
            lastCall: Timestamp(milliseconds: 1000), connections: 3, calls: [10, 2, 1, 0], refused: 4, turnedAway: 5,
            received: 99)
        let bench = try await SocketBench(sessions: [state])
        defer { bench.stop() }
        let lines = SessionTable(Screen(width: 100)).text(of: try bench.client.sessions()).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("uid-1000"))
        #expect(lines[1].split(separator: " ") == ["uid-1000", "3", "10/2/1/0", "0", "4", "1970-01-01T00:00:01.000Z"])
        #expect(
            lines[2].hasSuffix(
                "account ada; autonomy full; 99 bytes of answers; 5 connections turned away; calls itself run 7"))
    }

    @Test("without sessions the list says so") func empty() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        #expect(SessionTable(Screen(width: 80)).text(of: try bench.client.sessions()) == "no agent has come yet")
    }
}
