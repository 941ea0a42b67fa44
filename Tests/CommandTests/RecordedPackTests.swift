import Calls
import Crypto
import Foundation
import Proxy
import Rules
import System
import Testing

@testable import tiergate

@Suite("The shipped packs judge recorded calls as they judge calls")
struct RecordedPackTests {
    private let now = Timestamp(milliseconds: SystemClock.wall())
    private let mask = CallMask(key: HMAC(key: Array("key".utf8)), bodyLimit: 1 << 20)

    @Test("every call that a pack has as a test")
    func packTests() throws {
        let rules = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../rules").path()
        let (loaded, diagnostics) = try RuleFiles.load([rules], now: now, asIfGranted: true)
        let set = try #require(loaded, "\(diagnostics.map(\.rendered))")
        var count = 0
        // What a test says of the operation itself stands in no message.
        for test in set.tests where test.request.operation == nil {
            guard let call = try? SpelledCall.read(test.request) else { continue }
            let (message, content) = mask.masked(call)
            let recorded = RecordedCall(
                time: now, session: call.session, facts: .init(),
                judgement: .init(tier: .readOnly, disposition: .pass, rules: [], rulesDigest: ""), sameness: [],
                content: content, message: message)
            count += 1
            guard let again = try? recorded.call() else {
                Issue.record("\(test.source) is not read again: \(String(decoding: message, as: UTF8.self))")
                continue
            }
            #expect(
                set.weigh(again, at: now) == set.weigh(call, at: now),
                "\(test.source): \(String(decoding: message, as: UTF8.self))")
        }
        #expect(count > 500)
    }
}
