import Calls
import Holds
import Testing

@testable import Stores

/// What is forgotten, when, and what never is.
struct RetentionTests {
    let scratch: Scratch
    let directory: StateDirectory
    let store: SQLiteHoldStore

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
        store = try SQLiteHoldStore(in: directory, patience: .milliseconds(10))
    }

    private static let approved: [HoldState] = [.approved(Sample.decision), .sending(Sample.decision)]
    private static func answered(_ delivery: Answer.Delivery) -> HoldState {
        .done(Answer(status: 200, delivery: delivery, decision: Sample.decision))
    }
    private static func resolved(executed: Bool, told: Bool) -> HoldState {
        .resolved(Resolution(decision: Sample.decision, wasExecuted: executed, isTold: told))
    }
    private static let uncertain = approved + [.uncertain(cause: "reset")]

    private func hold(_ states: [HoldState], _ content: Content = Sample.content) async throws -> Hold {
        let sample = Sample.hold()
        guard case .created(var hold) = try await store.enrol(sample, content: content, limits: EnrolmentLimits())
        else {
            throw StoreFailure.unavailable(reason: "not created")
        }
        for state in states {
            hold = try #require(try await store.change(hold.id, version: hold.version, HoldChange(to: state)))
        }
        return hold
    }

    @Test(
        "what is over is forgotten with its call, and not before its time",
        arguments: [
            [.rejected(Sample.decision)], [.expired], approved + [answered(.delivered)], approved + [answered(.lost)],
            uncertain + [resolved(executed: false, told: false)], uncertain + [resolved(executed: true, told: true)],
        ])
    func over(states: [HoldState]) async throws {
        // Resolved and told is a step of its own.
        var path = states
        if case .resolved(let resolution)? = path.last, resolution.isTold {
            path.insert(Self.resolved(executed: true, told: false), at: path.count - 1)
        }
        let hold = try await hold(path)
        let end = hold.state == .expired ? hold.expires : Sample.now
        #expect(try await store.forget(endedBefore: end, limit: 10) == 0)
        #expect(try await store.hold(hold.id) != nil)
        #expect(try await store.forget(endedBefore: end + Interval(milliseconds: 1), limit: 10) == 1)
        #expect(try await store.hold(hold.id) == nil)
        let left = try await store.thread.read { database throws(StoreFailure) in
            try database.rows("SELECT 1 FROM requests UNION ALL SELECT 1 FROM answers", []) {
                row throws(StoreFailure) in try row.integer(0)
            }
        }
        #expect(left.isEmpty)
        await store.close()
    }

    @Test(
        "nothing is forgotten that is undecided, approved, being sent, uncertain or not delivered, however old",
        arguments: [
            [], [.approved(Sample.decision)], approved, uncertain, approved + [answered(.kept)],
            uncertain + [resolved(executed: true, told: false)],
            [.approved(Sample.decision), .stale(cause: "rules")],
        ])
    func open(states: [HoldState]) async throws {
        let hold = try await hold(states)
        #expect(try await store.forget(endedBefore: Sample.now + .days(36_500), limit: 10) == 0)
        #expect(try await store.hold(hold.id)?.state == hold.state)
        await store.close()
    }

    @Test("a rejected hold that was reopened has no end any more, and a kept answer has one once it was delivered")
    func again() async throws {
        var reopened = try await hold([.rejected(Sample.decision)])
        reopened = try #require(
            try await store.change(reopened.id, version: reopened.version, HoldChange(to: .pending)))
        let kept = try await hold(Self.approved + [Self.answered(.kept)])
        let later = Sample.now + .days(365)
        #expect(try await store.forget(endedBefore: later, limit: 10) == 0)
        _ = try await store.delivered(kept.id, version: kept.version)
        #expect(try await store.forget(endedBefore: later, limit: 10) == 1)
        #expect(try await store.hold(reopened.id)?.state == .pending)
        await store.close()
    }

    @Test("a few at a time, the oldest first, with their files")
    func batches() async throws {
        var writer = try store.spool.create()
        try writer.append(Array("large".utf8))
        let spooled = try writer.finish()
        let withFile = try await hold(
            [.rejected(Sample.decision)], Content(bytes: Sample.content.bytes, spool: spooled.name))
        for _ in 0..<9 { _ = try await hold([.rejected(Sample.decision)]) }
        #expect(Scratch.names(in: directory.file("spool")) == [spooled.name])
        var counts: [Int] = []
        repeat {
            counts.append(try await store.forget(endedBefore: Sample.now + .days(30), limit: 4))
        } while counts.last != 0
        #expect(counts == [4, 4, 2, 0])
        #expect(try await store.hold(withFile.id) == nil)
        #expect(Scratch.names(in: directory.file("spool")).isEmpty)
        await store.close()
    }
}
