import Calls
import HoldsTesting
import JSON
import Testing

@testable import Holds

@Suite struct DecisionTests {
    let bench = GateBench()

    /// What a decision failed with, in a word.
    private func failure(_ body: () async throws(DecisionFailure) -> Hold) async -> String {
        do throws(DecisionFailure) {
            return "no failure, \(try await body().state.name)"
        } catch {
            switch error {
            case .unknown: return "unknown"
            case .digestDiffers(let hold): return "digest differs, \(hold.state.name)"
            case .notPossible(let hold): return "not possible, \(hold.state.name)"
            case .notEntitled, .votedAlready, .ownEdit, .notDetached, .tooFar, .full, .notSigned, .claimedAlready,
                .overtaken, .notLonger, .notEditable, .editBlocked:
                return "another"
            case .store: return "store"
            case .journal(let hold, let reason): return "journal \(reason), \(hold.state.name)"
            }
        }
    }

    @Test("an approval is stored, journalled and told")
    func approve() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let place = try await bench.gate.wait(for: held.hold.id)
        let decision = bench.decision(reason: "fine", isImmediate: true)
        let approved = try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: decision)
        #expect(approved.state == .approved(decision))
        #expect(try await bench.gate.hold(held.hold.id).state == .approved(decision))
        #expect(bench.journal.durable == ["created", "decided"])
        #expect(await place.waiter.turn().word == "approved")
    }

    @Test("a late approval can still be spent for a while")
    func lateApproval() async throws {
        let held = try await bench.hold(.sample(), .sample())
        bench.clock.advance(.hours(24))
        #expect(held.hold.expires == bench.clock.now)
        let late = await failure { () async throws(DecisionFailure) in
            try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: bench.decision())
        }
        #expect(late == "not possible, pending")
        bench.clock.advance(Interval(milliseconds: -1))
        let approved = try await bench.gate.approve(
            held.hold.id, digest: held.hold.digest, decision: bench.decision())
        #expect(approved.expires == bench.clock.now + .minutes(15))
    }

    @Test("of many operators one decides, and the others learn who")
    func race() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let (bench, id, digest) = (bench, held.hold.id, held.hold.digest)
        let outcomes = await withTaskGroup(of: String.self, returning: [String].self) { group in
            for index in 0..<32 {
                group.addTask {
                    let decision = bench.decision(by: "op\(index)")
                    do throws(DecisionFailure) {
                        _ =
                            index.isMultiple(of: 2)
                            ? try await bench.gate.approve(id, digest: digest, decision: decision)
                            : try await bench.gate.reject(id, digest: digest, decision: decision)
                        return "won"
                    } catch {
                        guard case .notPossible(let hold) = error else { return "\(error)" }
                        return hold.state.isUndecided ? "nobody" : "lost"
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == "won" } == 1)
        #expect(outcomes.count { $0 == "lost" } == 31)
        #expect(bench.journal.lines.count { $0 == "decided" } == 1)
    }

    @Test("nobody decides about another digest than he saw")
    func digestDiffers() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let other = GateBench.hash([9])
        let decision = bench.decision()
        #expect(
            await failure { () async throws(DecisionFailure) in
                try await bench.gate.approve(held.hold.id, digest: other, decision: decision)
            } == "digest differs, pending")
        #expect(
            await failure { () async throws(DecisionFailure) in
                try await bench.gate.reject(held.hold.id, digest: other, decision: decision)
            } == "digest differs, pending")
    }

    @Test("what is not there, and a store that is down, are two failures")
    func unknown() async throws {
        let digest = GateBench.hash([9])
        #expect(
            await failure { () async throws(DecisionFailure) in
                try await bench.gate.approve(HoldID(random: 5), digest: digest, decision: bench.decision())
            } == "unknown")
        bench.store.fail(with: .unavailable(reason: "locked"))
        #expect(
            await failure { () async throws(DecisionFailure) in
                try await bench.gate.approve(HoldID(random: 5), digest: digest, decision: bench.decision())
            } == "store")
    }

    @Test("a decision that the journal could not take stands, and says so")
    func journalDown() async throws {
        let held = try await bench.hold(.sample(), .sample())
        bench.journal.fail("disk full", only: "decided")
        #expect(
            await failure { () async throws(DecisionFailure) in
                try await bench.gate.approve(held.hold.id, digest: held.hold.digest, decision: bench.decision())
            } == "journal disk full, approved")
    }

    @Test("a rejection sticks until it is reopened, and then waits its whole time")
    func rejection() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let (id, digest) = (held.hold.id, held.hold.digest)
        let decision = bench.decision(reason: "not today")
        _ = try await bench.gate.reject(id, digest: digest, decision: decision)
        #expect(try await bench.hold(.sample(id: 2), .sample()).hold.state == .rejected(decision))
        #expect(
            await failure { () async throws(DecisionFailure) in
                try await bench.gate.approve(id, digest: digest, decision: decision)
            } == "not possible, rejected")
        bench.clock.advance(.days(3))
        let open = try await bench.gate.reopen(id, digest: digest, decision: bench.decision())
        #expect(open.state == .pending)
        #expect(open.expires == bench.clock.now + .hours(24))
        #expect(
            await failure { () async throws(DecisionFailure) in
                try await bench.gate.reopen(id, digest: digest, decision: decision)
            } == "not possible, pending")
    }

    @Test("the call can be read as it was held")
    func request() async throws {
        let held = try await bench.hold(.sample(path: "/v1/x"), .sample())
        #expect(try await bench.gate.request(of: held.hold).target.spelling == "/v1/x")
    }
}
