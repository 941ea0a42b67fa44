import Calls
import Foundation
import JSON
import Testing

@testable import Rules

@Suite("The shipped packs")
struct ShippedPacksTests {
    static let directory = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "rules")

    static func sources() throws -> [RuleSource] {
        let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)?.allObjects as? [URL]
        return try (files ?? []).filter { $0.pathExtension == "yaml" }.map {
            let path = "rules/" + $0.pathComponents.suffix(2).joined(separator: "/")
            return RuleSource(path: path, bytes: [UInt8](try Data(contentsOf: $0)))
        }
    }

    @Test("load without an error or a warning, and every rule has a test")
    func load() throws {
        let (set, diagnostics) = RuleSet.load(try Self.sources(), digest: "d", now: Sample.now)
        #expect(diagnostics.isEmpty, "\(diagnostics.map(\.rendered).joined(separator: "\n\n"))")
        let ids = try #require(set).rules.map(\.id)
        #expect(ids.count > 60)
    }

    @Test("keep the bodies of uploads out of the way of judging them")
    func uploads() throws {
        let set = try #require(RuleSet.load(try Self.sources(), digest: "d", now: Sample.now).0)
        func outlook(_ call: Call, mayHoldOperations: Bool = true) -> Outlook {
            set.outlook(
                method: call.method, target: call.target, fields: call.fields, mayHoldOperations: mayHoldOperations,
                at: Sample.now)
        }
        let part = Sample.call("PUT", "https://b.s3.eu-west-1.amazonaws.com/k?partNumber=1&uploadId=u")
        #expect(outlook(part, mayHoldOperations: false) == Outlook(highest: .reversible, needsBody: false))
        let refund = Sample.call("POST", "https://api.stripe.com/v1/refunds")
        #expect(outlook(refund) == Outlook(highest: .irreversible, needsBody: true))
        let iam = Sample.call("POST", "https://iam.amazonaws.com/")
        #expect(outlook(iam) == Outlook(highest: .irreversible, needsBody: true))
    }
}

extension ShippedPacksTests {
    @Test("are granted, each by the digest of its file")
    func granted() throws {
        let list = try Data(contentsOf: Self.directory.appending(path: Grants.fileName))
        let grants = Grants([UInt8](list))
        let paths = try Self.sources().map { $0.path.replacing("rules/", with: "") }.sorted()
        #expect(grants.entries.map(\.path) == paths, "run: tiergate rules grant all rules/")
        // sha256sum is the other reader of this format.
        let check = Process()
        check.executableURL = URL(filePath: "/usr/bin/sha256sum")
        check.arguments = ["--check", "--quiet", Grants.fileName]
        check.currentDirectoryURL = Self.directory
        check.standardError = FileHandle.nullDevice
        try check.run()
        check.waitUntilExit()
        #expect(check.terminationStatus == 0, "run: tiergate rules grant all rules/")
    }
}
