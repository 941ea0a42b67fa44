import Calls
import Glibc
import Holds
import Testing

@testable import Stores

/// A disk that is full, locked, read-only or not a database: refused with a reason, and well again afterwards.
struct StoreTroubleTests {
    let scratch: Scratch
    let directory: StateDirectory

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
    }

    private func open() throws -> SQLiteHoldStore {
        try SQLiteHoldStore(in: directory, patience: .milliseconds(10))
    }

    private func reason(_ failure: StoreFailure?) -> String {
        switch failure {
        case .unavailable(let reason), .damaged(let reason): reason
        case .impossible, nil: "\(String(describing: failure))"
        }
    }

    private func script(_ store: SQLiteHoldStore, _ sql: String) async throws {
        try await store.thread.write { database throws(StoreFailure) in try database.script(sql) }
    }

    @Test("a full disk refuses new holds; with room again they are taken")
    func full() async throws {
        let store = try open()
        try await script(store, "PRAGMA max_page_count = 1")
        let large = Content(bytes: [UInt8](repeating: 1, count: 1 << 20))
        let failure = await #expect(throws: StoreFailure.self) {
            try await store.enrol(Sample.hold(), content: large, limits: EnrolmentLimits())
        }
        #expect(reason(failure).contains("full"))
        try await script(store, "PRAGMA max_page_count = 1000000")
        guard case .created = try await store.enrol(Sample.hold(), content: large, limits: EnrolmentLimits()) else {
            return #expect(Bool(false), "not taken")
        }
        await store.close()
    }

    @Test("a full disk at one caller never confirms another's work that is not on disk")
    func fullAmongOthers() async throws {
        let store = try open()
        try await script(store, "PRAGMA max_page_count = 40")
        let confirmed = await withTaskGroup(of: HoldID?.self) { group in
            for index in 0..<200 {
                group.addTask {
                    let content = Content(bytes: [UInt8](repeating: 1, count: index % 10 == 0 ? 40_000 : 10))
                    let made = try? await store.enrol(
                        Sample.hold(session: "\(index)"), content: content, limits: EnrolmentLimits())
                    if case .created(let hold) = made { return hold.id } else { return nil }
                }
            }
            return await group.reduce(into: [HoldID]()) { $0 += $1.map { [$0] } ?? [] }
        }
        #expect(confirmed.count < 200)
        await store.close()
        let again = try open()
        for id in confirmed { #expect(try await again.hold(id) != nil) }
        #expect(try await again.holds(HoldQuery(limit: 1000)).count == confirmed.count)
        await again.close()
    }

    @Test("a file that another process keeps locked is named, and the store is well when it lets go")
    func locked() async throws {
        let store = try open()
        let other = try Database(opening: directory.file("holds.db"), patience: .zero)
        try other.script("BEGIN IMMEDIATE")
        let failure = await #expect(throws: StoreFailure.self) {
            try await store.enrol(Sample.hold(), content: Sample.content, limits: EnrolmentLimits())
        }
        #expect(reason(failure).contains("locked"))
        try other.script("ROLLBACK")
        _ = try await store.enrol(Sample.hold(), content: Sample.content, limits: EnrolmentLimits())
        await store.close()
    }

    @Test("a store that cannot be written says so, and still reads")
    func readOnly() async throws {
        let store = try open()
        let hold = Sample.hold()
        _ = try await store.enrol(hold, content: Sample.content, limits: EnrolmentLimits())
        try await script(store, "PRAGMA query_only = ON")
        let failure = await #expect(throws: StoreFailure.self) {
            try await store.change(hold.id, version: 0, HoldChange(to: .expired))
        }
        #expect(reason(failure).contains("cannot be written"))
        #expect(try await store.hold(hold.id)?.state == .pending)
        await store.close()
    }

    @Test("a file that is no database is damage, and is left alone")
    func noDatabase() throws {
        let file = try PrivateFile(creating: directory.file("holds.db"))
        try file.write([UInt8](repeating: 0x41, count: 8192))
        let failure = #expect(throws: StoreFailure.self) { try open() }
        guard case .damaged = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
        #expect(try PrivateFile(reading: directory.file("holds.db")).read(at: 0, count: 1) == [0x41])
    }

    @Test("pages overwritten with noise are damage, not a crash")
    func noise() async throws {
        let store = try open()
        for index in 0..<50 {
            _ = try await store.enrol(
                Sample.hold(session: "\(index)"), content: Sample.content, limits: EnrolmentLimits())
        }
        await store.close()
        let descriptor = Glibc.open(directory.file("holds.db"), O_WRONLY)
        defer { Glibc.close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        let noise = [UInt8](repeating: 0xA5, count: Int(length) - 4096)
        #expect(pwrite(descriptor, noise, noise.count, 4096) == noise.count)
        // Somewhere on the way it must be noticed; where, is SQLite's affair.
        await #expect(throws: StoreFailure.self) {
            let again = try open()
            _ = try await again.holds(HoldQuery())
            _ = try await again.enrol(Sample.hold(), content: Sample.content, limits: EnrolmentLimits())
        }
    }

    @Test("a second gate over the same directory is refused while the first runs")
    func twoGates() async throws {
        let store = try open()
        let failure = #expect(throws: StoreFailure.self) { try open() }
        #expect(reason(failure).contains("another gate"))
        await store.close()
    }

    @Test("a store of a newer schema is refused, with both numbers")
    func newer() async throws {
        let store = try open()
        await store.close()
        try Database(opening: directory.file("holds.db"), patience: .zero).script("PRAGMA user_version = 99")
        let failure = #expect(throws: StoreFailure.self) { try open() }
        #expect(reason(failure).contains("schema 99"))
    }

    @Test("a later schema is reached from an earlier one, with the holds in it; one that fails changes nothing")
    func migrations() async throws {
        let store = try open()
        let hold = Sample.hold()
        _ = try await store.enrol(hold, content: Sample.content, limits: EnrolmentLimits())
        await store.close()
        let database = try Database(opening: directory.file("holds.db"), patience: .zero)
        #expect(throws: StoreFailure.self) {
            try Schema.prepare(database, migrations: Schema.migrations + ["CREATE TABLE later (x); SELECT nonsense"])
        }
        try Schema.prepare(database, migrations: Schema.migrations + ["CREATE TABLE later (x)"])
        let count = try database.first("SELECT count(*) FROM holds, (SELECT count(*) FROM later)") {
            row throws(StoreFailure) in try row.integer(0)
        }
        #expect(count == 1)
    }

    @Test("after closing, everything is refused and nothing hangs")
    func closed() async throws {
        let store = try open()
        await store.close()
        await store.close()
        await #expect(throws: StoreFailure.self) { try await store.hold(HoldID(random: 1)) }
    }
}
