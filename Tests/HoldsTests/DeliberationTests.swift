import Calls
import HoldsTesting
import Testing

@testable import Holds

/// Several people, and what they may do short of deciding.
@Suite struct DeliberationTests {
    let bench = GateBench()

    private func decision(_ name: String) -> Decision {
        Decision(
            by: Operator(uid: UInt32(name.utf8.reduce(0) { $0 &* 31 &+ UInt32($1) }), name: name), at: bench.clock.now)
    }

    private func held(_ terms: Terms) async throws -> Hold {
        try await bench.hold(.sample(), .sample(terms: terms)).hold
    }

    private func approve(_ hold: Hold, _ name: String, _ groups: Set<String>) async throws -> Hold {
        try await bench.gate.approve(
            hold.id, digest: hold.digest, decision: decision(name), as: .groups(groups))
    }

    @Test("a hold goes when every group has given as many people as the rules ask for, and not before")
    func everyGroup() async throws {
        let hold = try await held(Terms(approvers: ["finance", "platform"], quorum: 2))
        for (name, groups) in [("ada", ["finance"]), ("bob", ["platform", "finance"]), ("cyd", ["finance", "other"])] {
            let after = try await approve(hold, name, Set(groups))
            #expect(after.state == .pending)
        }
        let last = try await approve(hold, "dan", ["platform"])
        #expect(last.state.name == "approved")
        #expect(
            last.deliberation.votes.map(\.groups) == [["finance"], ["finance", "platform"], ["finance"], ["platform"]])
        #expect(bench.journal.lines.filter { $0.contains("vote") }.count == 3)
    }

    @Test("a person of no group that is asked may neither let it go, nor refuse it, nor take it on")
    func outsider() async throws {
        let hold = try await held(Terms(approvers: ["finance"]))
        let entitlement = Entitlement.groups(["platform"])
        let (gate, decision) = (bench.gate, decision("eve"))
        for act in [
            { try await gate.approve(hold.id, digest: hold.digest, decision: decision, as: entitlement) },
            { try await gate.reject(hold.id, digest: hold.digest, decision: decision, as: entitlement) },
            { try await gate.claim(hold.id, digest: hold.digest, by: decision.by, as: entitlement) },
            { try await gate.ask(hold.id, digest: hold.digest, "Why?", by: decision.by, as: entitlement) },
        ] as [@Sendable () async throws -> Hold] {
            do {
                _ = try await act()
                Issue.record("an outsider was let do it")
            } catch DecisionFailure.notEntitled(let found) {
                #expect(found.id == hold.id)
            }
        }
        #expect(try await approve(hold, "ada", ["finance"]).state.name == "approved")
    }

    @Test("one person is one vote, however often it is given")
    func twice() async throws {
        let hold = try await held(Terms(quorum: 2))
        #expect(try await approve(hold, "ada", []).state == .pending)
        do {
            _ = try await approve(hold, "ada", [])
            Issue.record("the second vote of one person counted")
        } catch DecisionFailure.votedAlready {}
        #expect(try await approve(hold, "bob", []).state.name == "approved")
    }

    @Test("one no of anybody entitled ends it, whoever said yes before; reopened, it asks everybody anew")
    func veto() async throws {
        let hold = try await held(Terms(approvers: ["finance"], quorum: 2))
        _ = try await approve(hold, "ada", ["finance"])
        let rejected = try await bench.gate.reject(
            hold.id, digest: hold.digest, decision: decision("bob"), as: .groups(["finance"]))
        #expect(rejected.state.name == "rejected" && rejected.deliberation.votes.count == 1)
        let open = try await bench.gate.reopen(
            hold.id, digest: hold.digest, decision: decision("cyd"), as: .groups(["finance"]))
        #expect(open.deliberation.votes.isEmpty)
        #expect(try await approve(hold, "ada", ["finance"]).state == .pending)
    }

    @Test("who looks at the same moment: both votes count, or one is told to look again; none is lost")
    func race() async throws {
        let hold = try await held(Terms(quorum: 2))
        let gate = bench.gate
        let decisions = ["ada", "bob", "cyd", "dan"].map(decision)
        await withTaskGroup(of: Void.self) { group in
            for decision in decisions {
                group.addTask {
                    _ = try? await gate.approve(hold.id, digest: hold.digest, decision: decision, as: .everyGroup)
                }
            }
        }
        let after = try await gate.hold(hold.id)
        #expect((after.state.name == "approved") == (after.deliberation.votes.count == 2))
        #expect(after.deliberation.votes.count <= 2 && !after.deliberation.votes.isEmpty)
    }

    @Test("taking it on, passing it on, giving it back")
    func claims() async throws {
        let hold = try await held(Terms())
        let (ada, bob) = (decision("ada").by, decision("bob").by)
        let claimed = try await bench.gate.claim(hold.id, digest: hold.digest, by: ada, as: .everyGroup)
        #expect(claimed.deliberation.claim?.by == ada && claimed.deliberation.firstAct == bench.clock.now)
        let passed = try await bench.gate.handOver(hold.id, digest: hold.digest, by: ada, to: bob, as: .everyGroup)
        #expect(passed.deliberation.claim?.by == bob)
        let back = try await bench.gate.handOver(hold.id, digest: hold.digest, by: bob, to: nil, as: .everyGroup)
        #expect(back.deliberation.claim == nil && back.state == .pending)
    }

    @Test("time can be given up to the longest life, and never taken")
    func extending() async throws {
        let hold = try await held(Terms())
        let ada = decision("ada").by
        func extend(to until: Timestamp) async throws -> Hold {
            try await bench.gate.extend(
                hold.id, digest: hold.digest, by: ada, until: until, reason: nil, as: .everyGroup)
        }
        let until = hold.expires + .hours(1)
        #expect(try await extend(to: until).expires == until)
        await #expect(throws: DecisionFailure.self) { _ = try await extend(to: hold.expires) }
        await #expect(throws: DecisionFailure.self) {
            _ = try await extend(to: bench.clock.now + HoldSettings().longestLife + .seconds(1))
        }
        #expect(try await extend(to: bench.clock.now + HoldSettings().longestLife).state == .pending)
    }

    @Test("the first question stops the clock once; as many as a hold can have, and no more")
    func questions() async throws {
        let hold = try await held(Terms())
        let ada = decision("ada").by
        var after = hold
        for number in 0..<Deliberation.mostQuestions {
            after = try await bench.gate.ask(hold.id, digest: hold.digest, "Why \(number)?", by: ada, as: .everyGroup)
        }
        #expect(after.expires == hold.expires + HoldSettings().answerLife)
        #expect(after.deliberation.isAsking && after.deliberation.questions.count == Deliberation.mostQuestions)
        do {
            _ = try await bench.gate.ask(hold.id, digest: hold.digest, "Again?", by: ada, as: .everyGroup)
            Issue.record("one more question was asked")
        } catch DecisionFailure.full(_, let limit, let value) {
            #expect(limit == "questions" && value == Deliberation.mostQuestions)
        }
    }

    @Test("what went stale is voted on anew")
    func stale() async throws {
        let held = try await bench.hold(.sample(), .sample(terms: Terms(quorum: 1)))
        let approved = try await approve(held.hold, "ada", [])
        let stricter = HeldCall(
            hold: approved, call: held.call, verdict: .sample(flags: [.injection], terms: Terms(quorum: 2)),
            isNew: false)
        guard try await bench.gate.begin(stricter) == nil else { return #expect(Bool(false), "it was sent") }
        let after = try await bench.gate.hold(approved.id)
        #expect(after.state.name == "stale" && after.deliberation.votes.isEmpty)
        #expect(try await approve(after, "ada", []).state.name == "stale")
        #expect(try await approve(after, "bob", []).state.name == "approved")
    }

    @Test("the rules say whether the stored call may be sent without its agent; where they do not, the person does")
    func detached() async throws {
        let now = Decision(by: Operator(uid: 1, name: "ada"), at: bench.clock.now, isImmediate: true)
        func approve(_ terms: Terms, _ decision: Decision, _ body: String) async throws -> Bool {
            let hold = try await bench.hold(.sample(body: body), .sample(terms: terms)).hold
            let approved = try await bench.gate.approve(hold.id, digest: hold.digest, decision: decision)
            guard case .approved(let decision) = approved.state else { return false }
            return decision.isImmediate
        }
        #expect(try await approve(Terms(), now, "1"))
        #expect(try await approve(Terms(), decision("ada"), "2") == false)
        #expect(try await approve(Terms(detached: .always), decision("ada"), "3"))
        #expect(try await approve(Terms(detached: .never), decision("ada"), "4") == false)
        do {
            _ = try await approve(Terms(detached: .never), now, "5")
            Issue.record("it was let go without its agent")
        } catch DecisionFailure.notDetached {}
    }
}
