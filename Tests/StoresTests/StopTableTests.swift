import Calls
import Holds
import Testing

@testable import Stores

struct StopTableTests {
    let scratch: Scratch
    let directory: StateDirectory
    let store: SQLiteHoldStore

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
        store = try SQLiteHoldStore(in: directory)
    }

    static let ada = Operator(uid: .max, name: "ada")
    static let stops = [
        Stop(.everything, .kill, by: .person(ada, reason: "so\u{0} \" be it"), at: Sample.now),
        Stop(.agent(AgentID("é")), .freeze, by: .person(ada, reason: nil), at: Sample.now),
        Stop(.session(SessionID("bot/1")), .freeze, by: .signal(ada), at: Sample.now),
        Stop(.session(SessionID("bot:2")), .kill, by: .file("/var/lib/tiergate/kill"), at: Sample.now),
        Stop(.agent(AgentID("b")), .kill, by: .silence(HoldID(random: 7)), at: Sample.now),
        Stop(.agent(AgentID("c")), .kill, by: .flagged(CallID("c_1")), at: Sample.now),
    ]

    private func keep(_ stops: [Stop]) async throws { try await store.keep { stops } }

    @Test("every stop comes back as it was, also after a restart")
    func durable() async throws {
        #expect(try await store.stops().isEmpty)
        try await keep(Self.stops)
        await store.close()
        let again = try SQLiteHoldStore(in: directory)
        #expect(Set(try await again.stops()) == Set(Self.stops))
        await again.close()
    }

    @Test("what is kept replaces what was")
    func replaced() async throws {
        try await keep(Self.stops)
        try await keep([Self.stops[1]])
        #expect(try await store.stops() == [Self.stops[1]])
        try await keep([])
        #expect(try await store.stops().isEmpty)
    }

    @Test(
        "a row that says something else than the gate wrote is damage",
        arguments: [
            "scope = 'nobody'", "kind = 'pause'", "cause = 'whim'", "uid = -1", "uid = NULL",
            "cause = 'silence', subject = 'h_'",
        ])
    func damage(change: String) async throws {
        try await keep([Self.stops[0]])
        try await store.thread.write { database throws(StoreFailure) in
            try database.script("UPDATE stops SET \(change)")
        }
        await #expect(throws: StoreFailure.self) { _ = try await store.stops() }
    }

    // MARK: Holds

    private func hold(_ session: String, _ states: HoldState...) async throws -> Hold {
        let limits = EnrolmentLimits(pendingPerSession: 1000)
        guard
            case .created(var hold) = try await store.enrol(
                Sample.hold(session: session), content: Sample.content, limits: limits)
        else { throw StoreFailure.unavailable(reason: "not created") }
        for state in states {
            hold = try #require(try await store.change(hold.id, version: hold.version, HoldChange(to: state)))
        }
        return hold
    }

    @Test(
        "a kill ends what waits in its scope",
        arguments: [
            ("everything", ["a", "a/1", "a/2", "ab", "a0", "b/1"]), ("agent:a", ["a", "a/1", "a/2"]),
            ("session:a/1", ["a/1"]), ("session:a", ["a"]), ("agent:nobody", []),
        ])
    func scopes(scope: String, killed: [String]) async throws {
        for session in ["a", "a/1", "a/2", "ab", "a0", "b/1"] { _ = try await hold(session) }
        let scope = try #require(Scope(scope))
        let holds = try await store.kill(scope, cause: "ada", limit: 100)
        #expect(holds.map(\.session.description).sorted() == killed.sorted())
        #expect(holds.allSatisfy { $0.state == .killed(cause: "ada") })
        #expect(try await store.holds(HoldQuery(states: ["killed"])).count == killed.count)
        #expect(try await store.holds(HoldQuery(states: ["pending"])).count == 6 - killed.count)
    }

    @Test("only what nothing was sent of is killed")
    func states() async throws {
        let decision = Sample.decision
        var ended: Set<HoldID> = []
        ended.insert(try await hold("s").id)
        ended.insert(try await hold("s", .approved(decision)).id)
        ended.insert(try await hold("s", .approved(decision), .stale(cause: "x")).id)
        _ = try await hold("s", .approved(decision), .sending(decision))
        _ = try await hold("s", .rejected(decision))
        _ = try await hold("s", .expired)
        #expect(Set(try await store.kill(.everything, cause: "ada", limit: 100).map(\.id)) == ended)
        #expect(try await store.kill(.everything, cause: "ada", limit: 100).isEmpty)
    }

    @Test("up to a limit at a time, and room for new ones afterwards")
    func limit() async throws {
        for _ in 0..<5 { _ = try await hold("s") }
        #expect(try await store.kill(.everything, cause: "ada", limit: 3).count == 3)
        #expect(try await store.kill(.everything, cause: "ada", limit: 3).count == 2)
        let limits = EnrolmentLimits(pending: 1, pendingPerSession: 1)
        guard
            case .created = try await store.enrol(
                Sample.hold(session: "s"), content: Sample.content, limits: limits)
        else { return #expect(Bool(false), "killed ones are counted") }
    }
}
