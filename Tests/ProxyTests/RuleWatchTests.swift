import Calls
import Foundation
import Rules
import Testing

@testable import Proxy

@Suite("RuleWatch: changes of rule files, seen and not missed")
struct RuleWatchTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID().uuidString)")

    private final class Counter: @unchecked Sendable {
        var count = 0
    }

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    private func write(_ name: String, _ text: String) throws {
        try text.write(to: directory.appending(path: name), atomically: true, encoding: .utf8)
    }

    @Test("a change counts once it was seen twice, and once only")
    func looks() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try write("a.yaml", "one")
        let counter = Counter()
        let watch = RuleWatch([directory.path()])
        var state = watch.beginning
        func look() { watch.look(&state) { counter.count += 1 } }
        look()
        #expect(counter.count == 0)
        try write("a.yaml", "a longer one")
        look()
        #expect(counter.count == 0)
        look()
        look()
        #expect(counter.count == 1)
        try write("GRANTS", "own  a.yaml")
        look()
        look()
        #expect(counter.count == 2)
        try write("notes.txt", "not a rule")
        look()
        look()
        #expect(counter.count == 2)
        try FileManager.default.removeItem(at: directory)
        look()
        look()
        #expect(counter.count == 2)
    }

    @Test("what changes while the rules are read is seen: the watch is made before that")
    func early() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try write("a.yaml", "one")
        let counter = Counter()
        let watch = RuleWatch([directory.path()])
        try write("a.yaml", "a longer one")
        var state = watch.beginning
        for _ in 0..<3 { watch.look(&state) { counter.count += 1 } }
        #expect(counter.count == 1)
    }

    @Test("a grant that is taken back above the directory that was named counts as a change")
    func grantAbove() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let pack = directory.appending(path: "vendor/pack")
        try FileManager.default.createDirectory(at: pack, withIntermediateDirectories: true)
        try write("vendor/pack/v.yaml", "one")
        func print() throws -> UInt64 { try RuleFiles.fingerprint([pack.path()]) }
        let ungranted = try print()
        try write("GRANTS", "own  vendor/pack/v.yaml\n")
        let granted = try print()
        #expect(try granted != ungranted && print() == granted)
        try write("GRANTS", "# nobody\n")
        #expect(try print() != granted)
        // The nearest one counts, and no other.
        try write("vendor/GRANTS", "own  pack/v.yaml\n")
        let nearest = try print()
        try write("GRANTS", "# nobody any more\n")
        #expect(try print() == nearest)
        try FileManager.default.removeItem(at: directory.appending(path: "vendor/GRANTS"))
        try FileManager.default.removeItem(at: directory.appending(path: "GRANTS"))
        #expect(try print() == ungranted)
    }

    @Test("grants are those of the directory that was named or one above, never of one below")
    func grants() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let vendor = directory.appending(path: "vendor")
        try FileManager.default.createDirectory(at: vendor, withIntermediateDirectories: true)
        let pack = "tiergate: 1\npack: v\nversion: 1\nhosts: [v.test]\nrules: [{id: r, tier: 1, match: {}}]\n"
        try write("vendor/v.yaml", pack)
        try write("vendor/GRANTS", "own  v.yaml\nown  vendor/v.yaml\n")
        func isGranted(_ path: String) throws -> Bool {
            let now = Timestamp(milliseconds: 0)
            return try RuleFiles.load([path], now: now).0?.claims.first?.isGranted ?? false
        }
        #expect(try isGranted(vendor.path()))
        try write("GRANTS", "# nobody yet\n")
        #expect(try !isGranted(directory.path()))
        try write("GRANTS", "own  vendor/v.yaml\n")
        #expect(try isGranted(directory.path()))
        #expect(try RuleFiles.load([vendor.path()], now: Timestamp(milliseconds: 0), asIfGranted: true).0 != nil)
    }
}
