import Calls
import HoldsTesting
import Testing

@testable import Holds

/// What the gate does while something is stopped, and when it goes on.
@Suite struct StopTests {
    let bench = GateBench()
    private let ada = Operator(uid: 1000, name: "ada")

    private var gate: Gate { bench.gate }

    @discardableResult
    private func stop(_ kind: Stop.Kind, _ scope: Scope = .everything) async -> StopReport {
        await gate.stop(scope, kind, by: .person(ada, reason: "too odd"))
    }

    private func resume(_ scope: Scope = .everything) async throws -> Resumption {
        try await gate.resume(scope, by: bench.decision(reason: "all clear"))
    }

    /// `passed`, `held`, or why not.
    private func admit(_ tier: Tier, session: String = "s_agent", id: UInt64 = 1) async -> String {
        let call = Call.sample(id: id, session: session)
        let record = Record(id: call.id, session: call.session, began: bench.clock.now)
        let verdict = Verdict.sample(tier: tier, disposition: tier > .reversible ? .hold : .pass)
        do throws(GateFailure) {
            switch try await gate.admit(call, verdict, record) {
            case .now: return "passed"
            case .held: return "held"
            }
        } catch {
            switch error {
            case .killed: return "killed"
            case .frozen: return "frozen"
            case .blocked, .full, .idempotencyConflict, .notReadWhole, .storeDown, .journalDown: return "\(error)"
            }
        }
    }

    private func state(_ hold: Hold) async throws -> String { try await gate.hold(hold.id).state.name }

    private func approve(_ hold: Hold, isImmediate: Bool = false) async throws -> Hold {
        try await gate.approve(hold.id, digest: hold.digest, decision: bench.decision(isImmediate: isImmediate))
    }

    // MARK: Admission

    @Test(
        "killed, no call is admitted; frozen, reading passes, tier 2 is kept back and the rest is held",
        arguments: [
            (Stop.Kind.kill, ["killed", "killed", "killed", "killed"]),
            (.freeze, ["passed", "frozen", "held", "held"]),
        ])
    func admission(kind: Stop.Kind, outcomes: [String]) async {
        await stop(kind)
        for (tier, outcome) in zip(Tier.allCases, outcomes) { #expect(await admit(tier) == outcome) }
    }

    @Test("an agent's stop is not another agent's")
    func otherAgent() async {
        await stop(.kill, .agent(AgentID("a")))
        #expect(await admit(.readOnly, session: "a/1") == "killed")
        #expect(await admit(.readOnly, session: "b/1") == "passed")
    }

    @Test("a blocked call of a killed session is killed, and nothing is opened for it")
    func nothingWritten() async {
        await stop(.kill)
        _ = await admit(.readOnly)
        #expect(bench.journal.lines == ["killed"])
    }

    @Test("a call that comes into the queue while it is being emptied does not stay there")
    func race() async throws {
        bench.journal.onWrite { [gate] word in
            if word == "created" {
                _ = gate.killSwitch.add(Stop(.everything, .kill, by: .file("k"), at: .init(milliseconds: 0)))
            }
        }
        #expect(await admit(.irreversible) == "killed")
        #expect(try await gate.holds(HoldQuery()).map(\.state.name) == ["killed"])
    }

    // MARK: Holds

    @Test("a kill ends what waits in its scope, with a line for each, and closes its connections; the rest stays")
    func kill() async throws {
        let pending = try await bench.hold(.sample(session: "a/1", body: "1"), .sample()).hold
        let approved = try await approve(try await bench.hold(.sample(session: "a/2", body: "2"), .sample()).hold)
        let other = try await bench.hold(.sample(session: "b/1", body: "3"), .sample()).hold
        let rejected = try await bench.hold(.sample(session: "a/1", body: "4"), .sample()).hold
        _ = try await gate.reject(rejected.id, digest: rejected.digest, decision: bench.decision())
        let report = await stop(.kill, .agent(AgentID("a")))
        #expect(report.killed == 2)
        #expect(report.failures.isEmpty)
        #expect(try await state(pending) == "killed")
        #expect(try await state(approved) == "killed")
        #expect(try await state(other) == "pending")
        #expect(try await state(rejected) == "rejected")
        #expect(bench.journal.lines.suffix(3) == ["killed", "killed", "killed"])
        #expect(bench.closed == [.agent(AgentID("a"))])
    }

    @Test("a freeze leaves holds and connections alone, and decisions can be taken")
    func freeze() async throws {
        let hold = try await bench.hold(.sample(), .sample()).hold
        let report = await stop(.freeze)
        #expect(report.killed == 0)
        #expect(bench.closed.isEmpty)
        #expect(try await approve(hold).state.name == "approved")
    }

    @Test("what is too much for one turn is ended in the next ones; one transaction may take several")
    func many() async throws {
        var settings = HoldSettings()
        (settings.killedAtOnce, settings.killedPerTurn) = (3, 6)
        let bench = GateBench(settings)
        for number in 0..<10 { _ = try await bench.hold(.sample(body: "\(number)"), .sample()) }
        let report = await bench.gate.stop(.everything, .kill, by: .file("kill"))
        #expect(report.killed == 6 && !report.isComplete)
        #expect(try await bench.gate.holds(HoldQuery(states: ["pending"])).count == 4)
        try await bench.gate.keepTime()
        #expect(try await bench.gate.holds(HoldQuery(states: ["pending"])).isEmpty)
        let again = await bench.gate.stop(.everything, .kill, by: .file("kill"))
        #expect(again.killed == 0 && again.isComplete)
    }

    @Test("nobody decides about what was killed, and the identical call afterwards is a new one")
    func over() async throws {
        let hold = try await bench.hold(.sample(), .sample()).hold
        await stop(.kill)
        await #expect(throws: DecisionFailure.self) { _ = try await approve(hold) }
        _ = try await resume()
        #expect(try await bench.hold(.sample(id: 2), .sample()).hold.id != hold.id)
    }

    @Test("those who wait look again, at a kill, a freeze, and the end of one")
    func waiters() async throws {
        let hold = try await bench.hold(.sample(), .sample()).hold
        for step in ["freeze", "resume", "kill"] {
            let place = try await gate.wait(for: hold.id)
            switch step {
            case "freeze": await stop(.freeze)
            case "kill": await stop(.kill)
            default: _ = try await resume()
            }
            #expect(await place.waiter.turn().word == "stops changed")
            gate.leave(hold.id, place.waiter)
        }
    }

    // MARK: Sending

    @Test("an approval is not begun while its session is stopped", arguments: Stop.Kind.allCases)
    func begin(kind: Stop.Kind) async throws {
        let held = try await bench.hold(.sample(), .sample())
        let approved = held.now(try await approve(held.hold))
        // In memory alone: the moment before the store has it.
        _ = gate.killSwitch.add(Stop(.everything, kind, by: .file("f"), at: bench.clock.now))
        await #expect(throws: GateFailure.self) { if try await gate.begin(approved) != nil { Issue.record("begun") } }
        #expect(try await state(held.hold) == "approved")
    }

    @Test("what was connecting when it was killed is not sent, and its hold is over")
    func connecting() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let permit = try await permit(held)
        let hold = permit.hold
        let sending = try #require(hold)
        let report = await stop(.kill)
        #expect(report.sending == [sending.id])
        let failure = failure(permit)
        #expect(failure?.isKill == true)
        try await gate.returnUnsent(sending, isKilled: true)
        #expect(try await state(sending) == "killed")
    }

    @Test("what was connecting when it was frozen is not sent, and its approval can be spent after that")
    func connectingFrozen() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let permit = try await permit(held)
        let hold = permit.hold
        let sending = try #require(hold)
        await stop(.freeze)
        #expect(failure(permit)?.isKill == false)
        try await gate.returnUnsent(sending)
        #expect(try await state(sending) == "approved")
        _ = try await resume()
        let again = try await bench.hold(.sample(id: 2), .sample())
        guard let second = try await gate.begin(again) else {
            Issue.record("no permit")
            return
        }
        #expect(failure(second) == nil)
    }

    @Test("a kill that was lifted while a call was connecting is a kill all the same")
    func voided() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let permit = try await permit(held)
        let hold = permit.hold
        let sending = try #require(hold)
        await stop(.kill)
        _ = try await resume()
        #expect(failure(permit) == .voided)
        try await gate.returnUnsent(sending, isKilled: true)
        #expect(try await state(sending) == "killed")
    }

    private func permit(_ held: HeldCall) async throws -> Permit {
        guard let permit = try await gate.begin(held.now(try await approve(held.hold))) else {
            throw GateFailure.blocked(reason: "there is no permit")
        }
        return permit
    }

    private func failure(_ permit: consuming Permit) -> PermitFailure? {
        do throws(PermitFailure) {
            _ = try bench.spend(permit)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Resuming

    @Test("resuming lifts this scope alone, after its line is on disk")
    func resuming() async throws {
        await stop(.freeze)
        await stop(.kill, .agent(AgentID("a")))
        let resumption = try await resume()
        #expect(resumption.lifted.kind == .freeze)
        #expect(resumption.remaining.map(\.scope) == [.agent(AgentID("a"))])
        #expect(bench.journal.durable.last == "resumed")
        #expect(await admit(.reversible) == "passed")
        #expect(await admit(.reversible, session: "a/1") == "killed")
    }

    @Test("what is not stopped itself is not resumed, also where a wider scope is")
    func notStopped() async {
        await stop(.kill)
        await #expect(throws: ResumeFailure.self) { _ = try await resume(.agent(AgentID("a"))) }
        #expect(await admit(.readOnly, session: "a/1") == "killed")
    }

    @Test("without its line in the journal nothing is resumed; a stop asks for none")
    func journalDown() async throws {
        bench.journal.fail("disk full")
        let report = await stop(.kill)
        #expect(report.failures == [.journalDown(reason: "disk full")])
        await #expect(throws: ResumeFailure.self) { _ = try await resume() }
        #expect(gate.standing(of: SessionID("s")).stop?.kind == .kill)
        bench.journal.fail(nil)
        _ = try await resume()
        #expect(gate.standing(of: SessionID("s")) == .running)
    }

    @Test("approvals to be sent without the agent are handed back where their session goes on")
    func immediate() async throws {
        let first = try await bench.hold(.sample(session: "a/1"), .sample()).hold
        let second = try await bench.hold(.sample(session: "b/1"), .sample()).hold
        await stop(.freeze)
        await stop(.freeze, .agent(AgentID("b")))
        _ = try await approve(first, isImmediate: true)
        _ = try await approve(second, isImmediate: true)
        #expect(try await resume().immediate.map(\.id) == [first.id])
        #expect(try await resume(.agent(AgentID("b"))).immediate.map(\.id) == [second.id])
    }

    // MARK: The store

    @Test("a restart finds what was stopped, and ends what a kill had not come to", arguments: Stop.Kind.allCases)
    func restart(kind: Stop.Kind) async throws {
        let hold = try await bench.hold(.sample(), .sample()).hold
        bench.store.fail(with: .unavailable(reason: "busy"), only: "kill")
        await stop(kind, .agent(AgentID("s_agent")))
        bench.store.fail(with: nil)
        #expect(try await state(hold) == "pending")
        let again = GateBench(store: bench.store)
        _ = try await again.gate.recover()
        #expect(again.gate.stops == gate.stops)
        #expect(again.gate.stops.first?.cause == .person(ada, reason: "too odd"))
        #expect(try await again.gate.hold(hold.id).state.name == (kind == .kill ? "killed" : "pending"))
        _ = try await again.gate.resume(.agent(AgentID("s_agent")), by: bench.decision())
        let third = GateBench(store: bench.store)
        _ = try await third.gate.recover()
        #expect(third.gate.stops.isEmpty)
    }

    @Test("with the store down a kill counts at once, says that it may not last, and is written when the store is back")
    func storeDown() async throws {
        let hold = try await bench.hold(.sample(), .sample()).hold
        bench.store.fail(with: .unavailable(reason: "disk full"))
        let report = await stop(.kill)
        #expect(report.failures.contains(.storeDown(reason: "disk full")))
        #expect(!gate.stopsAreSaved)
        #expect(await admit(.readOnly) == "killed")
        await #expect(throws: GateFailure.self) { try await gate.keepTime() }
        bench.store.fail(with: nil)
        try await gate.keepTime()
        #expect(gate.stopsAreSaved)
        #expect(try await state(hold) == "killed")
        #expect(try await bench.store.stops() == gate.stops)
    }

    @Test("a resume that the store did not take is lifted here, and written later")
    func resumeStoreDown() async throws {
        await stop(.freeze)
        bench.store.fail(with: .unavailable(reason: "disk full"))
        #expect(try await resume().failure == .storeDown(reason: "disk full"))
        #expect(await admit(.reversible) == "passed")
        bench.store.fail(with: nil)
        try await gate.keepTime()
        #expect(try await bench.store.stops().isEmpty)
    }

    @Test("a gate that cannot read what was stopped does not recover")
    func unreadable() async {
        bench.store.fail(with: .damaged(reason: "altered"))
        await #expect(throws: GateFailure.self) { _ = try await gate.recover() }
    }
}
