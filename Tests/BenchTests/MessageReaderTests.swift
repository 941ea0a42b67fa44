import Testing

@testable import tiergate_bench

@Suite struct MessageReaderTests {
    private static let answer = Array("HTTP/1.1 200 OK\r\nServer: x\r\nContent-LENGTH:  5\r\n\r\nhello".utf8)

    @Test("a message is read to its end and no further, however its bytes come", arguments: [1, 2, 7, 1000])
    func pieces(size: Int) {
        var reader = MessageReader()
        var (waiting, steps): ([UInt8], [MessageReader.Step]) = ([], [])
        let two = Self.answer + Self.answer
        for start in stride(from: 0, to: two.count, by: size) {
            waiting += two[start..<min(start + size, two.count)]
            while !waiting.isEmpty {
                let (consumed, step) = reader.read(waiting.span)
                waiting.removeFirst(consumed)
                if step == .complete { steps.append(step) }
                if step == .incomplete { break }
            }
        }
        #expect(steps == [.complete, .complete])
        #expect(waiting.isEmpty)
        #expect(reader.status == 200)
    }

    @Test("an answer without a length has no end that anybody knows; one to CONNECT needs none")
    func lengths() {
        let bytes = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        var reader = MessageReader()
        #expect(reader.read(bytes.span).step == .unmeasured)
        reader = MessageReader()
        #expect(reader.read(bytes.span, hasBody: false) == (bytes.count, .complete))
        reader = MessageReader()
        let refused = Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        #expect(reader.read(refused.span) == (refused.count, .complete))
        #expect(reader.status == 403)
        #expect(reader.isLast)
    }

    @Test("a request without a length ends with its head, and one with a length with its body")
    func requests() {
        var reader = MessageReader()
        let get = Array("GET / HTTP/1.1\r\nHost: api.test\r\n\r\n".utf8)
        #expect(reader.read(get.span) == (get.count, .complete))
        let post = Array("POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab".utf8)
        #expect(reader.read(post.span) == (post.count, .incomplete))
        #expect(reader.read(Array("c".utf8).span) == (1, .complete))
    }
}
