import Calls
import Crypto
import Holds
import Testing

@testable import Stores

/// What people and the clock do about a hold, as the store keeps it.
struct HoldChangeTests {
    let scratch: Scratch
    let directory: StateDirectory
    let store: SQLiteHoldStore

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
        store = try SQLiteHoldStore(in: directory)
    }

    private func enrol(_ sample: Hold = Sample.hold()) async throws -> Hold {
        guard
            case .created(let hold) = try await store.enrol(
                sample, content: Sample.content, limits: EnrolmentLimits())
        else { throw StoreFailure.unavailable(reason: "not created") }
        return hold
    }

    @Test(
        "an edit keeps both calls, each sealed under its own digest, and the agent's call still joins; after a restart too"
    )
    func edit() async throws {
        let hold = try await enrol(Sample.hold(repeating: "a"))
        let digest = SHA256.digest([1, 2, 3])
        var deliberation = hold.deliberation
        deliberation.note(
            .init(by: Sample.decision.by, at: Sample.now, before: hold.digest, after: digest, changes: ["amount"]))
        let edited = HoldChange.Edited(digest: digest, content: Content(bytes: Array("amount=1".utf8)))
        let change = HoldChange(deliberation: deliberation, edited: edited, before: Content(bytes: [7]))
        let changed = try #require(try await store.change(hold.id, version: 0, change))
        #expect(changed.digest == digest && changed.original == hold.digest && changed.state == .pending)
        await store.close()
        let again = try SQLiteHoldStore(in: directory)
        let found = try #require(try await again.hold(hold.id))
        #expect(found.digest == digest && found.original == hold.digest && found.deliberation == deliberation)
        #expect(try await again.request(of: hold.id)?.bytes == Sample.content.bytes)
        #expect(try await again.edited(of: hold.id)?.bytes == edited.content.bytes)
        #expect(try await again.before(of: hold.id)?.bytes == [7])
        // A second edit is of the first: the agent's digest stays.
        let last = SHA256.digest([4])
        let second = HoldChange(edited: .init(digest: last, content: Content(bytes: [9])))
        let twice = try #require(try await again.change(hold.id, version: 1, second))
        #expect(twice.digest == last && twice.original == hold.digest)
        #expect(try await again.edited(of: hold.id)?.bytes == [9])
        guard
            case .joined(let joined) = try await again.enrol(
                Sample.hold(repeating: "a"), content: Sample.content, limits: EnrolmentLimits())
        else { return #expect(Bool(false), "the agent's call made another hold") }
        #expect(joined.id == hold.id)
        await again.close()
    }

    @Test("what nobody edited or observed has neither")
    func nothing() async throws {
        let hold = try await enrol()
        let (edited, before) = (try await store.edited(of: hold.id), try await store.before(of: hold.id))
        #expect(edited == nil && before == nil)
        await store.close()
    }

    @Test("an older version changes nothing, whatever it would have changed")
    func outdated() async throws {
        let hold = try await enrol()
        #expect(try await store.change(hold.id, version: 0, HoldChange(expires: hold.expires + .hours(1))) != nil)
        let late = HoldChange(
            deliberation: Deliberation(), edited: .init(digest: SHA256.digest([1]), content: Content(bytes: [1])))
        #expect(try await store.change(hold.id, version: 0, late) == nil)
        let edited = try await store.edited(of: hold.id)
        #expect(edited == nil)
        await store.close()
    }

    @Test(
        "time, people and edits belong to a hold that is still to be sent",
        arguments: [
            HoldState.rejected(Sample.decision), .expired, .withdrawn, .killed(cause: "x"),
        ])
    func over(state: HoldState) async throws {
        let hold = try await enrol()
        let ended = try #require(try await store.change(hold.id, version: 0, HoldChange(to: state)))
        await #expect(throws: StoreFailure.impossible(from: state.name, to: state.name)) {
            try await store.change(ended.id, version: 1, HoldChange(deliberation: Deliberation()))
        }
        await store.close()
    }

    @Test("the clock finds what needs it, earliest first, as long as it is undecided")
    func attention() async throws {
        var holds: [Hold] = []
        // Warned at half of the time.
        for minutes in [60, 20, 40] as [Int64] {
            let terms = Terms(decideWithin: .minutes(minutes))
            holds.append(try await enrol(Sample.hold(terms: terms, expires: 7_200_000)))
        }
        func due(_ minutes: Int64, limit: Int = 10) async throws -> [HoldID] {
            try await store.needingAttention(at: Sample.now + .minutes(minutes), limit: limit).map(\.id)
        }
        #expect(try await due(9) == [])
        #expect(try await due(25) == [holds[1].id, holds[2].id])
        #expect(try await due(60, limit: 1) == [holds[1].id])
        _ = try await store.change(holds[1].id, version: 0, HoldChange(to: .approved(Sample.decision)))
        #expect(try await due(60) == [holds[2].id, holds[0].id])
        var told = holds[2].deliberation
        told.noteTold(escalated: 0, warned: 1)
        _ = try await store.change(holds[2].id, version: 0, HoldChange(deliberation: told))
        #expect(try await due(35) == [holds[0].id])
        #expect(try await due(36) == [holds[0].id, holds[2].id])
        await store.close()
    }
}
