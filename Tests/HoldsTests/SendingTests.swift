import Calls
import HoldsTesting
import JSON
import Testing

@testable import Holds

@Suite struct SendingTests {
    let bench = GateBench()

    /// Holds a call, approves it, and hands back the same call as it comes again.
    private func approved(
        _ call: Call = .sample(), again: Call? = nil, verdict: Verdict = .sample(), judgedAgain: Verdict? = nil
    ) async throws -> HeldCall {
        let held = try await bench.hold(call, verdict)
        _ = try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: bench.decision())
        return try await bench.hold(again ?? call, judgedAgain ?? verdict)
    }

    private func sending(_ call: Call = .sample()) async throws -> Hold {
        let held = try await approved(call)
        return try #require(try await hold(spending: held))
    }

    /// The hold that is being sent; nil without a permit.
    private func hold(spending held: HeldCall) async throws -> Hold? {
        guard let permit = try await bench.gate.begin(held) else { return nil }
        return permit.hold
    }

    /// The call as it is sent.
    private func call(spending held: HeldCall) async throws -> Call {
        guard let permit = try await bench.gate.begin(held) else { throw PermitFailure.expired }
        return try bench.spend(permit)
    }

    private func state(_ held: HeldCall) async throws -> HoldState { try await bench.gate.hold(held.hold.id).state }

    @Test("nothing but an approval begins")
    func pending() async throws {
        let held = try await bench.hold(.sample(), .sample())
        #expect(try await hold(spending: held) == nil)
        #expect(try await state(held) == .pending)
    }

    @Test("an approval is spent once among many that come for it")
    func once() async throws {
        let held = try await approved()
        let bench = bench
        let permits = await withTaskGroup(of: Int.self, returning: Int.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    guard let permit = try? await bench.gate.begin(held) else { return 0 }
                    return permit.hold == nil ? 0 : 1
                }
            }
            return await group.reduce(0, +)
        }
        #expect(permits == 1)
        #expect(bench.journal.durable.count { $0 == "sending" } == 1)
        #expect(try await state(held).name == "sending")
    }

    @Test("an approval whose time is over is not spent")
    func tooLate() async throws {
        let held = try await approved()
        bench.clock.advance(.hours(24))
        #expect(try await hold(spending: held) == nil)
        #expect(try await state(held).name == "approved")
    }

    @Test("without its journal line nothing is sent, and the approval is still there")
    func journalDown() async throws {
        let held = try await approved()
        bench.journal.fail("disk full", only: "sending")
        await #expect(throws: GateFailure.journalDown(reason: "disk full")) { _ = try await hold(spending: held) }
        #expect(try await state(held).name == "approved")
        bench.journal.fail(nil)
        let again = try await bench.hold(.sample(), .sample())
        #expect(try await hold(spending: again) != nil)
    }

    @Test("where the store could not begin, the journal takes back the line that was there first")
    func storeDown() async throws {
        let held = try await approved()
        bench.store.fail(with: .unavailable(reason: "disk full"), only: "commit of begin")
        await #expect(throws: GateFailure.storeDown(reason: "disk full")) { _ = try await hold(spending: held) }
        #expect(bench.journal.lines.suffix(2) == ["sending", "approved"])
        bench.store.fail(with: nil)
        #expect(try await state(held).name == "approved")
        #expect(try await hold(spending: held) != nil)
    }

    @Test(
        "a call that is judged more strictly goes back to a person",
        arguments: [
            Verdict.sample(tier: .irreversible), .sample(tier: .external, disposition: .refuse),
            .sample(tier: .external, flags: [.injection]),
        ])
    func stricter(verdict: Verdict) async throws {
        let held = try await approved(verdict: .sample(tier: .external))
        let strict = HeldCall(hold: held.hold, call: held.call, verdict: verdict, isNew: false)
        #expect(try await hold(spending: strict) == nil)
        #expect(try await state(held).name == "stale")
        #expect(bench.journal.lines.last == "stale")
        let again = try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: bench.decision())
        #expect(again.state.name == "approved")
        // The second approval is of the call as it is judged now.
        #expect(again.facts.tier == verdict.tier && again.facts.flags == verdict.flags)
        let isSent = try await hold(spending: held.now(again).judged(verdict)) != nil
        #expect(isSent == (verdict.disposition == .hold))
    }

    @Test("a call that is judged less strictly is sent")
    func milder() async throws {
        let held = try await approved(judgedAgain: .sample(tier: .external))
        #expect(try await hold(spending: held) != nil)
    }

    @Test("another call than the approved one is not sent under its approval")
    func otherCall() async throws {
        let held = try await approved()
        let other = HeldCall(
            hold: held.hold, call: .sample(body: #"{"amount":501}"#), verdict: held.verdict, isNew: false)
        #expect(try await hold(spending: other) == nil)
        #expect(try await state(held).name == "stale")
    }

    @Test("fresh credentials go, with the Idempotency-Key that the person saw")
    func idempotencyKey() async throws {
        let held = try await approved(
            .sample(fields: ["Authorization": "old", "Idempotency-Key": "first"]),
            again: .sample(id: 2, fields: ["Authorization": "fresh", "Idempotency-Key": "second"]))
        let call = try await call(spending: held)
        #expect(call.fields.values(of: "Idempotency-Key").map { Text(utf8: $0) } == ["first"])
        #expect(call.fields.text("Authorization") == "fresh")
    }

    @Test("a key that only the second attempt has is left out")
    func noIdempotencyKey() async throws {
        let held = try await approved(
            .sample(fields: ["Accept": "a"]), again: .sample(id: 2, fields: ["Accept": "a", "Idempotency-Key": "k"]))
        #expect(try await call(spending: held).fields.text("Idempotency-Key") == nil)
    }

    @Test("a multipart body goes with the boundary that the person saw")
    func boundary() async throws {
        let held = try await approved(ActionBytesTests.upload("aaa"), again: ActionBytesTests.upload("bbb"))
        let call = try await call(spending: held)
        #expect(call.fields.text("content-type") == "multipart/form-data; boundary=aaa")
        guard case .bytes(let body) = call.body else {
            Issue.record("no body")
            return
        }
        #expect(body.starts(with: "--aaa\r\n".utf8))
    }

    @Test("the answer is kept for the next identical call, and then the hold is over")
    func kept() async throws {
        let sending = try await sending()
        try await bench.gate.finish(sending, status: 201, content: Content(bytes: [7]), isDelivered: false)
        let again = try await bench.hold(.sample(id: 2), .sample())
        #expect(again.hold.id == sending.id)
        #expect(try await bench.gate.keptAnswer(of: again.hold)?.bytes == [7])
        try await bench.gate.delivered(again.hold)
        #expect(try await bench.gate.keptAnswer(of: again.hold) == nil)
        #expect(try await bench.hold(.sample(id: 3), .sample()).hold.id != sending.id)
    }

    @Test(
        "an answer is delivered, kept or lost, and says who let the call go",
        arguments: [(true, true, Answer.Delivery.delivered), (false, true, .kept), (false, false, .lost)])
    func delivery(isDelivered: Bool, hasContent: Bool, delivery: Answer.Delivery) async throws {
        let sending = try await sending()
        let content = hasContent ? Content(bytes: [7]) : nil
        try await bench.gate.finish(sending, status: 200, content: content, isDelivered: isDelivered)
        guard case .done(let answer) = try await bench.gate.hold(sending.id).state else {
            Issue.record("not done")
            return
        }
        #expect(answer.delivery == delivery)
        #expect(answer.decision.by.name == "ada")
    }

    @Test("others that wait get the answer from the one that was sent")
    func others() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let first = try await bench.gate.wait(for: held.hold.id)
        let second = try await bench.gate.wait(for: held.hold.id)
        _ = try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: bench.decision())
        #expect(await first.waiter.turn().word == "approved")
        bench.gate.leave(held.hold.id, first.waiter)
        let sending = try #require(try await hold(spending: try await bench.hold(.sample(), .sample())))
        try await bench.gate.finish(sending, status: 200, content: Content(bytes: [7]), isDelivered: true)
        #expect(await second.waiter.turn().word == "done with answer")
    }

    @Test("what did not leave can be sent by the next that waits")
    func unsent() async throws {
        let sending = try await sending()
        let place = try await bench.gate.wait(for: sending.id)
        try await bench.gate.returnUnsent(sending)
        #expect(await place.waiter.turn().word == "approved")
        #expect(try await hold(spending: try await bench.hold(.sample(), .sample())) != nil)
    }

    @Test("what may have been carried out is never sent again; a person says what had become of it")
    func uncertain() async throws {
        let sending = try await sending()
        try await bench.gate.loseTrack(sending, cause: "the connection was reset")
        let again = try await bench.hold(.sample(id: 2), .sample())
        #expect(again.hold.state == .uncertain(cause: "the connection was reset"))
        #expect(try await hold(spending: again) == nil)
    }

    @Test("an executed call is told once; then, or where it was not executed, the next one is a new action")
    func resolve() async throws {
        for wasExecuted in [true, false] {
            let sending = try await sending()
            try await bench.gate.loseTrack(sending, cause: "reset")
            let resolved = try await bench.gate.resolve(
                sending.id, digest: sending.digest, wasExecuted: wasExecuted, decision: bench.decision())
            let next = try await bench.hold(.sample(id: 2), .sample())
            #expect((next.hold.id == sending.id) == wasExecuted)
            guard wasExecuted else { continue }
            #expect(try await bench.gate.told(resolved))
            #expect(try await !bench.gate.told(resolved))
            #expect(try await bench.hold(.sample(id: 3), .sample()).hold.id != sending.id)
        }
    }

    @Test("only what is uncertain is resolved")
    func resolvePending() async throws {
        let held = try await bench.hold(.sample(), .sample())
        await #expect(throws: DecisionFailure.self) {
            _ = try await bench.gate.resolve(
                held.hold.id, digest: held.hold.digest, wasExecuted: true, decision: bench.decision())
        }
    }

    @Test("time ends what nobody decided, tells who waits, and is no rejection")
    func expiry() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let place = try await bench.gate.wait(for: held.hold.id)
        try await bench.gate.keepTime()
        #expect(try await state(held) == .pending)
        bench.clock.advance(.hours(24))
        try await bench.gate.keepTime()
        #expect(try await state(held) == .expired)
        #expect(await place.waiter.turn().word == "expired")
        #expect(try await bench.hold(.sample(id: 2), .sample()).hold.id != held.hold.id)
    }

    @Test("after a restart what was being sent is uncertain, and only `now` is sent without the agent")
    func recover() async throws {
        let sending = try await sending()
        _ = try await approved(.sample(body: "patient"))
        let urgent = try await bench.hold(.sample(body: "urgent"), .sample())
        _ = try await bench.gate.approve(
            urgent.hold.id, digest: urgent.hold.digest, decision: bench.decision(isImmediate: true))
        let found = try await bench.gate.recover()
        #expect(found.uncertain.map(\.id) == [sending.id])
        #expect(found.immediate.map(\.id) == [urgent.hold.id])
        #expect(bench.journal.durable.last == "uncertain")
    }
}

extension HeldCall {
    fileprivate func judged(_ verdict: Verdict) -> HeldCall {
        HeldCall(hold: hold, call: call, verdict: verdict, isNew: isNew)
    }
}

@Suite struct IdempotencyTests {
    @Test(
        "where a rule names the upstream's key and the agent sent none, the gate's own goes with every attempt",
        arguments: ["Idempotency-Key", "X-Request-Key"])
    func generated(field: String) async throws {
        let bench = GateBench()
        let verdict = Verdict.sample(terms: Terms(idempotency: field))
        let held = try await bench.hold(.sample(), verdict)
        let key = "tiergate-\(held.hold.id)"
        #expect(try await bench.gate.request(of: held.hold).fields.text(field)?.string == key)
        let again = try await bench.hold(.sample(id: 2), verdict)
        #expect(again.hold.id == held.hold.id && !again.isNew)
        let hold = try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: bench.decision())
        guard let permit = try await bench.gate.begin(again.now(hold)) else {
            Issue.record("it did not go")
            return
        }
        #expect(try bench.spend(permit).fields.text(field)?.string == key)
    }

    @Test("the agent's own key stays, and without a rule there is none")
    func own() async throws {
        let bench = GateBench()
        let own = try await bench.hold(
            .sample(fields: ["Idempotency-Key": "mine"]), .sample(terms: Terms(idempotency: "Idempotency-Key")))
        #expect(
            try await bench.gate.request(of: own.hold).fields.values(of: "idempotency-key").map { Array($0) } == [
                Array("mine".utf8)
            ])
        let none = try await bench.hold(.sample(body: "{}"), .sample())
        #expect(try await bench.gate.request(of: none.hold).fields.text("idempotency-key") == nil)
    }
}
