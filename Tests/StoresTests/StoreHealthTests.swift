import Calls
import Crypto
import Holds
import Testing

@testable import Stores

/// What the store says of itself, and what it was told of the journal.
struct StoreHealthTests {
    let scratch: Scratch
    let directory: StateDirectory
    let store: SQLiteHoldStore

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
        store = try SQLiteHoldStore(in: directory, patience: .milliseconds(10))
    }

    private func mark(_ seq: UInt64) -> JournalMark { JournalMark(seq: seq, hash: SHA256.digest([UInt8(seq)])) }

    @Test("a store that cannot be written says so until it can, and finds out by itself")
    func health() async throws {
        #expect(store.failure == nil)
        let other = try Database(opening: directory.file("holds.db"), patience: .zero)
        try other.script("BEGIN IMMEDIATE")
        await #expect(throws: StoreFailure.self) {
            try await store.enrol(Sample.hold(), content: Sample.content, limits: EnrolmentLimits())
        }
        guard case .unavailable(let reason) = store.failure else { return #expect(Bool(false), "not told") }
        #expect(reason.contains("locked"))
        // Reading works all the same, and proves nothing.
        #expect(try await store.holds(HoldQuery()).isEmpty)
        #expect(store.failure != nil)
        try other.script("ROLLBACK")
        // The journal's second-by-second note, though it says nothing new, is the attempt.
        store.note(mark(1))
        _ = try await store.holds(HoldQuery())
        #expect(store.failure == nil)
        await store.close()
    }

    @Test("a caller's own mistake is no trouble of the store's")
    func mistakes() async throws {
        let hold = Sample.hold()
        _ = try await store.enrol(hold, content: Sample.content, limits: EnrolmentLimits())
        await #expect(throws: StoreFailure.impossible(from: "pending", to: "sending")) {
            try await store.change(hold.id, version: 0, HoldChange(to: .sending(Sample.decision)))
        }
        #expect(store.failure == nil)
        await store.close()
    }

    @Test("the journal's mark is there for the next start and for others, also while the store is open")
    func marks() async throws {
        #expect(store.journalMark == nil)
        #expect(try JournalMark.read(state: directory.path) == nil)
        store.note(mark(7))
        _ = try await store.holds(HoldQuery())
        #expect(try JournalMark.read(state: directory.path) == mark(7))
        store.note(mark(9))
        store.closeAndWait()
        #expect(try JournalMark.read(state: directory.path) == mark(9))
        let again = try SQLiteHoldStore(in: directory)
        #expect(again.journalMark == mark(9))
        await again.close()
        #expect(try JournalMark.read(state: scratch.path) == nil)
    }

    @Test("a store of the first version knows no mark, and reading it changes nothing")
    func firstVersion() throws {
        let path = scratch.path + "/old"
        let old = try StateDirectory(opening: path)
        try old.makeFile("holds.db")
        let database = try Database(opening: old.file("holds.db"), patience: .zero)
        try Schema.prepare(database, migrations: [Schema.migrations[0]])
        #expect(try JournalMark.read(state: path) == nil)
    }
}
