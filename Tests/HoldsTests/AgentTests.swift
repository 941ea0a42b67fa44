import Calls
import HoldsTesting
import JSON
import Testing

@testable import Holds

/// What an agent may do about its own holds, and what is remembered of it.
@Suite struct AgentTests {
    let bench = GateBench()

    private func held(_ terms: Terms = Terms(), id: UInt64 = 1, path: Text = "/v1/refunds") async throws -> Hold {
        try await bench.hold(.sample(id: id, path: path), .sample(terms: terms)).hold
    }

    private func expectUnknown(_ body: () async throws -> Hold) async throws {
        do {
            _ = try await body()
            Issue.record("another session's hold was there")
        } catch DecisionFailure.unknown {}
    }

    private func expectImpossible(_ body: () async throws -> Hold) async throws {
        do {
            _ = try await body()
            Issue.record("it was possible")
        } catch DecisionFailure.notPossible {}
    }

    @Test("another session's holds are not there for it, whatever it asks")
    func others() async throws {
        let hold = try await held()
        let (gate, other) = (bench.gate, SessionID("s_other"))
        _ = try await gate.ask(hold.id, digest: hold.digest, "Why?", by: bench.decision().by, as: .everyGroup)
        try await expectUnknown { try await gate.hold(hold.id, of: other) }
        try await expectUnknown { try await gate.answer(hold.id, "because", of: other) }
        try await expectUnknown { try await gate.withdraw(hold.id, of: other) }
        #expect(try await gate.hold(hold.id, of: hold.session).deliberation.isAsking)
    }

    @Test("an answer is kept beside its question and journalled; without a question there is nothing to answer")
    func answers() async throws {
        let hold = try await held()
        let gate = bench.gate
        try await expectImpossible { try await gate.answer(hold.id, "because", of: hold.session) }
        _ = try await gate.ask(hold.id, digest: hold.digest, "Why?", by: bench.decision().by, as: .everyGroup)
        let answered = try await gate.answer(hold.id, "because", of: hold.session)
        #expect(answered.state == .pending && answered.deliberation.questions.last?.answer == "because")
        #expect(bench.journal.lines.suffix(2) == ["ask", "answer"])
        try await expectImpossible { try await gate.answer(hold.id, "again", of: hold.session) }
    }

    @Test("who waits is told of a question at once")
    func woken() async throws {
        let hold = try await held()
        let place = try await bench.gate.wait(for: hold.id)
        _ = try await bench.gate.ask(
            hold.id, digest: hold.digest, "Why?", by: bench.decision().by, as: .everyGroup)
        guard case .changed(let told, nil) = await place.waiter.turn() else {
            Issue.record("nobody was told")
            return
        }
        #expect(told.deliberation.openQuestion == "Why?")
        bench.gate.leave(hold.id, place.waiter)
    }

    @Test("a call is taken back as long as nothing of it was sent")
    func withdrawal() async throws {
        let hold = try await held()
        let gate = bench.gate
        #expect(try await gate.withdraw(hold.id, of: hold.session).state == .withdrawn)
        #expect(bench.journal.lines.last == "withdrawn")
        try await expectImpossible { try await gate.withdraw(hold.id, of: hold.session) }
        let second = try await bench.hold(.sample(), .sample(terms: Terms()))
        #expect(second.hold.id != hold.id)
        let approved = try await gate.approve(second.hold.id, digest: hold.digest, decision: bench.decision())
        #expect(try await isBegun(second.now(approved)))
        try await expectImpossible { try await gate.withdraw(second.hold.id, of: hold.session) }
    }

    private func isBegun(_ held: HeldCall) async throws -> Bool {
        guard let permit = try await bench.gate.begin(held) else { return false }
        return permit.hold != nil
    }

    @Test("hanging up takes a call back only where the rules say so, and nobody else waits", arguments: [true, false])
    func disconnect(withdraws: Bool) async throws {
        let hold = try await held(Terms(withdrawsOnDisconnect: withdraws))
        let place = try await bench.gate.wait(for: hold.id)
        try await bench.gate.leaveBehind(hold)
        #expect(try await bench.gate.hold(hold.id).state == .pending)
        bench.gate.leave(hold.id, place.waiter)
        try await bench.gate.leaveBehind(hold)
        #expect(try await bench.gate.hold(hold.id).state == (withdraws ? .withdrawn : .pending))
    }

    @Test("what a person has sent without the agent is not taken back with it")
    func immediate() async throws {
        let hold = try await held(Terms(withdrawsOnDisconnect: true))
        let decision = bench.decision(isImmediate: true)
        _ = try await bench.gate.approve(hold.id, digest: hold.digest, decision: decision)
        try await bench.gate.leaveBehind(hold)
        #expect(try await bench.gate.hold(hold.id).state == .approved(decision))
    }

    @Test("a review is decided as a hold is, and nothing is ever sent after it")
    func review() async throws {
        let call = Call.sample(host: "tiergate.internal", path: "/v1/review")
        let verdict = Verdict.sample(tier: .external, terms: Terms())
        func ask() async throws -> Hold {
            try await bench.gate.review(
                call, verdict, Record(id: call.id, session: call.session, began: bench.clock.now))
        }
        let hold = try await ask()
        let again = try await ask()
        #expect(hold.facts.isReview && again.id == hold.id)
        let approved = try await bench.gate.approve(hold.id, digest: hold.digest, decision: bench.decision())
        #expect(try await !isBegun(HeldCall(hold: approved, call: call, verdict: verdict, isNew: false)))
        #expect(try await bench.gate.hold(hold.id).state.name == "approved")
        #expect(try await held().facts.isReview == false)
    }

    @Test("what people usually take is the median of the latest, of the rule before its tier, and unknown at first")
    func times() async throws {
        var usual: [Interval?] = []
        for (number, minutes) in [1, 9, 4, 2].enumerated() {
            let hold = try await held(id: UInt64(number + 1), path: Text("/v1/\(number)x"))
            usual.append(bench.gate.usualTime(of: hold))
            bench.clock.advance(.minutes(Int64(minutes)))
            _ = try await bench.gate.approve(hold.id, digest: hold.digest, decision: bench.decision())
        }
        #expect(usual == [nil, nil, nil, .minutes(4)])
    }

    @Test("the third rejection of one kind of call is told of, and an approval begins anew")
    func rounds() async throws {
        func decide(_ number: UInt64, approve: Bool = false) async throws {
            let hold = try await held(id: number, path: Text("/v1/charges/ch_\(number)/refund"))
            let (gate, decision) = (bench.gate, bench.decision())
            if approve {
                _ = try await gate.approve(hold.id, digest: hold.digest, decision: decision)
            } else {
                _ = try await gate.reject(hold.id, digest: hold.digest, decision: decision)
            }
        }
        var flags: [String] { bench.journal.lines.filter { $0.hasPrefix("flagged") } }
        for number in 1...2 { try await decide(UInt64(number)) }
        try await decide(3, approve: true)
        for number in 4...5 { try await decide(UInt64(number)) }
        #expect(flags.isEmpty)
        try await decide(6)
        #expect(flags == ["flagged rejected_rounds 3"])
    }
}
