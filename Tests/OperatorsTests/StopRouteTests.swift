import Calls
import Holds
import HoldsTesting
import JSON
import OperatorsTesting
import Testing

@testable import Operators

/// The kill switch over the socket.
@Suite struct StopRouteTests {
    private let session = SessionID("s_agent")

    @Test("a kill is in force, reported with what it ended, and listed everywhere", arguments: [nil, "it leaks"])
    func kill(reason: String?) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let report = try bench.client.change(.kill, "agent:s_agent", reason: reason)
        #expect(report.killed == 1)
        #expect(report.warnings.isEmpty)
        #expect(report.stop?.scope == "agent:s_agent")
        #expect(report.stop?.state == "killed")
        #expect(bench.gate.gate.standing(of: session).stop?.kind == .kill)
        let listed = try bench.client.stops().stops
        #expect(listed == report.stops && listed.count == 1)
        #expect(try bench.client.health().stops == listed)
        #expect(try bench.client.holds().stops == listed)
        let shown = try bench.client.hold(hold.id.description).hold
        #expect(shown.state == "killed")
        #expect(shown.steps.isEmpty)
        #expect(shown.standing.contains("was ended by the kill switch"))
        if let reason { #expect(listed.first?.cause.hasSuffix(": \(reason)") == true) }
    }

    @Test("a freeze is lifted with a reason, and approvals given meanwhile say that they wait for that")
    func freeze() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        #expect(try bench.client.change(.freeze, "everything", reason: "odd").stop?.state == "frozen")
        let approved = try bench.client.approve(hold.id.description, digest: hold.digest.description, now: true)
        #expect(approved.next?.contains("Nothing is sent before `tiergate resume`") == true)
        #expect(bench.sentNow.isEmpty)
        let report = try bench.client.change(.resume, "everything", reason: "clear")
        #expect(report.stops.isEmpty)
        #expect(report.stop?.state == "frozen")
        #expect(bench.gate.gate.standing(of: session) == .running)
        #expect(bench.sentNow == [hold.id])
        #expect(bench.gate.journal.durable.contains("resumed"))
    }

    @Test("a freeze of what is killed changes nothing, and says so")
    func weaker() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        _ = try bench.client.change(.kill, "everything", reason: nil)
        let report = try bench.client.change(.freeze, "everything", reason: nil)
        #expect(report.stop?.state == "killed")
        #expect(report.warnings.count == 1)
    }

    @Test("with the store down a kill is in force, and the operator is told that it may not last")
    func storeDown() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        bench.gate.store.fail(with: .unavailable(reason: "disk full"))
        let report = try bench.client.change(.kill, "everything", reason: nil)
        #expect(report.warnings.first?.contains("started again now does not know") == true)
        #expect(try bench.client.stops().warnings.count == 1)
        #expect(bench.gate.gate.standing(of: session).stop?.kind == .kill)
    }

    @Test(
        "what cannot be read is refused, and stops and resumes nothing",
        arguments: [
            ("kill", #"{}"#, 400, "missing_member"), ("kill", #"{"scope": "nobody"}"#, 400, "wrong_member"),
            ("kill", #"{"scope": 1}"#, 400, "wrong_member"), ("kill", #"{"scope": "agent:a/b"}"#, 400, "wrong_member"),
            ("kill", #"{"scope": "agent:a\u001b"}"#, 400, "wrong_member"), ("kill", "[]", 400, "malformed_body"),
            ("kill", #"{"scope": "everything", "why": "x"}"#, 400, "unknown_member"),
            ("freeze", #"{"scope": "everything", "reason": " "}"#, 400, "wrong_member"),
            ("resume", #"{"scope": "everything"}"#, 400, "missing_member"),
            ("resume", #"{"scope": "session:x", "reason": "y"}"#, 409, "not_stopped"),
        ])
    func refused(action: String, body: String, status: Int, code: String) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        _ = try bench.client.change(.freeze, "everything", reason: nil)
        let answer = try bench.request("POST", "/v1/\(action)", body: body)
        #expect(answer.status == status)
        #expect(try answer.code() == code)
        #expect(bench.gate.gate.stops.map(\.kind) == [.freeze])
    }

    @Test("only with the right method", arguments: [("GET", "kill"), ("GET", "resume"), ("POST", "stops")])
    func methods(method: String, path: String) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        #expect(try bench.request(method, "/v1/\(path)").status == 405)
    }

    @Test("whoever may not decide may neither stop nor resume, and may look", arguments: StopAction.allCases)
    func notEntitled(action: StopAction) async throws {
        let bench = try await SocketBench(access: Access(owner: 4_000_000, group: nil, gid: nil, superuser: 4_000_001))
        defer { bench.stop() }
        let body = #"{"scope": "everything", "reason": "x"}"#
        #expect(try bench.request("POST", "/v1/\(action.rawValue)", body: body).code() == "not_entitled")
        #expect(try bench.client.stops().stops.isEmpty)
    }

    @Test("while a file stops everything, everything is not resumed; a narrower scope is")
    func stopFile() async throws {
        let bench = try await SocketBench(stopFile: "/var/lib/tiergate/kill")
        defer { bench.stop() }
        _ = try bench.client.change(.kill, "everything", reason: nil)
        _ = try bench.client.change(.kill, "agent:a", reason: nil)
        let body = #"{"scope": "everything", "reason": "x"}"#
        let answer = try bench.request("POST", "/v1/resume", body: body)
        #expect(answer.status == 409)
        #expect(try answer.code() == "stop_file_present")
        #expect(answer.body.contains("/var/lib/tiergate/kill"))
        #expect(try bench.client.change(.resume, "agent:a", reason: "x").stops.count == 1)
    }

    @Test("without the journal nothing is resumed")
    func journalDown() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        _ = try bench.client.change(.kill, "everything", reason: nil)
        bench.gate.journal.fail("disk full")
        let answer = try bench.request(
            "POST", "/v1/resume", body: #"{"scope": "everything", "reason": "x"}"#)
        #expect(answer.status == 503)
        #expect(try answer.code() == "journal_down")
        #expect(bench.gate.gate.stops.count == 1)
    }
}
