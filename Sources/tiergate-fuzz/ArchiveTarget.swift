import Calls
import Holds
import HoldsTesting
import JSON
import Proxy
import Wire

extension FuzzTarget {
    static let archive = FuzzTarget(
        name: "archive",
        summary: "stored calls: what is read back is stored the same, and is the same action",
        seeds: [
            "BPOST https://api.stripe.com/v1/refunds HTTP/1.1\r\nHost: api.stripe.com\r\nIdempotency-Key: k\r\n"
                + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n\r\n{}",
            "BGET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n",
            "SPUT http://h.test:81/u HTTP/1.1\r\nHost: h.test:81\r\nContent-Length: 99\r\n\r\n"
                + String(repeating: "ab", count: 32),
        ].map(\.bytes),
        dictionary: RequestWords.all,
        run: { bytes throws(Finding) in
            guard let kind = bytes.first else { return }
            let content = Content(bytes: Array(bytes.dropFirst()), spool: kind == 0x53 ? "spool-1" : nil)
            guard let hold = hold, let call = read(content, hold) else { return }
            let again = CallArchive.encode(call)
            guard let second = read(again, hold) else {
                throw Finding("a stored call is not read: \(Transcript.quoted(again.bytes))")
            }
            try requireSame(Transcript.of(call), Transcript.of(second), "a stored call is another")
            let digest = GateBench.hash(content.bytes)
            try requireSame(
                ActionBytes.digestInput(call, bodyDigest: digest), ActionBytes.digestInput(second, bodyDigest: digest),
                "a stored call is another action")
            try requireSame(
                ActionBytes.repeatInput(call) { _ in digest }, ActionBytes.repeatInput(second) { _ in digest },
                "a stored call does not attract its repetition")
            try requireSame(
                ActionBytes.idempotencyInput(call), ActionBytes.idempotencyInput(second), "another Idempotency-Key")
        })

    private static func read(_ content: Content, _ hold: Hold) -> Call? {
        try? CallArchive.decode(content, hold, principal: principal)
    }

    private static let hold: Hold? = HoldID("h_0123456789ab").map { id in
        let digest = GateBench.hash([])
        let now = Timestamp(milliseconds: 0)
        return Hold(
            id: id, session: SessionID("s"), call: CallID("c_fuzz"), digest: digest, repeatKey: digest,
            idempotency: nil,
            created: now, facts: Hold.Facts(.sample(), .sample(), Terms()), expires: now)
    }
}

/// The words of requests, for every target that reads one.
private enum RequestWords {
    static let all =
        FuzzTarget.request.dictionary + ["Idempotency-Key: ", "multipart/form-data; boundary=", "\"", "Date: "]
}
