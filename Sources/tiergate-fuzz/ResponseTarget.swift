import Calls
import JSON
import Wire

extension FuzzTarget {
    static let response = FuzzTarget(
        name: "response",
        summary: "HTTP/1 responses: splits change nothing, and what is written anew is read the same",
        seeds: [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nConnection: keep-alive\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.0 404\r\nServer: x\r\n\r\nuntil the end", "HTTP/1.1 204 No Content\r\n\r\n",
            "HHTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\nETag: \"a\"\r\n\r\n",
            "CHTTP/1.1 200 Connection established\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ].map(\.bytes),
        dictionary: [
            "HTTP/1.1 200 OK\r\n", "HTTP/1.0 ", "\r\n", "\r\n\r\n", "Content-Length: ", "Transfer-Encoding: chunked",
            "Connection: close", "Upgrade: ", "0\r\n\r\n", "Set-Cookie: a=b", "204", "304", "101", "599",
        ],
        run: { bytes throws(Finding) in
            // `H` and `C` before the answer: it is one to HEAD or CONNECT.
            let method: Text = bytes.starts(with: "HH".utf8) ? "HEAD" : bytes.first == 0x43 ? "CONNECT" : "GET"
            let answer = method == "GET" ? bytes : Array(bytes.dropFirst())
            let whole = readResponse(answer, to: method, cuts: [answer.count])
            let pieces = readResponse(answer, to: method, cuts: Message<ResponseHead>.cuts(of: answer))
            try requireSame(transcript(whole), transcript(pieces), "the pieces it came in changed a response")
            guard case .whole(let message) = whole else { return }
            try checkWriting(message, to: method)
        })

    private static func readResponse(
        _ bytes: [UInt8], to method: Text, cuts: [Int]
    ) -> Message<ResponseHead>.Reading {
        Message<ResponseHead>.read(bytes, cuts: cuts, framing: \.framing) { bytes throws(WireError) in
            try ResponseHead.parse(bytes.span, to: method)
        }
    }

    private static func transcript(_ reading: Message<ResponseHead>.Reading) -> String {
        switch reading {
        case .incomplete: return "incomplete"
        case .refused(let error): return "refused \(error.code)"
        case .whole(let message):
            let head = message.head
            return """
                \(head.status) \(Transcript.quoted(head.reason)) 1.\(head.minorVersion) \(head.framing) \
                persistent \(head.isPersistent) length \(message.length)
                \(Transcript.of(head.fields))
                \(Transcript.quoted(message.content))
                """
        }
    }

    private static func checkWriting(_ message: Message<ResponseHead>, to method: Text) throws(Finding) {
        let head = message.head
        let fields = unframed(head.fields)
        let framing: BodyFraming = head.framing == .none ? .none : .length(UInt64(message.content.count))
        var sent: [UInt8] = []
        HTTPWriter.response(
            status: head.status, reason: head.reason, fields: fields, framing: framing, close: false, into: &sent)
        sent += message.content
        guard case .whole(let copy) = readResponse(sent, to: method, cuts: [sent.count]) else {
            throw Finding("a written response is not read: \(Transcript.quoted(sent))")
        }
        try requireSame(copy.length, sent.count, "a written response is two")
        try requireSame(Transcript.of(fields), Transcript.of(unframed(copy.head.fields)), "other fields were written")
        try requireSame(copy.head.status, head.status, "another status was written")
        try requireSame(copy.head.reason, head.reason, "another reason was written")
        try requireSame(copy.content, message.content, "another content was written")
        try requireSame(copy.head.framing, framing, "another framing was written")
    }

    /// Without what the writer writes from its arguments.
    private static func unframed(_ fields: Fields) -> Fields {
        let framed = ["content-length", "transfer-encoding", "connection"]
        return fields.filter { index in !framed.contains { fields.has($0, at: index) } }
    }
}
