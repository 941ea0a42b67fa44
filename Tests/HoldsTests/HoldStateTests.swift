import Calls
import Testing

@testable import Holds

@Suite struct HoldStateTests {
    static let decision = Decision(by: Operator(uid: 1, name: "ada"), at: Timestamp(milliseconds: 1))

    /// One of every state, and the two that have a second form.
    static let states: [String: HoldState] = [
        "pending": .pending,
        "approved": .approved(decision),
        "rejected": .rejected(decision),
        "expired": .expired,
        "withdrawn": .withdrawn,
        "killed": .killed(cause: "everything was killed by ada"),
        "sending": .sending(decision),
        "done, kept": .done(Answer(status: 200, delivery: .kept, decision: decision)),
        "done, delivered": .done(Answer(status: 200, delivery: .delivered, decision: decision)),
        "done, lost": .done(Answer(status: 200, delivery: .lost, decision: decision)),
        "uncertain": .uncertain(cause: "a crash"),
        "resolved, executed": .resolved(Resolution(decision: decision, wasExecuted: true)),
        "resolved, executed, told": .resolved(Resolution(decision: decision, wasExecuted: true, isTold: true)),
        "resolved, not executed": .resolved(Resolution(decision: decision, wasExecuted: false)),
        "stale": .stale(cause: "another rule"),
    ]

    static let kept = ["done, kept"]
    static let done = ["done, kept", "done, delivered", "done, lost"]
    static let resolved = ["resolved, executed", "resolved, executed, told", "resolved, not executed"]

    /// Every step there is; what is not here is refused.
    static let steps: [String: [String]] = [
        "pending": ["approved", "rejected", "expired", "killed", "withdrawn"],
        "approved": ["sending", "stale", "expired", "killed", "withdrawn"],
        "rejected": ["pending"],
        "expired": [],
        "withdrawn": [],
        "killed": [],
        "sending": ["approved", "uncertain", "killed"] + done,
        "done, kept": ["done, delivered", "done, lost"],
        "done, delivered": [],
        "done, lost": [],
        "uncertain": resolved,
        "resolved, executed": ["resolved, executed, told"],
        "resolved, executed, told": [],
        "resolved, not executed": ["resolved, executed, told"],
        "stale": ["approved", "rejected", "expired", "killed", "withdrawn"],
    ]

    @Test("every state's word is in the list of words, once")
    func names() { #expect(Set(Self.states.values.map(\.name)).sorted() == HoldState.names.sorted()) }

    @Test("a state leads where the table says and nowhere else", arguments: states.keys.sorted())
    func steps(from name: String) throws {
        let state = try #require(Self.states[name])
        let allowed = try #require(Self.steps[name])
        for (next, target) in Self.states {
            #expect(state.leads(to: target) == allowed.contains(next), "\(name) to \(next)")
        }
    }

    @Test("the identical call belongs to a hold until its answer or its end was told", arguments: states.keys.sorted())
    func attracting(name: String) throws {
        let attracting: Set = [
            "pending", "approved", "rejected", "sending", "uncertain", "stale", "done, kept", "resolved, executed",
        ]
        #expect(try #require(Self.states[name]).attracts == attracting.contains(name))
    }

    @Test("time ends what waits, and only that", arguments: states.keys.sorted())
    func expiring(name: String) throws {
        let state = try #require(Self.states[name])
        #expect(state.canExpire == ["pending", "approved", "stale"].contains(name))
        #expect(state.canExpire == state.leads(to: .expired))
    }

    @Test("a person decides what is pending or stale", arguments: states.keys.sorted())
    func undecided(name: String) throws {
        let state = try #require(Self.states[name])
        #expect(state.isUndecided == ["pending", "stale"].contains(name))
        #expect(state.isUndecided == state.leads(to: .rejected(Self.decision)))
    }
}
