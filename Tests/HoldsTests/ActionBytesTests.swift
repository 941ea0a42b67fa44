import Calls
import HoldsTesting
import JSON
import Testing

@testable import Holds

@Suite struct ActionBytesTests {
    private func digest(_ call: Call) -> Digest {
        guard case .bytes(let body) = call.body else { return GateBench.hash([]) }
        return GateBench.hash(ActionBytes.digestInput(call, bodyDigest: GateBench.hash(body)))
    }

    private func repeatKey(_ call: Call) -> Digest {
        GateBench.hash(
            ActionBytes.repeatInput(call) { boundary in
                guard case .bytes(let body) = call.body else { return GateBench.hash([]) }
                return GateBench.hash(boundary.map { body.without($0) } ?? body)
            })
    }

    @Test(
        "what a client changes between two attempts is not in the digest",
        arguments: [
            "Date", "X-Amz-Date", "amz-sdk-request", "amz-sdk-invocation-id", "X-Amzn-Trace-Id",
            "X-Stainless-Retry-Count", "traceparent", "tracestate", "baggage", "X-B3-TraceId", "User-Agent",
            "X-Request-Id", "Authorization", "Cookie", "X-Api-Key", "X-Amz-Security-Token", "Private-Token",
        ])
    func leftOut(name: String) {
        let plain = Call.sample(fields: ["Accept": "a"])
        #expect(digest(Call.sample(fields: ["Accept": "a", name: "1"])) == digest(plain))
        #expect(repeatKey(Call.sample(fields: [name: "2", "Accept": "a"])) == repeatKey(plain))
    }

    @Test(
        "everything else is",
        arguments: [
            Call.sample(session: "s_other"), .sample(method: "PUT"), .sample(host: "api.example.com"),
            .sample(path: "/v1/Refunds"), .sample(query: [Parameter("a", "b")]), .sample(body: #"{"amount":501}"#),
            .sample(fields: ["Content-Type": "application/json", "Stripe-Account": "acct_2"]),
            .sample(fields: ["Content-Type": "text/plain"]), .sample(fields: [:]),
            .sample(principal: .opaque("ffeeddccbbaa9988")), .sample(principal: .none),
            .sample(principal: .aws(key: "00112233aabbccdd")),
            .sample(fields: ["Content-Type": "application/json", "X-Dater": "1"]),
        ])
    func bound(call: Call) {
        #expect(digest(call) != digest(.sample()))
        #expect(repeatKey(call) != repeatKey(.sample()))
    }

    @Test("an audience tells two tokens apart, wherever its parts are cut")
    func tokens() {
        let one = Call.sample(principal: .token(issuer: "ab", subject: "c", audience: "d"))
        let other = Call.sample(principal: .token(issuer: "a", subject: "bc", audience: "d"))
        #expect(digest(one) != digest(other))
    }

    @Test("the order of fields with different names means nothing, of equal ones it does")
    func order() {
        #expect(digest(.sample(fields: ["A": "1", "b": "2"])) == digest(.sample(fields: ["B": "2", "a": "1"])))
        #expect(digest(.sample(fields: ["A": "1", "A": "2"])) != digest(.sample(fields: ["A": "2", "A": "1"])))
    }

    @Test("no shift of bytes between name, value and neighbour gives the same digest")
    func lengths() {
        #expect(digest(.sample(fields: ["ab": "c"])) != digest(.sample(fields: ["a": "bc"])))
        #expect(digest(.sample(path: "/a", body: "b")) != digest(.sample(path: "/ab", body: "")))
    }

    @Test("another Idempotency-Key is the same call again, and another action")
    func idempotency() {
        let first = Call.sample(fields: ["Idempotency-Key": "1"])
        let second = Call.sample(fields: ["Idempotency-Key": "2"])
        #expect(repeatKey(first) == repeatKey(second))
        #expect(repeatKey(first) == repeatKey(.sample(fields: [:])))
        #expect(digest(first) != digest(second))
    }

    @Test("an Idempotency-Key counts in its session, at its authority")
    func idempotencyScope() throws {
        let call = Call.sample(fields: ["idempotency-key": "1"])
        let key = try #require(ActionBytes.idempotencyInput(call))
        #expect(ActionBytes.idempotencyInput(.sample(path: "/other", fields: ["Idempotency-Key": "1"])) == key)
        #expect(ActionBytes.idempotencyInput(.sample(fields: ["Idempotency-Key": "2"])) != key)
        #expect(ActionBytes.idempotencyInput(.sample(session: "x", fields: ["Idempotency-Key": "1"])) != key)
        #expect(ActionBytes.idempotencyInput(.sample(host: "b", fields: ["Idempotency-Key": "1"])) != key)
        #expect(ActionBytes.idempotencyInput(.sample()) == nil)
    }

    static func upload(_ boundary: String, _ content: String = "hello", type: String? = nil) -> Call {
        .sample(
            fields: ["Content-Type": type ?? "multipart/form-data; boundary=\(boundary)"],
            body: "--\(boundary)\r\n\r\n\(content)\r\n--\(boundary)--\r\n", document: .opaque("multipart"))
    }

    @Test("a boundary drawn anew is the same call again; other content is not")
    func boundary() {
        #expect(repeatKey(Self.upload("aaa")) == repeatKey(Self.upload("bbb")))
        #expect(digest(Self.upload("aaa")) != digest(Self.upload("bbb")))
        #expect(repeatKey(Self.upload("aaa")) != repeatKey(Self.upload("aaa", "other")))
    }

    @Test(
        "the boundary is found as clients write it",
        arguments: [
            ("multipart/form-data; boundary=xyz", "xyz"), ("Multipart/Form-Data;boundary=\"xyz\"; charset=u", "xyz"),
            ("multipart/related; type=a; boundary=xyz ", "xyz"), ("multipart/mixed; Boundary=xyz", "xyz"),
            ("multipart/form-data; boundary=\"x; y\"", "x; y"), ("multipart/form-data", nil),
            ("text/plain; boundary=xyz", nil), ("multipart/form-data; boundary=", nil),
        ] as [(String, String?)])
    func boundarySpellings(type: String, boundary: String?) {
        let found = ActionBytes.multipartBoundary(of: Self.upload("xyz", type: type))
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == boundary)
    }
}

extension [UInt8] {
    fileprivate func without(_ pattern: [UInt8]) -> [UInt8] {
        let text = String(decoding: self, as: UTF8.self)
        return Array(text.split(separator: String(decoding: pattern, as: UTF8.self)).joined().utf8)
    }
}
