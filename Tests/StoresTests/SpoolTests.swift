import Calls
import Crypto
import Glibc
import Holds
import Testing

@testable import Stores

struct SpoolTests {
    let scratch: Scratch
    let spool: Spool
    let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path + "/spool"
        spool = try Spool(in: path, key: SealingKey(SecureRandom.bytes(32)))
    }

    private func write(_ body: [UInt8], parts: Int = 7001) throws -> (name: String, length: Int, digest: Digest) {
        var writer = try spool.create()
        for start in stride(from: 0, to: body.count, by: parts) {
            try writer.append(body[start..<min(start + parts, body.count)])
        }
        return try writer.finish()
    }

    private func read(_ name: String, _ length: Int, _ digest: Digest) throws -> [UInt8] {
        var reader = try spool.open(name, length: length, digest: digest)
        var body: [UInt8] = []
        while let part = try reader.next() { body += part }
        return body
    }

    @Test(
        "a body comes back as it went in",
        arguments: [
            0, 1, Spool.recordSize - 1, Spool.recordSize, Spool.recordSize + 1, 3 * Spool.recordSize, 1_000_003,
        ])
    func roundTrip(size: Int) throws {
        let body = SecureRandom.bytes(size)
        let (name, length, digest) = try write(body)
        #expect(length == size)
        #expect(digest == SHA256.digest(body))
        #expect(try read(name, length, digest) == body)
        #expect(Scratch.mode(of: "\(path)/\(name)") == 0o600)
        spool.remove(name)
        #expect(Scratch.names(in: path).isEmpty)
    }

    @Test("an unfinished file goes with its writer")
    func abandoned() throws {
        do {
            var writer = try spool.create()
            try writer.append([1, 2, 3])
            #expect(Scratch.names(in: path).count == 1)
        }
        #expect(Scratch.names(in: path).isEmpty)
    }

    @Test("the body is not readable on disk")
    func sealed() throws {
        let body = [UInt8](repeating: 0x61, count: 100_000)
        _ = try write(body)
        #expect(try !Scratch.contains(Array(body.prefix(16)), in: path))
    }

    @Test("a file that was altered, cut, extended, reordered or renamed does not open")
    func altered() throws {
        let record = Spool.recordSize + SealingKey.overhead
        let body = SecureRandom.bytes(2 * Spool.recordSize + 100)
        let (name, length, digest) = try write(body)
        let good = try PrivateFile(reading: "\(path)/\(name)").read(at: 0, count: 1 << 20)
        var flipped = good
        flipped[record + 5] ^= 1
        let swapped = Array(good[record..<2 * record] + good[..<record] + good[(2 * record)...])
        for bytes in [flipped, swapped, Array(good.dropLast()), Array(good.prefix(2 * record)), []] {
            unlink("\(path)/\(name)")
            try PrivateFile(creating: "\(path)/\(name)").write(bytes)
            let failure = #expect(throws: StoreFailure.self) { try read(name, length, digest) }
            guard case .damaged = failure else { return #expect(Bool(false), "\(String(describing: failure))") }
        }
        unlink("\(path)/\(name)")
        try PrivateFile(creating: "\(path)/\(name)").write(good)
        #expect(try read(name, length, digest) == body)
        #expect(throws: StoreFailure.self) { try read(name, 2 * Spool.recordSize, digest) }
        #expect(throws: StoreFailure.self) { try read(name, length, SHA256.digest([])) }
        let other = name.replacing(name.last.map { String($0) } ?? "", with: name.last == "0" ? "1" : "0")
        rename("\(path)/\(name)", "\(path)/\(other)")
        #expect(throws: StoreFailure.self) { try read(other, length, digest) }
    }

    @Test(
        "a name that is none never becomes a path",
        arguments: ["", "..", "../seal.key", "s_", "/etc/passwd", "s_00/0000000000000000000000"])
    func names(name: String) throws {
        let (_, length, digest) = try write([1])
        #expect(throws: StoreFailure.self) { _ = try spool.open(name, length: length, digest: digest) }
        #expect(throws: StoreFailure.self) {
            _ = try spool.open("s_000000000000000000000000", length: -1, digest: digest)
        }
    }

    @Test("sweeping keeps what belongs to a hold, and what is not its own")
    func swept() throws {
        let (kept, _, _) = try write([1])
        _ = try write([2])
        _ = try PrivateFile(creating: "\(path)/note")
        try spool.sweep(keeping: [kept])
        #expect(Scratch.names(in: path) == ["note", kept])
    }

    @Test("a hold's file is there while the call can be sent, goes with its end, and orphans go at the start")
    func lifetime() async throws {
        let directory = try StateDirectory(opening: scratch.path + "/state")
        let store = try SQLiteHoldStore(in: directory)
        func spooled() throws -> String {
            var writer = try store.spool.create()
            try writer.append(Array("body".utf8))
            return try writer.finish().name
        }
        let (kept, orphan) = (try spooled(), try spooled())
        let hold = Sample.hold()
        _ = try await store.enrol(hold, content: Content(bytes: [1], spool: kept), limits: EnrolmentLimits())
        await store.close()
        let again = try SQLiteHoldStore(in: directory)
        #expect(Scratch.names(in: directory.file("spool")) == [kept])
        #expect(kept != orphan)
        #expect(try await again.request(of: hold.id)?.spool == kept)
        _ = try await again.change(hold.id, version: 0, HoldChange(to: .expired))
        #expect(Scratch.names(in: directory.file("spool")).isEmpty)
        #expect(try await again.request(of: hold.id)?.bytes == [1])
        await again.close()
    }

    @Test("a hold that names a file which is not there is not taken")
    func missing() async throws {
        let store = try SQLiteHoldStore(in: StateDirectory(opening: scratch.path + "/state"))
        let content = Content(bytes: [1], spool: "s_000000000000000000000000")
        let hold = Sample.hold()
        await #expect(throws: StoreFailure.self) {
            try await store.enrol(hold, content: content, limits: EnrolmentLimits())
        }
        #expect(try await store.hold(hold.id) == nil)
        await store.close()
    }
}
