import Calls
import Holds
import HoldsTesting
import JSON
import OperatorsTesting
import Testing

@testable import Operators

@Suite struct SessionListTests {
    private static func state(_ name: String, connections: Int = 0) -> SessionState {
        SessionState(
            id: SessionID(name), account: "ada\u{1B}", autonomy: .constrained, labels: ["run 7"],
            since: Timestamp(milliseconds: 1000),
            lastCall: Timestamp(milliseconds: 2000), connections: connections, calls: [4, 3, 2, 1], refused: 5,
            turnedAway: 6, received: 7000)
    }

    @Test("sessions are listed with their holds, those too of which only holds are known")
    func list() async throws {
        let bench = try await SocketBench(sessions: [Self.state("s_a", connections: 2), Self.state("s_idle")])
        defer { bench.stop() }
        _ = try await bench.hold(.sample(session: "s_a", body: "1"))
        _ = try await bench.hold(.sample(session: "s_a", body: "2"))
        let decided = try await bench.hold(.sample(session: "s_a", body: "3"))
        _ = try bench.client.reject(decided.id.description, digest: decided.digest.description, reason: "no")
        _ = try await bench.hold(.sample(session: "mailer/run1", body: "4"))
        let list = try bench.client.sessions()
        #expect(list.sessions.map(\.session) == ["s_a", "s_idle", "mailer/run1"])
        #expect(list.sessions.map(\.pending) == [2, 0, 1])
        #expect(list.sessions.map(\.agent) == ["s_a", "s_idle", "mailer"])
        let first = list.sessions[0]
        #expect(first.calls == [4, 3, 2, 1] && first.connections == 2 && first.refused == 5)
        #expect(first.turnedAway == 6 && first.received == 7000 && first.labels == ["run 7"])
        #expect(first.autonomy == "constrained" && list.sessions[2].autonomy == nil)
        #expect(first.account == "ada⟨U+001B⟩" && first.since != nil && first.lastCall != nil)
        #expect(list.sessions[2].since == nil && list.sessions[2].account == nil)
    }

    @Test("where one list does not have all holds, each session's are counted by themselves")
    func many() async throws {
        var limits = OperatorLimits()
        limits.listed = 3
        let bench = try await SocketBench(limits: limits, sessions: [Self.state("s_a"), Self.state("s_b")])
        defer { bench.stop() }
        for number in 0..<2 { _ = try await bench.hold(.sample(session: "s_a", body: "\(number)")) }
        for number in 0..<3 { _ = try await bench.hold(.sample(session: "s_b", body: "\(number)")) }
        #expect(try bench.client.sessions().sessions.map(\.pending) == [2, 3])
    }

    @Test("the document is what curl sees, and only looking is allowed") func document() async throws {
        let bench = try await SocketBench(
            boundary: .advisory(reason: "one account"), sessions: [Self.state("uid-1000")])
        defer { bench.stop() }
        let json = try bench.request("GET", "/v1/sessions").json()
        #expect(json["advisory"]?.text == "one account")
        #expect(json["sessions"]?[0]?["calls"]?["irreversible"]?.integer == 1)
        #expect(json["sessions"]?[0]?["received_bytes"]?.integer == 7000)
        #expect(try bench.request("POST", "/v1/sessions").status == 405)
        #expect(try bench.request("GET", "/v1/sessions?x=1").status == 400)
    }
}
