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

    @Test("pass their own tests")
    func ownTests() throws {
        let set = try #require(RuleSet.load(try Self.sources(), digest: "d", now: Sample.now).0)
        #expect(set.tests.count > 80)
        for test in set.tests {
            let verdict = set.judge(try decoded(test.request), at: Sample.now)
            #expect(test.mismatch(with: verdict) == [], "\(test.source): \(verdict.reason)")
            let outlook = set.outlook(
                method: test.request.method, target: try decoded(test.request).target,
                fields: try decoded(test.request).fields, at: Sample.now)
            #expect(verdict.tier <= outlook.highest, "\(test.source)")
        }
    }

    @Test("keep the bodies of uploads out of the way of judging them")
    func uploads() throws {
        let set = try #require(RuleSet.load(try Self.sources(), digest: "d", now: Sample.now).0)
        func outlook(_ call: Call) -> Outlook {
            set.outlook(method: call.method, target: call.target, fields: call.fields, at: Sample.now)
        }
        let part = Sample.call("PUT", "https://b.s3.eu-west-1.amazonaws.com/k?partNumber=1&uploadId=u")
        #expect(outlook(part) == Outlook(highest: .reversible, needsBody: false))
        let refund = Sample.call("POST", "https://api.stripe.com/v1/refunds")
        #expect(outlook(refund) == Outlook(highest: .irreversible, needsBody: true))
        let iam = Sample.call("POST", "https://iam.amazonaws.com/")
        #expect(outlook(iam) == Outlook(highest: .irreversible, needsBody: true))
    }

    /// Enough of a decoder for the tests that the packs carry; the product's own has to agree with it in its tests.
    private func decoded(_ request: RuleTest.Request) throws -> Call {
        var url = request.url.string.replacing(":443/", with: "/").replacing("/./", with: "/")
        if let end = url.firstRange(of: "://") {
            let rest = url[end.upperBound...].replacing("//", with: "/").replacing("./", with: "/")
            url = String(url[..<end.upperBound]) + rest
        }
        let type = request.headers.first { $0.name.lowercased() == "content-type" }?.value
        let body = request.body ?? []
        let text = String(decoding: body, as: UTF8.self)
        let document: Document =
            switch type {
            case "application/json": try Sample.json(text)
            case "application/x-www-form-urlencoded": Sample.form(text)
            default: body.isEmpty ? .none : .opaque("text")
            }
        var operations: [Calls.Operation] = []
        if case .form(let parameters) = document, let action = parameters.first(where: { $0.name == "Action" }) {
            let service = Sample.call("GET", url).target.authority.host.string.prefix { $0 != "." }
            operations = [.aws(service: Text(String(service)), action: action.value)]
        }
        return Sample.call(
            request.method.string, url, headers: request.headers.map { ($0.name, $0.value) }, document: document,
            operations: operations)
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
