import Calls
import HoldsTesting
import JSON
import Testing

@testable import Holds

/// What a person makes of a held call, and what becomes of it.
@Suite struct EditTests {
    let bench = GateBench()
    let ada = Operator(uid: 1, name: "ada")
    let bob = Operator(uid: 2, name: "bob")

    private func edit(
        _ hold: Hold, _ edit: CallEdit = CallEdit(values: [("amount", "300")]), by person: Operator? = nil
    ) async throws -> Hold {
        try await bench.gate.edit(
            hold.id, digest: hold.digest, edit, by: person ?? ada, as: .everyGroup, describe: { _, _ in ["changed"] })
    }

    private func approve(_ hold: Hold, by person: Operator? = nil, isImmediate: Bool = false) async throws -> Hold {
        try await bench.gate.approve(
            hold.id, digest: hold.digest,
            decision: Decision(by: person ?? bob, at: bench.clock.now, reason: nil, isImmediate: isImmediate),
            as: .everyGroup)
    }

    private func begin(_ held: HeldCall, _ hold: Hold) async throws -> Call? {
        guard let permit = try await bench.gate.begin(held.now(hold)) else { return nil }
        return try bench.spend(permit)
    }

    private func text(_ call: Call?) -> String? {
        guard case .bytes(let bytes)? = call?.body else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("the agent's call spends the approval of what a person made of it: the new body, with the fresh credential")
    func spent() async throws {
        let held = try await bench.hold(
            .sample(fields: ["Content-Type": "application/json", "Authorization": "Bearer old"]), .sample())
        let edited = try await edit(held.hold)
        #expect(edited.digest != held.hold.digest && edited.original == held.hold.digest)
        #expect(edited.state == .pending && edited.deliberation.edits.map(\.changes) == [["changed"]])
        let approved = try await approve(edited)
        let again = Call.sample(
            id: 2,
            fields: ["Authorization": "Bearer fresh", "Content-Type": "application/json", "Date": "today"])
        let record = Record(id: again.id, session: again.session, began: bench.clock.now)
        guard case .held(let back) = try await bench.gate.admit(again, .sample(), record) else {
            Issue.record("it passed")
            return
        }
        #expect(back.hold.id == held.hold.id)
        let sent = try #require(try await begin(back, approved))
        #expect(text(sent) == #"{"amount":300}"#)
        #expect(sent.fields.text("authorization") == "Bearer fresh" && sent.fields.text("date") == "today")
        #expect(try await begin(back, approved) == nil)
        #expect(bench.journal.lines.contains { $0.contains("edit") })
    }

    @Test("votes given before are void, and the author's own does not count")
    func votes() async throws {
        let held = try await bench.hold(.sample(), .sample(terms: Terms(quorum: 2)))
        bench.judging.set { _ in .sample(terms: Terms(quorum: 1)) }
        let voted = try await approve(held.hold, by: bob)
        #expect(voted.deliberation.votes.count == 1)
        let edited = try await edit(voted)
        #expect(edited.deliberation.votes.isEmpty)
        await #expect(throws: DecisionFailure.self) { try await approve(edited, by: ada) }
        #expect(try await approve(edited, by: bob).state.name == "approved")
    }

    @Test("an approval of what the call was is refused: its digest is not this one's")
    func old() async throws {
        let held = try await bench.hold(.sample(), .sample())
        _ = try await edit(held.hold)
        await #expect(throws: DecisionFailure.self) { try await approve(held.hold) }
    }

    @Test("facts and terms are the new verdict's; what passes by itself now is held all the same")
    func judged() async throws {
        let held = try await bench.hold(.sample(), .sample(tier: .external, terms: Terms()))
        bench.judging.set { _ in .sample(tier: .irreversible, terms: Terms(approvers: ["finance"])) }
        let higher = try await edit(held.hold)
        #expect(higher.facts.tier == .irreversible && higher.facts.terms.approvers == ["finance"])
        #expect(higher.expires <= bench.clock.now + bench.gate.settings.irreversibleLife)
        bench.judging.set { _ in .sample(tier: .readOnly, flags: [], disposition: .pass, terms: Terms()) }
        let lower = try await edit(higher, CallEdit(values: [("amount", "1")]))
        #expect(lower.facts.tier == .external && lower.state == .pending)
        #expect(lower.expires == higher.expires)
    }

    @Test("what a rule forbids is no edit, and the hold stays as it was")
    func blocked() async throws {
        let held = try await bench.hold(.sample(), .sample())
        bench.judging.set { _ in .sample(disposition: .refuse) }
        do {
            _ = try await edit(held.hold)
            Issue.record("it was changed")
        } catch DecisionFailure.editBlocked(let hold, _) {
            #expect(hold.digest == held.hold.digest)
        }
        #expect(try await bench.gate.hold(held.hold.id).digest == held.hold.digest)
    }

    @Test("another call of the agent, or rules that are stricter now, send it back to a person")
    func stale() async throws {
        let held = try await bench.hold(.sample(), .sample(tier: .external))
        bench.judging.set { _ in .sample(tier: .external) }
        var hold = try await approve(try await edit(held.hold))
        let other = HeldCall(hold: hold, call: .sample(id: 3, body: "{}"), verdict: .sample(), isNew: false)
        #expect(try await begin(other, hold) == nil)
        hold = try await bench.gate.hold(hold.id)
        #expect(hold.state.name == "stale" && hold.facts.target.hasSuffix("refunds"))
        hold = try await approve(hold)
        bench.judging.set { _ in .sample(tier: .irreversible) }
        #expect(try await begin(held, hold) == nil)
        #expect(try await bench.gate.hold(hold.id).state.name == "stale")
    }

    @Test("how the agent's own call is judged does not matter: what is sent is what was judged")
    func agentsVerdict() async throws {
        let held = try await bench.hold(.sample(), .sample(tier: .irreversible))
        bench.judging.set { _ in .sample(tier: .external) }
        let approved = try await approve(try await edit(held.hold))
        #expect(approved.facts.tier == .external)
        #expect(text(try await begin(held, approved)) == #"{"amount":300}"#)
    }

    @Test("without its agent the changed call is sent, and screens show it")
    func detached() async throws {
        let held = try await bench.hold(.sample(), .sample())
        let approved = try await approve(try await edit(held.hold), isImmediate: true)
        let call = try await bench.gate.request(of: approved)
        #expect(text(call) == #"{"amount":300}"#)
        #expect(text(try await bench.gate.original(of: approved)) == #"{"amount":500}"#)
        let own = HeldCall(hold: approved, call: call, verdict: .sample(), isNew: false)
        #expect(text(try await begin(own, approved)) == #"{"amount":300}"#)
    }

    @Test("an edit that changes nothing, or comes too late, or is one too many, is refused")
    func refused() async throws {
        let held = try await bench.hold(.sample(), .sample())
        await #expect(throws: DecisionFailure.self) {
            try await edit(held.hold, CallEdit(values: [("amount", "500")]))
        }
        var hold = held.hold
        for amount in 1...Deliberation.mostEdits {
            hold = try await edit(hold, CallEdit(values: [("amount", "\(amount)")]))
        }
        await #expect(throws: DecisionFailure.self) { try await edit(hold) }
        let approved = try await approve(hold)
        await #expect(throws: DecisionFailure.self) { try await edit(approved) }
    }
}
