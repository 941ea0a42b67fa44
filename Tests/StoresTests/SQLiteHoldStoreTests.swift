import Calls
import Holds
import Testing

@testable import Stores

struct SQLiteHoldStoreTests {
    let scratch: Scratch
    let directory: StateDirectory
    let store: SQLiteHoldStore
    let limits = EnrolmentLimits()

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
        store = try SQLiteHoldStore(in: directory, patience: .milliseconds(10))
    }

    private func enrol(_ hold: Hold) async throws -> Hold {
        guard case .created(let made) = try await store.enrol(hold, content: Sample.content, limits: limits) else {
            throw StoreFailure.unavailable(reason: "not created")
        }
        return made
    }

    /// A hold that was brought through these states.
    private func hold(_ states: HoldState..., from sample: Hold = Sample.hold()) async throws -> Hold {
        var hold = try await enrol(sample)
        for state in states {
            hold = try #require(try await store.change(hold.id, version: hold.version, HoldChange(to: state)))
        }
        return hold
    }

    // MARK: Enrolment

    @Test("a hold and its call are there again, also after a restart")
    func durable() async throws {
        let hold = try await hold(.approved(Sample.decision), from: Sample.hold(idempotency: "k"))
        await store.close()
        let again = try SQLiteHoldStore(in: directory)
        let found = try #require(try await again.hold(hold.id))
        #expect(found.state == .approved(Sample.decision))
        #expect(found.version == 1)
        #expect(found.digest == hold.digest)
        #expect(found.repeatKey == hold.repeatKey)
        #expect(found.idempotency == hold.idempotency)
        #expect(found.created == hold.created)
        #expect(found.expires == hold.expires)
        #expect(found.facts.summaries == hold.facts.summaries)
        #expect(try await again.request(of: hold.id)?.bytes == Sample.content.bytes)
        #expect(try await again.hold(HoldID(random: 1)) == nil)
        #expect(try await again.request(of: HoldID(random: 1)) == nil)
        await again.close()
    }

    @Test("the same call again joins the hold; another session's or another call does not")
    func joins() async throws {
        let first = try await enrol(Sample.hold(repeating: "a"))
        guard
            case .joined(let joined) = try await store.enrol(
                Sample.hold(repeating: "a"), content: Sample.content, limits: limits)
        else { return #expect(Bool(false), "a second hold") }
        #expect(joined.id == first.id)
        #expect(try await enrol(Sample.hold(session: "t", repeating: "a")).id != first.id)
        #expect(try await enrol(Sample.hold(repeating: "b")).id != first.id)
    }

    @Test("a hundred attempts at once are one hold")
    func storm() async throws {
        let ids = try await withThrowingTaskGroup(of: HoldID.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    switch try await store.enrol(
                        Sample.hold(repeating: "same"), content: Sample.content, limits: limits)
                    {
                    case .created(let hold), .joined(let hold): hold.id
                    case .conflict, .full: throw StoreFailure.unavailable(reason: "refused")
                    }
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test("a hold takes in repeated calls while it attracts, and no longer")
    func attraction() async throws {
        let sent: [HoldState] = [.approved(Sample.decision), .sending(Sample.decision)]
        let paths: [[HoldState]] = [
            [], [.approved(Sample.decision)], [.rejected(Sample.decision)], sent, [.expired],
            sent + [.done(Answer(status: 200, delivery: .kept, decision: Sample.decision))],
            sent + [.done(Answer(status: 200, delivery: .lost, decision: Sample.decision))],
            sent + [.uncertain(cause: "crash")],
        ]
        for (index, path) in paths.enumerated() {
            var hold = try await enrol(Sample.hold(session: "s\(index)", repeating: "k"))
            for state in path {
                hold = try #require(try await store.change(hold.id, version: hold.version, HoldChange(to: state)))
            }
            let next = try await store.enrol(
                Sample.hold(session: "s\(index)", repeating: "k"), content: Sample.content, limits: limits)
            if case .joined = next {
                #expect(hold.state.attracts)
            } else {
                #expect(!hold.state.attracts)
            }
        }
    }

    @Test("one Idempotency-Key with two requests is refused; the same request, or another session, is not")
    func idempotency() async throws {
        let first = try await enrol(Sample.hold(repeating: "a", idempotency: "k"))
        guard
            case .conflict(let other) = try await store.enrol(
                Sample.hold(repeating: "b", idempotency: "k"), content: Sample.content, limits: limits)
        else { return #expect(Bool(false), "no conflict") }
        #expect(other.id == first.id)
        guard
            case .joined = try await store.enrol(
                Sample.hold(repeating: "a", idempotency: "k"), content: Sample.content, limits: limits)
        else { return #expect(Bool(false), "did not join") }
        _ = try await enrol(Sample.hold(session: "t", repeating: "b", idempotency: "k"))
    }

    @Test("limits of undecided holds: each session's, and everybody's; a decision makes room")
    func limited() async throws {
        let limits = EnrolmentLimits(pending: 3, pendingPerSession: 2)
        func full(_ hold: Hold) async throws -> String? {
            if case .full(let limit, _) = try await store.enrol(hold, content: Sample.content, limits: limits) {
                limit
            } else {
                nil
            }
        }
        let first = Sample.hold()
        #expect(try await full(first) == nil)
        #expect(try await full(Sample.hold()) == nil)
        #expect(try await full(Sample.hold()) == "hold.max_pending_per_session")
        #expect(try await full(Sample.hold(session: "t")) == nil)
        #expect(try await full(Sample.hold(session: "u")) == "hold.max_pending")
        _ = try await store.change(first.id, version: 0, HoldChange(to: .approved(Sample.decision)))
        #expect(try await full(Sample.hold(session: "u")) == nil)
    }

    // MARK: Changes

    @Test("of two who change at once one wins, and the other is told")
    func compareAndSwap() async throws {
        let hold = try await enrol(Sample.hold())
        let winners = try await withThrowingTaskGroup(of: Hold?.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let state: HoldState = index % 2 == 0 ? .approved(Sample.decision) : .rejected(Sample.decision)
                    return try await store.change(hold.id, version: 0, HoldChange(to: state))
                }
            }
            return try await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
        }
        #expect(winners.count == 1)
        #expect(try await store.hold(hold.id)?.state == winners.first?.state)
        #expect(try await store.change(HoldID(random: 7), version: 0, HoldChange(to: .expired)) == nil)
    }

    @Test("a step that the state machine does not have is refused, and changes nothing")
    func impossible() async throws {
        let hold = try await enrol(Sample.hold())
        await #expect(throws: StoreFailure.impossible(from: "pending", to: "sending")) {
            try await store.change(hold.id, version: 0, HoldChange(to: .sending(Sample.decision)))
        }
        #expect(try await store.hold(hold.id)?.version == 0)
    }

    @Test("an approval may get more time")
    func expiry() async throws {
        let hold = try await enrol(Sample.hold())
        let later = hold.expires + .minutes(15)
        let changed = try await store.change(
            hold.id, version: 0, HoldChange(to: .approved(Sample.decision), expires: later))
        #expect(changed?.expires == later)
        #expect(try await store.hold(hold.id)?.expires == later)
    }

    @Test("an answer is kept, handed over once, and gone")
    func delivery() async throws {
        let hold = try await hold(.approved(Sample.decision), .sending(Sample.decision))
        let kept = Answer(status: 201, delivery: .kept, decision: Sample.decision)
        let answer = Content(bytes: Array("created".utf8))
        let done = try #require(try await store.complete(hold.id, version: hold.version, answer: kept, content: answer))
        #expect(done.state == .done(kept))
        #expect(try await store.answer(of: hold.id)?.bytes == answer.bytes)
        #expect(try await store.complete(hold.id, version: hold.version, answer: kept, content: answer) == nil)
        let delivered = try await store.delivered(hold.id, version: done.version)
        #expect(delivered?.state == .done(Answer(status: 201, delivery: .delivered, decision: Sample.decision)))
        #expect(try await store.delivered(hold.id, version: done.version) == nil)
        #expect(try await store.delivered(hold.id, version: done.version + 1) == nil)
        #expect(try await store.answer(of: hold.id) == nil)
    }

    // MARK: Time, restarts, lists

    @Test("what is due comes oldest first, and only what can expire")
    func due() async throws {
        let late = try await enrol(Sample.hold(expires: 2000))
        let early = try await enrol(Sample.hold(expires: 1000))
        _ = try await enrol(Sample.hold(expires: 9000))
        _ = try await hold(.rejected(Sample.decision), from: Sample.hold(expires: 10))
        #expect(try await store.due(at: Sample.now + .seconds(2), limit: 10).map(\.id) == [early.id, late.id])
        #expect(try await store.due(at: Sample.now + .seconds(2), limit: 1).map(\.id) == [early.id])
        #expect(try await store.due(at: Sample.now, limit: 10).isEmpty)
    }

    @Test("after a restart what was being sent is uncertain, and nothing else changed")
    func recovery() async throws {
        let sending = try await hold(.approved(Sample.decision), .sending(Sample.decision))
        let approved = try await hold(.approved(Sample.decision))
        #expect(try await store.recover(cause: "crash").map(\.id) == [sending.id])
        #expect(try await store.hold(sending.id)?.state == .uncertain(cause: "crash"))
        #expect(try await store.hold(approved.id)?.state == .approved(Sample.decision))
        #expect(try await store.recover(cause: "again").isEmpty)
    }

    @Test("lists: undecided first, newest first, by state, session and beginning of the id")
    func lists() async throws {
        let old = try await enrol(Sample.hold(created: 1))
        let new = try await enrol(Sample.hold(session: "t", created: 2))
        let decided = try await hold(.rejected(Sample.decision), from: Sample.hold(created: 3))
        #expect(try await store.holds(HoldQuery()).map(\.id) == [new.id, old.id, decided.id])
        #expect(try await store.holds(HoldQuery(limit: 1)).map(\.id) == [new.id])
        #expect(try await store.holds(HoldQuery(states: ["rejected"])).map(\.id) == [decided.id])
        #expect(try await store.holds(HoldQuery(states: ["rejected", "pending", "no such"])).count == 3)
        #expect(try await store.holds(HoldQuery(states: ["no such"])).isEmpty)
        #expect(try await store.holds(HoldQuery(session: SessionID("t"))).map(\.id) == [new.id])
        #expect(try await store.holds(HoldQuery(prefix: String(old.id.description.prefix(8)))).map(\.id) == [old.id])
        #expect(try await store.holds(HoldQuery(prefix: "%' OR 1")).isEmpty)
        #expect(try await store.holds(HoldQuery(limit: -1)).isEmpty)
    }

    // MARK: Sealing

    @Test("no byte of a call or an answer is readable on disk, and every file is the owner's alone")
    func sealed() async throws {
        let hold = try await hold(.approved(Sample.decision), .sending(Sample.decision))
        _ = try await store.complete(
            hold.id, version: hold.version, answer: Answer(status: 200, delivery: .kept, decision: Sample.decision),
            content: Sample.content)
        #expect(try !Scratch.contains(Sample.content.bytes, in: directory.path))
        #expect(try Scratch.contains(Array(hold.id.description.utf8), in: directory.path))
        for name in Scratch.names(in: directory.path) where name != "spool" {
            #expect(Scratch.mode(of: directory.file(name)) == 0o600, "\(name)")
        }
    }

    @Test("contents that were swapped between holds, or between call and answer, are damage")
    func swapped() async throws {
        let (one, two) = (try await enrol(Sample.hold()), try await enrol(Sample.hold()))
        try await store.thread.write { database throws(StoreFailure) in
            let keys = (try HoldTable.key(one.id, database) ?? 0, try HoldTable.key(two.id, database) ?? 0)
            _ = try database.run(
                "UPDATE requests SET sealed = (SELECT sealed FROM requests WHERE hold = ?2) WHERE hold = ?1",
                .integer(keys.0), .integer(keys.1))
            _ = try database.run("INSERT INTO answers SELECT * FROM requests WHERE hold = ?1", .integer(keys.1))
        }
        for read in [{ try await store.request(of: one.id) }, { try await store.answer(of: two.id) }] {
            let failure = await #expect(throws: StoreFailure.self) { _ = try await read() }
            guard case .damaged = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
        }
    }

    @Test(
        "a row that says something else than the gate wrote is damage",
        arguments: [
            "state = 'approved'", "state = 'nonsense'", "detail = '{'", "facts = '{}'", "digest = x'00'",
            "session = x'ff'",
        ])
    func damagedRow(change: String) async throws {
        let hold = try await enrol(Sample.hold())
        do {
            try await store.thread.write { database throws(StoreFailure) in
                try database.script("UPDATE holds SET \(change)")
            }
        } catch { return }  // The schema refused it: just as well.
        let failure = await #expect(throws: StoreFailure.self) { try await store.hold(hold.id) }
        guard case .damaged = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
    }
}
