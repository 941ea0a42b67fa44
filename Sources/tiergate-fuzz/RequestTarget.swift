import Calls
import JSON
import Wire

extension FuzzTarget {
    static let request = FuzzTarget(
        name: "request",
        summary: "HTTP/1 requests: splits change nothing, and what is written anew is read the same",
        seeds: [
            "GET http://api.test/v1/items?a=1&b=%20 HTTP/1.1\r\nHost: api.test\r\nAccept: */*\r\n\r\n",
            "POST http://api.test:8080/a//b/../c HTTP/1.1\r\nHost: api.test:8080\r\nContent-Length: 7\r\n"
                + "Content-Type: application/json\r\n\r\n{\"a\":1}",
            "POST http://api.test/f HTTP/1.1\r\nHost: api.test\r\nTransfer-Encoding: chunked\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\n\r\n3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n",
            "POST http://api.test/m HTTP/1.1\r\nHost: api.test\r\nX-HTTP-Method-Override: DELETE\r\n"
                + "Content-Length: 0\r\nConnection: close, x\r\n\r\n",
            "POST https://ec2.us-east-1.amazonaws.com/ HTTP/1.1\r\nHost: ec2.us-east-1.amazonaws.com\r\n"
                + "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
                + "Authorization: AWS4-HMAC-SHA256 Credential=AK/20261121/us-east-1/ec2/aws4_request, "
                + "SignedHeaders=host, Signature=ab\r\nX-Amz-Date: 20261121T030405Z\r\nContent-Length: 32\r\n\r\n"
                + "Action=RunInstances&Version=2016",
            "PUT https://b.s3.amazonaws.com/k//x%2Fy HTTP/1.1\r\nHost: b.s3.amazonaws.com\r\nContent-Length: 1\r\n\r\nx",
            "GET http://[::1]:80/ HTTP/1.0\r\nCookie: a=b\r\nConnection: keep-alive\r\n\r\n",
        ].map(\.bytes),
        dictionary: [
            "GET ", "POST ", "CONNECT ", "http://", "https://", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "\r\n", "\r\n\r\n",
            "Host: ", "Content-Length: ", "Transfer-Encoding: chunked", "Connection: ", "Expect: 100-continue",
            "Upgrade: h2c", "Content-Type: ", "application/json", "application/x-www-form-urlencoded",
            "Content-Encoding: gzip", "X-HTTP-Method-Override: ", "X-Original-URL: ", "Authorization: Bearer ",
            "Authorization: AWS4-HMAC-SHA256 Credential=", "X-Amz-Target: ", "x-amz-date: ", "Action=", "%2e", "%2F",
            "%25", "//", "/../", ";", "charset=utf-8", "0\r\n\r\n", "amazonaws.com", "s3.amazonaws.com", "_method=",
            "query", "Signature-Input: ", "gitlab.", "Content_Length: ",
        ],
        run: { bytes throws(Finding) in
            let whole = readRequest(bytes, cuts: [bytes.count])
            let pieces = readRequest(bytes, cuts: Message<RequestHead>.cuts(of: bytes))
            try requireSame(transcript(whole), transcript(pieces), "the pieces it came in changed a request")
            guard case .whole(let message) = whole, message.head.method != "CONNECT" else { return }
            try checkCall(message)
        })

    private static func readRequest(_ bytes: [UInt8], cuts: [Int]) -> Message<RequestHead>.Reading {
        Message<RequestHead>.read(bytes, cuts: cuts, framing: \.framing) { bytes throws(WireError) in
            try RequestHead.parse(bytes.span)
        }
    }

    private static func transcript(_ reading: Message<RequestHead>.Reading) -> String {
        switch reading {
        case .incomplete: return "incomplete"
        case .refused(let error): return "refused \(error.code)"
        case .whole(let message):
            let head = message.head
            return """
                \(head.method) \(head.target) 1.\(head.minorVersion) \(head.framing) persistent \(head.isPersistent) \
                continue \(head.expectsContinue) length \(message.length)
                \(Transcript.of(head.fields))
                \(Transcript.quoted(message.content))
                """
        }
    }

    /// What the gate would send is read by the next gate as the call that was judged.
    private static func checkCall(_ message: Message<RequestHead>) throws(Finding) {
        guard let call = call(message, scheme: nil, tunnel: nil) else { return }
        try require(!call.target.spelling.utf8.contains { $0 <= 0x20 || $0 >= 0x7F }, "a target has a byte of no URI")
        var sent: [UInt8] = []
        let length = UInt64(message.content.count)
        HTTPWriter.request(call, framing: length == 0 ? .none : .length(length), into: &sent)
        sent += message.content
        let again = readRequest(sent, cuts: [sent.count])
        guard case .whole(let copy) = again else {
            throw Finding("what was written is not read: \(transcript(again))\n\(Transcript.quoted(sent))")
        }
        try requireSame(copy.length, sent.count, "a written request has more than one message in it")
        guard let second = Self.call(copy, scheme: call.target.scheme, tunnel: call.target.authority) else {
            throw Finding("what was written is no call: \(Transcript.quoted(sent))")
        }
        try requireSame(Transcript.of(call), Transcript.of(second), "what was written is another call")
    }

    private static func call(_ message: Message<RequestHead>, scheme: Scheme?, tunnel: Authority?) -> Call? {
        try? CallReader.read(
            id: CallID("c_fuzz"), session: SessionID("s"), scheme: scheme, tunnel: tunnel, head: message.head,
            body: message.content.isEmpty ? .none : .bytes(message.content), principal: principal)
    }
}
