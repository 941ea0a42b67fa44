import Calls
import Crypto
import JSON
import Proxy
import Stores
import Wire

extension FuzzTarget {
    static let recording = FuzzTarget(
        name: "recording",
        summary: "what a recording says of a call: read, written and read again it is the same, and so are its frames",
        seeds: entries.map(\.bytes) + [[0, 0, 0, 1, 2, 0, 0, 0, 0]],
        dictionary: ["pass", "hold", "refuse", "HTTP/1.1\r\nHost: ", "dns://a.test/TXT", "\u{0}\u{0}\u{0}\u{1}"],
        run: { bytes throws(Finding) in
            _ = RecordingReader.entries(bytes)
            guard let entry = try? RecordedEntry(bytes[...]) else { return }
            try requireSame(entry.bytes, bytes, "an entry is written otherwise")
            guard case .call(let recorded) = entry, let call = try? recorded.call() else { return }
            _ = RecordedCall.described(call)
        })

    static let mask = FuzzTarget(
        name: "mask",
        summary: "calls as they are recorded: they are read again, as what they were, and say no secret",
        seeds: [
            "GET http://h.test/?api_key=S3CR3TS3CR3T HTTP/1.1\r\nHost: h.test\r\nAuthorization: Bearer sk_test_S3CR3T\r\n\r\n",
            "POST http://h.test/v1 HTTP/1.1\r\nHost: h.test\r\nAuthorization: Basic c2tfdGVzdF94eHh4eHh4eHg6\r\n"
                + "Content-Type: application/json\r\n\r\n{\"password\": \"S3CR3TS3CR3T\", \"a\": [\"token=S3CR3TS3CR3T\"]}",
            "POST http://h.test/f HTTP/1.1\r\nHost: h.test\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
                + "client_secret=S3CR3TS3CR3T&a=%20b+c",
            "POST http://h.test/m HTTP/1.1\r\nHost: h.test\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
                + "--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nS3CR3TS3CR3T\r\n--x--\r\n",
            "POST http://h.test/_bulk HTTP/1.1\r\nHost: h.test\r\nContent-Type: application/x-ndjson\r\n\r\n"
                + "{\"index\":{\"_index\":\"a\"}}\n{\"secret\":\"S3CR3TS3CR3T\"}\n",
        ].map(\.bytes),
        dictionary: [
            "S3CR3TS3CR3T", "password", "token", "://a:S3CR3TS3CR3T@", "-----BEGIN PRIVATE KEY-----", "Cookie: ",
        ],
        run: { bytes throws(Finding) in
            guard let (head, consumed) = try? RequestHead.parse(bytes.span) else { return }
            let rest = Array(bytes[consumed...])
            guard
                let call = try? CallReader.read(
                    id: CallID("c_fuzz"), session: SessionID("s"), scheme: nil, tunnel: nil, head: head,
                    body: rest.isEmpty ? .none : .bytes(rest), principal: principal)
            else { return }
            let (message, content) = maskOf.masked(call)
            let recorded = RecordedCall(
                time: Timestamp(milliseconds: 0), session: call.session, facts: .init(),
                judgement: .init(tier: .readOnly, disposition: .pass, rules: [], rulesDigest: ""), sameness: [],
                content: content, message: message)
            guard let again = try? recorded.call() else {
                throw Finding("a recorded call is not read: \(Transcript.quoted(message))")
            }
            try requireSame(again.method, call.method, "another method")
            try requireSame(again.target.authority, call.target.authority, "another host")
            try requireSame(again.target.segments.count, call.target.segments.count, "another path")
            try requireSame(again.target.query.map(\.name), call.target.query.map(\.name), "another query")
            if case .kept = content { try require(CallShape(again) == CallShape(call), "another body") }
        })

    private static let maskOf = CallMask(key: HMAC(key: Array("fuzz".utf8)), bodyLimit: 1 << 20)

    private static var entries: [RecordedEntry] {
        var facts = RecordedCall.Facts()
        facts.calls = 3
        facts.autonomy = "full"
        return [
            .gap(at: Timestamp(milliseconds: 1), calls: 7, reason: "r"),
            .call(
                RecordedCall(
                    time: Timestamp(milliseconds: 1_800_000_000_000), session: SessionID("a/b"), facts: facts,
                    floorTier: .external, floorReason: "f",
                    judgement: .init(tier: .external, disposition: .hold, rules: ["a.b"], rulesDigest: "ab"),
                    sameness: [1, 2], content: .kept,
                    message: Array("POST http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n{}".utf8))),
        ]
    }
}
