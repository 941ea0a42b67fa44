import Calls
import Holds
import JSON
import Testing
import Wire

@testable import Proxy

@Suite struct ResponseFieldsTests {
    func head(_ text: String, to method: Text = "GET") throws -> ResponseHead {
        try #require(try ResponseHead.parse(Array(text.utf8).span, to: method)).head
    }

    @Test("hop-by-hop fields, those that Connection names, and words in the gate's name do not pass") func dropped()
        throws
    {
        let head = try head(
            "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTiergate-Hold: h_1\r\n"
                + "Alt-Svc: h3=\":443\"\r\nContent-Length: 2\r\nX-Kept: yes\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n")
        let fields = ResponseFields.forwarded(head, to: "GET")
        #expect(fields.count == 3)
        #expect(fields.text("x-kept") == "yes")
        #expect(fields.count(of: "set-cookie") == 2)
    }

    @Test(
        "to HEAD the length is information, and passes", arguments: [("HEAD", true), ("GET", false)] as [(Text, Bool)])
    func length(method: Text, passes: Bool) throws {
        let head = try head("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n", to: method)
        #expect(ResponseFields.forwarded(head, to: method).contains("content-length") == passes)
    }
}

@Suite struct KeptAnswerTests {
    @Test(
        "an answer comes back as it was kept",
        arguments: [[], Array("hello".utf8), [UInt8](repeating: 0, count: 70_000)])
    func roundTrip(content: [UInt8]) throws {
        let original = try #require(
            try ResponseHead.parse(
                Array("HTTP/1.1 201 Created it\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n".utf8).span, to: "POST"))
        let fields = ResponseFields.forwarded(original.head, to: "POST")
        let kept = KeptAnswer.encode(original.head, fields, content)
        let (head, body) = try #require(KeptAnswer.decode(kept, to: "POST"))
        #expect(head.status == 201)
        #expect(head.reason == Array("Created it".utf8))
        #expect(head.fields.text("x-a") == "b")
        #expect(body == content)
    }

    @Test("what is no message is not an answer") func damaged() {
        #expect(KeptAnswer.decode(Array("nonsense".utf8), to: "GET") == nil)
    }
}

@Suite struct CallArchiveTests {
    func call(_ url: Text, _ method: Text, body: [UInt8]?, type: String = "application/json") throws -> Call {
        let head = try RequestHead.spelled(
            method: method, url: url, fields: [("Content-Type", type), ("Authorization", "Bearer x"), ("X-A", "1")],
            bodyLength: body?.count)
        return try CallReader.read(
            id: CallID("c_1"), session: SessionID("local"), scheme: nil, tunnel: nil, head: head,
            body: body.map { .bytes($0) } ?? .none, principal: { _ in .opaque("k") })
    }

    @Test(
        "a stored call reads back as the same action",
        arguments: [
            ("https://api.stripe.com/v1/refunds?a=b", "POST", Array(#"{"a": 1}"#.utf8)),
            ("http://x.test:8080/", "DELETE", nil),
            ("https://s3.amazonaws.com/bucket//odd%2Fkey", "PUT", Array("{}".utf8)),
            ("https://[2001:db8::1]:8443/a", "POST", Array("[]".utf8)),
        ] as [(Text, Text, [UInt8]?)])
    func roundTrip(url: Text, method: Text, body: [UInt8]?) throws {
        let call = try call(url, method, body: body)
        let back = try CallArchive.decode(CallArchive.encode(call), try sampleHold(), principal: { _ in .opaque("k") })
        let digest = try #require(Digest([UInt8](repeating: 0, count: 32)))
        #expect(
            ActionBytes.digestInput(call, bodyDigest: digest) == ActionBytes.digestInput(back, bodyDigest: digest))
        guard case .bytes(let bytes) = back.body else { #expect(body == nil); return }
        #expect(bytes == body)
    }

    @Test("what does not read back is damaged, not guessed") func damaged() throws {
        #expect(throws: StoreFailure.self) {
            _ = try CallArchive.decode(
                Content(bytes: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)), try sampleHold(),
                principal: { _ in .none })
        }
    }
}

@Suite struct AttemptsTests {
    @Test("each hold counts for itself") func counting() throws {
        let attempts = Attempts()
        let one = try #require(HoldID("h_000000000001"))
        let two = try #require(HoldID("h_000000000002"))
        #expect([attempts.next(for: one), attempts.next(for: one), attempts.next(for: two)] == [1, 2, 1])
    }
}
