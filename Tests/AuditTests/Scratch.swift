import Calls
import Glibc
import Testing

@testable import Audit

/// A directory that is gone after the test.
final class Scratch: Sendable {
    let path: String
    private let isMounted: Bool

    init() throws {
        var template = Array("/tmp/tiergate-audit-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        isMounted = false
    }

    /// A file system of its own, so small that it can be filled. Only root may mount one.
    init(fileSystemOf size: String) throws {
        var template = Array("/tmp/tiergate-audit-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        try #require(mount("tmpfs", path, "tmpfs", 0, "size=\(size)") == 0)
        isMounted = true
    }

    static let canMount: Bool = {
        guard let scratch = try? Scratch(), mount("tmpfs", scratch.path, "tmpfs", 0, "size=4k") == 0 else {
            return false
        }
        return umount(scratch.path) == 0
    }()

    deinit {
        if isMounted { umount2(path, CInt(MNT_DETACH)) } else { Self.remove(path) }
        rmdir(path)
    }

    private static func remove(_ path: String) {
        guard let directory = opendir(path) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            if entry.pointee.d_type == DT_DIR {
                remove("\(path)/\(name)")
                rmdir("\(path)/\(name)")
            } else {
                unlink("\(path)/\(name)")
            }
        }
    }

    var journal: String { "\(path)/journal" }
    var file: String { "\(journal)/journal-000000000001.jsonl" }
    var note: String { "\(journal)/head" }

    func write(_ bytes: [UInt8], to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 22)
        bytes.removeSubrange(fread(&bytes, 1, bytes.count, file)...)
        return bytes
    }

    /// The journal's lines without their line feeds.
    func lines() throws -> [[UInt8]] { try read(file).split(separator: lineFeed).map(Array.init) }

    func texts() throws -> [String] { try lines().map { String(decoding: $0, as: UTF8.self) } }

    func openJournal() throws -> Journal {
        try Journal(directory: journal, clock: { Timestamp(milliseconds: 1_795_231_845_678) })
    }

    /// A closed journal of six lines.
    func writeJournal() throws {
        let journal = try openJournal()
        try journal.append(.gateStarted(version: "0.1", rulesDigest: "r", lost: 0, uncertain: 0))
        for number in 1...2 {
            let record = Example.record("c_\(number)", tier: .readOnly, .pass)
            try journal.open(record)
            record.outcome = .answered(status: 200, received: 17)
            try journal.close(record)
        }
        try journal.append(.gateStopped(reason: "SIGTERM"))
        journal.shutDown()
    }
}

enum Example {
    static func record(_ id: String, tier: Tier, _ disposition: Disposition, reason: String = "rule a.b") -> Record {
        let record = Record(
            id: CallID(id), session: SessionID("uid:1000"), began: Timestamp(milliseconds: 1_795_231_845_000))
        record.method = "GET"
        record.target = "https://api.example.com/v1/things?key=…"
        record.principal = .opaque("0123456789abcdef")
        record.verdict = Verdict(
            tier: tier, disposition: disposition,
            matches: [.init(rule: "a.b", pack: "p", source: "p.yaml:3", tier: tier)],
            summaries: ["Read the thing named in the body"], reason: reason,
            rulesDigest: String(repeating: "ab", count: 32))
        return record
    }

    static let hold = HoldID(random: 7)
    static let digest = Digest([UInt8](repeating: 0xD1, count: 32))
}

extension Scratch {
    func removeFile(_ path: String) { #expect(unlink(path) == 0) }

    /// Writes until there is no room.
    func fill(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        let bytes = [UInt8](repeating: 0, count: 4096)
        while Glibc.write(descriptor, bytes, bytes.count) > 0 {}
        close(descriptor)
    }

    func grow(to size: String) throws {
        try #require(mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), "size=\(size)") == 0)
    }

    /// The last bytes of the journal.
    func tail(_ count: Int) throws -> String {
        let file = try #require(fopen(file, "r"))
        defer { fclose(file) }
        fseek(file, -count, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.removeSubrange(fread(&bytes, 1, count, file)...)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Journal {
    /// Writes the opening line of a call and notes in the record that it is there, as the gate does.
    func open(_ record: Record) throws(JournalFailure) {
        try append(.callOpened(record))
        record.isOpened = true
    }
}
