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

    @Test("who decides at the same moment: every vote counts that is needed, and the others learn that it is decided")
    func race() async throws {
        let hold = try await held(Terms(quorum: 2))
        let gate = bench.gate
        let decisions = ["ada", "bob", "cyd", "dan"].map(decision)
        await withTaskGroup(of: Void.self) { group in
            for decision in decisions {
                group.addTask {
                    do {
                        _ = try await gate.approve(hold.id, digest: hold.digest, decision: decision, as: .everyGroup)
                    } catch DecisionFailure.notPossible(let found) {
                        #expect(found.state.name == "approved")
                    } catch {
                        Issue.record("\(error)")
                    }
                }
            }
        }
        let after = try await gate.hold(hold.id)
        #expect(after.state.name == "approved" && after.deliberation.votes.count == 2)
    }

    @Test("taking it on, passing it on, giving it back")
    func claims() async throws {
        let hold = try await held(Terms())
        let (ada, bob) = (decision("ada").by, decision("bob").by)
        let claimed = try await bench.gate.claim(hold.id, digest: hold.digest, by: ada, as: .everyGroup)
        #expect(claimed.deliberation.claim?.by == ada && claimed.deliberation.firstAct == bench.clock.now)
        do {
            _ = try await bench.gate.claim(hold.id, digest: hold.digest, by: bob, as: .everyGroup)
            Issue.record("two have taken it on")
        } catch DecisionFailure.claimedAlready(let found) {
            #expect(found.deliberation.claim?.by == ada)
        }
        _ = try await bench.gate.claim(hold.id, digest: hold.digest, by: ada, as: .everyGroup)
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

    @Test("a step that others are quicker than is tried as often as the limit says, and then said so")
    func overtaken() async throws {
        let hold = try await held(Terms())
        bench.store.overtake(Gate.mostAttempts)
        do {
            _ = try await approve(hold, "ada", [])
            Issue.record("it was approved")
        } catch DecisionFailure.overtaken(let found) {
            #expect(found.state == .pending)
        }
        bench.store.overtake(Gate.mostAttempts - 1)
        #expect(try await approve(hold, "ada", []).state.name == "approved")
    }

    // MARK: Who it was

    private func signed(_ account: String, _ signer: String, _ key: String) -> Decision {
        let by = decision(account).by
        return Decision(by: by, at: bench.clock.now, signature: Decision.Signature(signer: signer, key: key))
    }

    @Test(
        "an account is one person, unless each behind it signs; a signer is one behind every account, and so is a key",
        arguments: [
            (("ops", nil, ""), ("ops", nil, ""), true), (("ada", nil, ""), ("bob", nil, ""), false),
            (("ops", "ada", "k1"), ("ops", "bob", "k2"), false), (("ops", "ada", "k1"), ("ops", "bob", "k1"), true),
            (("ops", "ada", "k1"), ("ops", "ada", "k2"), true), (("ops", "ada", "k1"), ("ops", nil, ""), true),
            (("ada", nil, ""), ("root", "ada", "k1"), true), (("bob", nil, ""), ("root", "ada", "k1"), false),
        ] as [((String, String?, String), (String, String?, String), Bool)])
    func samePerson(one: (String, String?, String), other: (String, String?, String), isSame: Bool) {
        func decided(_ who: (String, String?, String)) -> Decision {
            who.1.map { signed(who.0, $0, who.2) } ?? decision(who.0)
        }
        #expect(decided(one).isOfSamePerson(as: decided(other)) == isSame)
        #expect(decided(other).isOfSamePerson(as: decided(one)) == isSame)
    }

    @Test("what rules want signed is not approved without a key, and can be rejected")
    func needsSignature() async throws {
        let hold = try await held(Terms(needsSignature: true))
        do {
            _ = try await approve(hold, "ada", [])
            Issue.record("it was approved without a signature")
        } catch DecisionFailure.notSigned(_, let isShared) {
            #expect(!isShared)
        }
        let approved = try await bench.gate.approve(
            hold.id, digest: hold.digest, decision: signed("ada", "ada", "k1"), as: .everyGroup)
        #expect(approved.state.name == "approved")
        let other = try await bench.hold(.sample(body: "2"), .sample(terms: Terms(needsSignature: true))).hold
        #expect(
            try await bench.gate.reject(other.id, digest: other.digest, decision: decision("ada")).state.name
                == "rejected")
    }

    @Test("behind an account that people share, votes for a quorum are signed, and count by signer")
    func sharedAccount() async throws {
        var settings = HoldSettings()
        settings.sharedAccounts = [decision("ops").by.uid]
        let bench = GateBench(settings)
        let hold = try await bench.hold(.sample(), .sample(terms: Terms(quorum: 2))).hold
        func approve(_ decision: Decision) async throws -> String {
            do {
                return try await bench.gate.approve(
                    hold.id, digest: hold.digest, decision: decision, as: .everyGroup
                ).state.name
            } catch DecisionFailure.notSigned(_, let isShared) {
                return isShared ? "shared" : "unsigned"
            } catch DecisionFailure.votedAlready {
                return "voted"
            }
        }
        #expect(try await approve(decision("ops")) == "shared")
        #expect(try await approve(signed("ops", "ada", "k1")) == "pending")
        #expect(try await approve(signed("ops", "ada", "k1")) == "voted")
        #expect(try await approve(signed("ops", "eve", "k1")) == "voted")
        #expect(try await approve(decision("ada")) == "voted")
        #expect(try await approve(signed("ops", "bob", "k2")) == "approved")
        let single = try await bench.hold(.sample(body: "1"), .sample(terms: Terms())).hold
        let alone = try await bench.gate.approve(
            single.id, digest: single.digest, decision: decision("ops"), as: .everyGroup)
        #expect(alone.state.name == "approved")
    }
}
