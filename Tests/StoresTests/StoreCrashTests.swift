import Calls
import Glibc
import Holds
import Testing

@testable import Stores

/// What a process that ends at any instant leaves behind: the files as they are, the log cut anywhere.
struct StoreCrashTests {
    let scratch: Scratch
    let directory: StateDirectory

    init() throws {
        scratch = try Scratch()
        directory = try StateDirectory(opening: scratch.path + "/state")
    }

    /// A store over copies of the files, with the log cut to `length`.
    private func remains(_ name: String, log length: Int = .max) throws -> SQLiteHoldStore {
        let copy = try StateDirectory(opening: "\(scratch.path)/\(name)")
        for file in ["holds.db", "holds.db-wal", "seal.key"] {
            let bytes = try PrivateFile(reading: directory.file(file)).read(at: 0, count: 1 << 23)
            try PrivateFile(creating: copy.file(file)).write(
                file.hasSuffix("wal") ? Array(bytes.prefix(length)) : bytes)
        }
        return try SQLiteHoldStore(in: copy)
    }

    @Test("every step that was confirmed is there, whenever the process ends")
    func confirmed() async throws {
        let store = try SQLiteHoldStore(in: directory)
        let hold = Sample.hold()
        _ = try await store.enrol(hold, content: Sample.content, limits: EnrolmentLimits())
        let steps: [HoldState] = [.approved(Sample.decision), .sending(Sample.decision), .uncertain(cause: "reset")]
        for (index, state) in steps.enumerated() {
            _ = try await store.change(hold.id, version: index, HoldChange(to: state))
            let after = try remains("copy\(index)")
            #expect(try await after.hold(hold.id)?.state == state)
            #expect(try await after.request(of: hold.id)?.bytes == Sample.content.bytes)
            await after.close()
        }
        await store.close()
    }

    @Test("a log that is cut anywhere holds the first of what was written, whole, and nothing else")
    func torn() async throws {
        let store = try SQLiteHoldStore(in: directory)
        var order: [HoldID] = []
        for index in 0..<20 {
            let hold = Sample.hold(created: Int64(index))
            _ = try await store.enrol(hold, content: Sample.content, limits: EnrolmentLimits())
            order.append(hold.id)
        }
        let log = try PrivateFile(reading: directory.file("holds.db-wal")).read(at: 0, count: 1 << 23).count
        for index in 0..<40 {
            let after = try remains("copy\(index)", log: Int.random(in: 0...log))
            let found = try await after.holds(HoldQuery(limit: 100)).reversed().map(\.id)
            #expect(Array(found) == Array(order.prefix(found.count)))
            for id in found { #expect(try await after.request(of: id)?.bytes == Sample.content.bytes) }
            await after.close()
        }
        await store.close()
    }
}
