import Calls
import Foundation
import JSON
import Proxy
import Rules
import Testing
import Wire

@testable import tiergate

@Suite("The shipped packs, on calls as the decoder reads them")
struct ShippedPackTests {
    private static let directory = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "rules").path()
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    @Test("pass their own tests, and the head of a call promises no less than the whole turns out to be")
    func ownTests() throws {
        let (loaded, diagnostics) = try RuleFiles.load([Self.directory], now: Self.now)
        let set = try #require(loaded, "\(diagnostics)")
        #expect(set.tests.count > 1000)
        for test in set.tests {
            // What has no reading reaches no rule; `rules test` looks at those too.
            guard let call = try? SpelledCall.read(test.request) else { continue }
            let verdict = set.judge(call, at: Self.now)
            #expect(test.mismatch(with: verdict) == [], "\(test.source): \(verdict.reason)")
            let outlook = set.outlook(
                method: call.method, target: call.target, fields: call.fields, at: Self.now)
            let floor = call.operations.reduce(Tier.readOnly) { floor, operation in
                if case .unreadable(_, let least) = operation { max(floor, least) } else { floor }
            }
            #expect(verdict.tier <= max(outlook.highest, floor) || call.isBatch, "\(test.source)")
        }
    }

    @Test("say of an upload to S3 in signed chunks what they say of any other, whatever type it has")
    func signedChunks() throws {
        let set = try #require(try RuleFiles.load([Self.directory], now: Self.now).0)
        for fields in [
            [("Content-Type", "application/json")], [("Content-Type", "text/csv")], [], [("If-None-Match", "*")],
        ] {
            func verdict(_ more: [(String, String)], _ body: String) throws -> Verdict {
                let head = try RequestHead.spelled(
                    method: "PUT", url: "https://data.s3.eu-west-1.amazonaws.com/a/b.json",
                    fields: (fields + more).map { (name: $0.0, value: $0.1) }, bodyLength: body.utf8.count)
                let call = try CallReader.read(
                    id: CallID("c_1"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
                    body: .bytes(Array(body.utf8)), principal: { _ in .none })
                return set.judge(call, at: Self.now)
            }
            let whole = try verdict([], "{}")
            let chunks = try verdict(
                [("Content-Encoding", "aws-chunked")], "2;chunk-signature=0\r\n{}\r\n0;chunk-signature=0\r\n\r\n")
            #expect(whole.tier == chunks.tier && whole.matches.map(\.rule) == chunks.matches.map(\.rule))
            #expect(whole.matches.allSatisfy { $0.pack == "aws-s3" })
        }
    }
}

extension Call {
    /// Requests inside have heads of their own.
    fileprivate var isBatch: Bool {
        operations.contains { if case .batched = $0 { true } else { false } }
    }
}
