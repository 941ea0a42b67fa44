import Calls
import Holds
import HoldsTesting
import JSON
import OperatorsTesting
import Synchronization
import System
import Testing

@testable import Operators

@Suite struct LookingTests {
    @Test("health says how the gate is, and whether its word counts")
    func health() async throws {
        let bench = try await SocketBench(
            boundary: .advisory(reason: "the agent has the same account"),
            health: GateHealth(
                rulesDigest: "abc", store: .working, journal: .failing("disk full"), recording: .failing("no room")))
        defer { bench.stop() }
        let health = try bench.client.health()
        #expect(health.weakness == "the agent has the same account")
        #expect(health.version == "1.2.3")
        #expect(health.rulesDigest == "abc")
        #expect(health.storeFailure == nil)
        #expect(health.journalFailure == "disk full" && health.recordingFailure == "no room")
        #expect(!health.isWorking)
        let answer = try bench.request("GET", "/v1/health")
        #expect(answer.status == 200)
        #expect(answer.head.contains("Server: tiergate/1.2.3"))
        #expect(answer.head.contains("Cache-Control: no-store"))
    }

    @Test("a list has the undecided first, by state and session, and says when there are more")
    func list() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let first = try await bench.hold(.sample(body: "1"))
        let second = try await bench.hold(.sample(session: "s_b", body: "2"))
        let third = try await bench.hold(.sample(body: "3"))
        _ = try bench.client.reject(third.id.description, digest: third.digest.description, reason: "no")
        let client = bench.client
        #expect(try client.holds().holds.map(\.id) == [second, first, third].map(\.id.description))
        #expect(try client.holds(states: ["pending"]).holds.count == 2)
        #expect(try client.holds(states: ["pending", "rejected"]).holds.count == 3)
        #expect(try client.holds(session: "s_b").holds.map(\.id) == [second.id.description])
        #expect(try !client.holds(limit: 2).isComplete)
        #expect(try client.holds(limit: 3).isComplete)
        #expect(try client.holds(states: ["done"]).holds.isEmpty)
    }

    @Test(
        "a query that nobody understands is refused",
        arguments: [
            "state=held", "state=", "limit=0", "limit=1001", "limit=x", "limit=1&limit=2", "sessoin=a", "session",
            "session=%ff", "session=%4", "session=%-1", "session=a&session=b",
        ])
    func badQuery(query: String) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let answer = try bench.request("GET", "/v1/holds?\(query)")
        #expect(answer.status == 400)
        #expect(try answer.code() == "bad_query")
    }

    @Test("one hold is shown whole, with the digest to decide by")
    func show() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        bench.gate.clock.advance(.hours(2))
        let place = try await bench.gate.gate.wait(for: hold.id)
        let shown = try bench.client.hold(hold.id.description).hold
        bench.gate.gate.leave(hold.id, place.waiter)
        #expect(shown.digest == hold.digest.description)
        #expect(shown.state == "pending")
        #expect(shown.steps == ["approve", "reject", "edit", "claim", "handover", "extend", "ask"])
        #expect(shown.age == .hours(2))
        #expect(shown.timeLeft == .hours(22))
        #expect(shown.isAwaited)
        #expect(shown.tier == .irreversible)
        #expect(shown.category == "financial")
        #expect(shown.summaries == ["Send 5.00 USD to ch_1"])
        #expect(shown.money == "5.00 USD")
        #expect(shown.rules == ["stripe.money-out"])
        #expect(shown.reason.contains("rules/stripe.yaml:18"))
        #expect(shown.consequences == ["Moves money: getting it back is up to whoever received it."])
        #expect(shown.approvers == ["finance"])
        #expect(shown.request?.url == "https://api.stripe.com/v1/refunds")
        let answer = try bench.request("GET", "/v1/holds/\(hold.id)")
        #expect(answer.head.contains("ETag: \"\(hold.digest)\""))
    }

    @Test("the beginning of an id is enough to look, as long as it is of one")
    func prefix() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let id = hold.id.description
        #expect(try bench.client.hold(String(id.prefix(6))).hold.id == id)
        #expect(try bench.client.hold(String(id.dropFirst(2).prefix(6))).hold.id == id)
        _ = try await bench.hold(.sample(body: "2"))
        let answer = try bench.request("GET", "/v1/holds/h_")
        #expect(answer.status == 400)
        #expect(try answer.code() == "ambiguous_prefix")
        #expect(try answer.json()["matches"]?.count == 2)
    }

    @Test("what is not there is 404", arguments: ["h_zzzzzzzzzzzz", "zzz", "h_000000000000000", "%00", "h_%C3%A9"])
    func unknown(name: String) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let answer = try bench.request("GET", "/v1/holds/\(name)")
        #expect(answer.status == 404)
        #expect(try answer.code() == "unknown_hold")
    }

    @Test("a store that does not answer is said so", arguments: [true, false])
    func storeDown(isDamaged: Bool) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        bench.gate.store.fail(with: isDamaged ? .damaged(reason: "seal") : .unavailable(reason: "locked"))
        let answer = try bench.request("GET", "/v1/holds")
        #expect(answer.status == (isDamaged ? 500 : 503))
        #expect(try answer.code() == (isDamaged ? "store_damaged" : "store_down"))
    }
}

@Suite struct DecidingTests {
    @Test("an approval is a person's, by the kernel's word, and says what happens now")
    func approve() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let report = try bench.client.approve(hold.id.description, digest: hold.digest.description, reason: "fine")
        #expect(report.hold.state == "approved")
        #expect(report.next?.hasPrefix("Nobody is waiting") == true)
        let decision = try #require(report.hold.decision)
        #expect(decision.uid == Accounts.effectiveUser)
        #expect(decision.by == Accounts.name(of: Accounts.effectiveUser))
        #expect(decision.reason == "fine")
        #expect(!decision.isImmediate)
        #expect(bench.sentNow.isEmpty)
    }

    @Test("`now` sends without the agent where it has left, and lets it send where it waits", arguments: [true, false])
    func now(isAwaited: Bool) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let place = isAwaited ? try await bench.gate.gate.wait(for: hold.id) : nil
        let report = try bench.client.approve(hold.id.description, digest: hold.digest.description, now: true)
        #expect(report.hold.decision?.isImmediate == true)
        // The dispatcher lets an agent that waits go first; it must be asked, for the agent may hang up right now.
        #expect(bench.sentNow == [hold.id])
        #expect(report.next?.hasPrefix(isAwaited ? "The agent is waiting" : "The call is sent now, without") == true)
        if let place { bench.gate.gate.leave(hold.id, place.waiter) }
    }

    @Test("a rejection says what would be accepted, and the view of it too")
    func suggestion() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let patch = #"[{"op":"replace","path":"/amount","value":{"deep":[[[[[1]]]]]}},{"op":"remove","path":""}]"#
        let report = try bench.client.reject(
            hold.id.description, digest: hold.digest.description, reason: "too much", suggestion: "20 USD",
            patch: try JSONDocument.parse(Array(patch.utf8)))
        #expect(report.hold.decision?.suggestion == "20 USD")
        #expect(report.hold.decision?.suggestedPatch == patch)
        guard case .rejected(let decision) = try await bench.gate.gate.hold(hold.id).state else {
            Issue.record("it is not rejected")
            return
        }
        #expect(decision.suggestion == Suggestion(text: "20 USD", patch: patch))
    }

    @Test("a question leaves a hold where it was, and is shown with the agent's answer")
    func question() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let asked = try bench.client.ask(
            hold.id.description, digest: hold.digest.description, question: "Which customer?")
        #expect(asked.hold.state == "pending" && asked.next?.hasPrefix("The agent is told so") == true)
        #expect(asked.hold.questions.map(\.text) == ["Which customer?"] && asked.hold.questions[0].answer == nil)
        _ = try await bench.gate.gate.answer(hold.id, "Ann\u{1B}[2J", of: hold.session)
        let shown = try bench.client.hold(hold.id.description).hold
        #expect(shown.questions[0].answer == "Ann⟨U+001B⟩[2J")
    }

    @Test("a rejection, its end, and a resolution")
    func others() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        #expect(try bench.client.reject(id, digest: digest, reason: "too much").hold.steps == ["reopen"])
        #expect(try bench.client.reopen(id, digest: digest).hold.state == "pending")
        _ = try bench.client.approve(id, digest: digest)
        let held = try await bench.gate.hold(.sample(), .sample())
        guard let permit = try await bench.gate.gate.begin(held), let sending = permit.hold else {
            Issue.record("no permit")
            return
        }
        try await bench.gate.gate.loseTrack(sending, cause: "reset")
        #expect(try bench.client.hold(id).hold.steps == ["resolve"])
        let report = try bench.client.resolve(id, digest: digest, wasExecuted: true, reason: "it is in the ledger")
        #expect(report.hold.wasExecuted == true)
        #expect(report.hold.standing.contains(": executed."))
    }

    @Test("without the digest that was seen nothing is decided", arguments: DecisionAction.allCases)
    func precondition(action: DecisionAction) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let path = "/v1/holds/\(hold.id)/\(action.rawValue)"
        let body =
            switch action {
            case .resolve: #"{"executed":true,"reason":"x"}"#
            case .claim, .handover: "{}"
            case .extend: #"{"for_ms":1}"#
            case .edit: #"{"set":{"amount":"1"}}"#
            case .ask: #"{"question":"x"}"#
            case .approve, .reject, .reopen: #"{"reason":"x"}"#
            }
        func code(_ fields: String...) throws -> String? { try bench.request("POST", path, fields, body: body).code() }
        #expect(try code() == "precondition_required")
        #expect(try bench.request("POST", path, body: body).status == 428)
        for tag in ["*", "\(hold.digest)", "W/\"\(hold.digest)\"", "\"\(hold.digest)\", \"\(hold.digest)\"", "\"x\""] {
            #expect(try code("If-Match: \(tag)") == "malformed_precondition")
        }
        let twice = "If-Match: \"\(hold.digest)\""
        #expect(try code(twice, twice) == "malformed_precondition")
        let other = GateBench.hash([3])
        let differs = try bench.request("POST", path, ["If-Match: \"\(other)\""], body: body)
        #expect(differs.status == 412)
        #expect(try differs.code() == "digest_differs")
        #expect(try differs.json()["hold"]?["digest"]?.text?.string == hold.digest.description)
        #expect(try await bench.gate.gate.hold(hold.id).state == .pending)
    }

    @Test("a decision needs the whole id, and lists what may have been meant")
    func wholeID() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        for (name, count) in [(String(hold.id.description.prefix(8)), 1), ("zzzz", nil)] as [(String, Int?)] {
            let answer = try bench.request("POST", "/v1/holds/\(name)/approve", ["If-Match: \"\(hold.digest)\""])
            #expect(answer.status == 400)
            #expect(try answer.code() == "whole_id_required")
            #expect(try answer.json()["matches"]?.count == count)
        }
        let unknown = try bench.request(
            "POST", "/v1/holds/h_zzzzzzzzzzzz/approve", ["If-Match: \"\(hold.digest)\""])
        #expect(unknown.status == 404)
    }

    @Test("who comes second is told who was first, and when")
    func second() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        let first = try bench.client.reject(id, digest: digest, reason: "no")
        let answer = try bench.request("POST", "/v1/holds/\(id)/approve", ["If-Match: \"\(digest)\""])
        #expect(answer.status == 409)
        #expect(try answer.code() == "not_possible")
        let decision = try #require(first.hold.decision)
        #expect(try answer.detail().contains("was rejected by \(decision.by) at \(decision.at)"))
        do throws(OperatorFailure) {
            _ = try bench.client.approve(id, digest: digest)
            Issue.record("approved")
        } catch {
            guard case .refused(let refusal) = error else { throw error }
            #expect(refusal.status == 409)
            #expect(refusal.hold?.state == "rejected")
        }
    }

    @Test("who comes after the call was sent is told too")
    func afterSending() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        let decision = try #require(try bench.client.approve(id, digest: digest).hold.decision)
        guard let permit = try await bench.gate.gate.begin(try await bench.gate.hold(.sample(), .sample())),
            let sending = permit.hold
        else {
            Issue.record("no permit")
            return
        }
        try await bench.gate.gate.finish(sending, status: 200, content: nil, isDelivered: true)
        let answer = try bench.request("POST", "/v1/holds/\(id)/approve", ["If-Match: \"\(digest)\""])
        #expect(answer.status == 409)
        #expect(try answer.detail().contains("was approved by \(decision.by) at \(decision.at)"))
    }

    @Test("time that is over is no decision")
    func tooLate() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        bench.gate.clock.advance(.hours(24))
        #expect(try bench.client.hold(hold.id.description).hold.steps == [])
        let answer = try bench.request("POST", "/v1/holds/\(hold.id)/approve", ["If-Match: \"\(hold.digest)\""])
        #expect(answer.status == 409)
        #expect(try answer.detail().contains("its time ended"))
    }

    @Test("a decision that the journal could not take stands, with a warning")
    func journalDown() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        bench.gate.journal.fail("disk full")
        let report = try bench.client.approve(hold.id.description, digest: hold.digest.description)
        #expect(report.hold.state == "approved")
        #expect(report.warning?.contains("disk full") == true)
    }

    @Test("of many who decide at once one does")
    func race() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let (id, digest) = (hold.id.description, hold.digest.description)
        let outcomes = await withTaskGroup(of: Int.self, returning: [Int].self) { group in
            for index in 0..<24 {
                group.addTask {
                    let action = index.isMultiple(of: 2) ? "approve" : "reject"
                    let answer = try? bench.request(
                        "POST", "/v1/holds/\(id)/\(action)", ["If-Match: \"\(digest)\""], body: #"{"reason":"r"}"#)
                    return answer?.status ?? 0
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == 200 } == 1)
        #expect(outcomes.count { $0 == 409 } == 23)
    }

    @Test("every answer says where the socket is no boundary")
    func advisory() async throws {
        let bench = try await SocketBench(boundary: .advisory(reason: "same account"))
        defer { bench.stop() }
        let hold = try await bench.hold()
        #expect(try bench.client.holds().weakness == "same account")
        #expect(try bench.client.hold(hold.id.description).weakness == "same account")
        #expect(try bench.request("GET", "/v1/nothing").json()["advisory"]?.text == "same account")
        let report = try bench.client.approve(hold.id.description, digest: hold.digest.description)
        #expect(report.weakness == "same account")
    }

    @Test("who may not decide may look, and is told how to become one who may")
    func notEntitled() async throws {
        let nobody: UInt32 = 4_000_000_000
        let access = Access(owner: nobody, group: "tiergate", gid: nobody, superuser: nobody)
        let bench = try await SocketBench(access: access)
        defer { bench.stop() }
        let hold = try await bench.hold()
        #expect(try bench.client.hold(hold.id.description).hold.state == "pending")
        let answer = try bench.request("POST", "/v1/holds/\(hold.id)/approve", ["If-Match: \"\(hold.digest)\""])
        #expect(answer.status == 403)
        #expect(try answer.detail().contains("usermod -aG tiergate"))
    }
}
