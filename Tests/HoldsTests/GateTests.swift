import Calls
import HoldsTesting
import JSON
import Testing

@testable import Holds

@Suite struct AdmissionTests {
    let bench = GateBench()

    @Test("a call that passes gets its permit after its opening line, and no hold")
    func pass() async throws {
        let record = Record(id: CallID("c_1"), session: SessionID("s"), began: bench.clock.now)
        switch try await bench.gate.admit(.sample(), .sample(tier: .readOnly, disposition: .pass), record) {
        case .now(let permit):
            #expect(permit.hold == nil)
            #expect(try bench.spend(permit).id == Call.sample().id)
        case .held: Issue.record("held")
        }
        #expect(record.isOpened)
        #expect(bench.journal.lines == ["opened"])
    }

    @Test("without its opening line nothing passes and nothing is held", arguments: [Disposition.pass, .hold])
    func journalDown(disposition: Disposition) async throws {
        bench.journal.fail("disk full")
        let record = Record(id: CallID("c_1"), session: SessionID("s"), began: bench.clock.now)
        do {
            _ = try await bench.gate.admit(.sample(), .sample(disposition: disposition), record)
            Issue.record("admitted")
        } catch {
            #expect(error == .journalDown(reason: "disk full"))
        }
        #expect(!record.isOpened)
        #expect(try await bench.gate.holds(HoldQuery()).isEmpty)
    }

    @Test("a hold that cannot be recorded is closed, and whoever waits for it by another connection is told at once")
    func unrecorded() async throws {
        // The first id that the bench gives out.
        let id = HoldID(random: 0x9E37_79B9_7F4A_7C15)
        let other = try #require(bench.gate.room.enter(id, limit: 1))
        bench.journal.fail("disk full", only: "created")
        await #expect(throws: GateFailure.journalDown(reason: "disk full")) {
            _ = try await bench.hold(.sample(), .sample())
        }
        guard case .changed(let hold, nil) = await other.turn() else {
            Issue.record("not told")
            return
        }
        #expect(hold.id == id && hold.state == .expired && bench.clock.now < hold.expires)
        bench.journal.fail(nil)
        #expect(try await bench.hold(.sample(), .sample()).hold.id != id)
    }

    @Test("an opening line that stands when the disk fails is not written a second time")
    func journalLate() async {
        bench.journal.fail("disk full", linesStand: true)
        let record = Record(id: CallID("c_1"), session: SessionID("s"), began: bench.clock.now)
        await #expect(throws: GateFailure.journalDown(reason: "disk full")) {
            _ = try await bench.gate.admit(.sample(), .sample(disposition: .pass), record)
        }
        #expect(record.isOpened)
        #expect(bench.journal.lines == ["opened"])
    }

    @Test("a rule that says never is obeyed")
    func blocked() async {
        await #expect(throws: GateFailure.blocked(reason: Verdict.sample().reason)) {
            _ = try await bench.hold(.sample(), .sample(disposition: .refuse))
        }
    }

    @Test("a held call is in the store and the journal before anybody is told")
    func held() async throws {
        let held = try await bench.hold(.sample(), .sample())
        #expect(bench.journal.lines == ["opened", "created"])
        #expect(bench.journal.durable == ["created"])
        let hold = try await bench.gate.hold(held.hold.id)
        #expect(hold.state == .pending)
        #expect(hold.expires == bench.clock.now + .hours(24))
        #expect(hold.facts.summaries == ["Send 5.00 USD to ch_1"])
    }

    @Test(
        "tier 3 lives a week, tier 4 and anything flagged a day",
        arguments: [
            (Tier.external, [], Interval.days(7)), (.external, [.injection], .hours(24)),
            (.irreversible, [], .hours(24)),
        ] as [(Tier, [Flag], Interval)])
    func life(tier: Tier, flags: [Flag], life: Interval) async throws {
        let held = try await bench.hold(.sample(), .sample(tier: tier, flags: flags))
        #expect(held.hold.expires == bench.clock.now + life)
    }

    @Test("the store down holds nothing")
    func storeDown() async {
        bench.store.fail(with: .unavailable(reason: "locked"))
        await #expect(throws: GateFailure.storeDown(reason: "locked")) {
            _ = try await bench.hold(.sample(), .sample())
        }
    }

    @Test("a storm of the same call is one hold; another session's is another")
    func joining() async throws {
        let first = try await bench.hold(.sample(), .sample())
        for id in 2..<20 as Range<UInt64> {
            #expect(try await bench.hold(.sample(id: id), .sample()).hold.id == first.hold.id)
        }
        #expect(try await bench.hold(.sample(session: "s_other"), .sample()).hold.id != first.hold.id)
        #expect(try await bench.gate.holds(HoldQuery()).count == 2)
    }

    @Test("undecided holds are limited, for each session and together")
    func limits() async throws {
        var settings = HoldSettings()
        settings.maxPending = 3
        settings.maxPendingPerSession = 2
        let bench = GateBench(settings)
        let first = try await bench.hold(.sample(body: "1"), .sample())
        _ = try await bench.hold(.sample(body: "2"), .sample())
        await #expect(throws: GateFailure.full(limit: "hold.max_pending_per_session", value: 2)) {
            _ = try await bench.hold(.sample(body: "3"), .sample())
        }
        // Joining asks for no place.
        _ = try await bench.hold(.sample(body: "1"), .sample())
        _ = try await bench.hold(.sample(session: "b"), .sample())
        await #expect(throws: GateFailure.full(limit: "hold.max_pending", value: 3)) {
            _ = try await bench.hold(.sample(session: "c"), .sample())
        }
        _ = try await bench.gate.reject(first.hold.id, digest: first.hold.digest, decision: bench.decision())
        _ = try await bench.hold(.sample(session: "c"), .sample())
    }

    @Test("one Idempotency-Key with two bodies is refused, with one body it is the same call")
    func idempotencyConflict() async throws {
        let first = try await bench.hold(.sample(fields: ["Idempotency-Key": "k"], body: "1"), .sample())
        let again = try await bench.hold(.sample(id: 2, fields: ["Idempotency-Key": "k"], body: "1"), .sample())
        #expect(again.hold.id == first.hold.id)
        await #expect(throws: GateFailure.idempotencyConflict(first.hold.id)) {
            _ = try await bench.hold(.sample(fields: ["Idempotency-Key": "k"], body: "2"), .sample())
        }
    }

    @Test("connections that wait are limited, and every failure gives the place back")
    func waiting() async throws {
        var settings = HoldSettings()
        settings.maxWaiting = 1
        let bench = GateBench(settings)
        let held = try await bench.hold(.sample(), .sample())
        await #expect(throws: GateFailure.self) { _ = try await bench.gate.wait(for: HoldID(random: 99)) }
        let place = try await bench.gate.wait(for: held.hold.id)
        #expect(bench.gate.isAwaited(held.hold.id))
        await #expect(throws: GateFailure.full(limit: "hold.max_waiting", value: 1)) {
            _ = try await bench.gate.wait(for: held.hold.id)
        }
        bench.gate.leave(held.hold.id, place.waiter)
        #expect(bench.gate.waitingCount == 0)
        #expect(!bench.gate.isAwaited(held.hold.id))
    }

    @Test("who comes to wait after the decision sees it at once")
    func lateWaiter() async throws {
        let held = try await bench.hold(.sample(), .sample())
        _ = try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: bench.decision())
        #expect(try await bench.gate.wait(for: held.hold.id).hold.state.name == "approved")
    }
}
