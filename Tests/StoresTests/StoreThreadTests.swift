import Holds
import Testing

@testable import Stores

struct StoreThreadTests {
    let scratch: Scratch
    let thread: StoreThread

    init() throws {
        scratch = try Scratch()
        let database = try Database(opening: scratch.path + "/t.db", patience: .zero)
        try database.script("PRAGMA journal_mode = WAL; CREATE TABLE t (x INTEGER PRIMARY KEY)")
        thread = try StoreThread(database)
    }

    private func insert(_ value: Int64) async throws {
        try await thread.write { database throws(StoreFailure) in
            _ = try database.run("INSERT INTO t VALUES (?1)", .integer(value))
        }
    }

    private func count() async throws -> Int64 {
        try await thread.write { database throws(StoreFailure) in
            try database.first("SELECT count(*) FROM t") { row throws(StoreFailure) in try row.integer(0) } ?? 0
        }
    }

    @Test("a statement that fails takes back its own caller's work and nobody else's")
    func alone() async throws {
        let failures = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<300 {
                group.addTask {
                    do {
                        try await thread.write { database throws(StoreFailure) in
                            _ = try database.run("INSERT INTO t VALUES (?1)", .integer(Int64(index)))
                            // Every third one breaks a constraint after its first statement.
                            if index % 3 == 0 {
                                _ = try database.run("INSERT INTO t VALUES (?1)", .integer(Int64(index)))
                            }
                        }
                        return false
                    } catch {
                        return true
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 100)
        #expect(try await count() == 200)
    }

    @Test("an error of the caller's own is handed back, and its work undone")
    func thrown() async throws {
        await #expect(throws: StoreFailure.impossible(from: "a", to: "b")) {
            try await thread.write { database throws(StoreFailure) in
                _ = try database.run("INSERT INTO t VALUES (1)")
                throw .impossible(from: "a", to: "b")
            }
        }
        #expect(try await count() == 0)
    }

    @Test("a transaction that is lost fails everybody in it")
    func lost() async throws {
        await #expect(throws: StoreFailure.self) {
            try await thread.write { database throws(StoreFailure) in
                _ = try database.run("INSERT INTO t VALUES (1)")
                try database.script("ROLLBACK")
            }
        }
        #expect(try await count() == 0)
        try await insert(2)
        #expect(try await count() == 1)
    }

    @Test("what was asked for before closing is done")
    func drains() async throws {
        let asked = (0..<50).map { index in Task { try await insert(Int64(index)) } }
        for task in asked { try await task.value }
        await thread.close()
        let database = try Database(opening: scratch.path + "/t.db", patience: .zero)
        #expect(try database.first("SELECT count(*) FROM t") { row throws(StoreFailure) in try row.integer(0) } == 50)
    }
}
