import Testing
import Wire

struct BodyDecoderTests {
    /// Decodes `input` in pieces of at most `step` bytes; what is left over, and the content.
    private func decode(
        _ framing: BodyFraming, _ input: [UInt8], ofRequest isRequest: Bool = true, step: Int = .max,
        limits: HTTPLimits = .default
    ) throws(WireError) -> (content: String, rest: String, isComplete: Bool) {
        var decoder = BodyDecoder(framing, ofRequest: isRequest, limits: limits)
        var output: [UInt8] = []
        var cursor = 0
        while cursor < input.count, !decoder.isComplete {
            let piece = Array(input[cursor..<cursor + min(step, input.count - cursor)])
            cursor += try decoder.decode(piece.span, into: &output)
        }
        return (text(output), text(input[cursor...]), decoder.isComplete)
    }

    @Test(
        "a body ends where its framing says, and not one byte later",
        arguments: [
            (BodyFraming.none, "GET", "", "GET"), (.length(0), "GET", "", "GET"),
            (.length(5), "helloGET", "hello", "GET"),
            (.chunked, "5\r\nhello\r\n0\r\n\r\nGET", "hello", "GET"), (.chunked, "0\r\n\r\nGET", "", "GET"),
            (.chunked, "1\r\na\r\nA\r\n0123456789\r\n00\r\n\r\n", "a0123456789", ""),
            (.chunked, "000000000000000a\r\n0123456789\r\n0\r\n\r\n", "0123456789", ""),
        ])
    func ends(_ framing: BodyFraming, _ input: String, _ content: String, _ rest: String) throws {
        for step in 1...input.utf8.count {
            let result = try decode(framing, bytes(input), step: step)
            #expect(result == (content, rest, true), "pieces of \(step)")
        }
    }

    @Test(
        "a chunk that can be read in two ways is refused",
        arguments: [
            ("\r\nhello", "malformed_chunk"), ("+5\r\nhello\r\n", "malformed_chunk"), ("-5\r\n", "malformed_chunk"),
            ("0x5\r\nhello\r\n", "malformed_chunk"), (" 5\r\nhello\r\n", "malformed_chunk"),
            ("5 \r\nhello\r\n", "malformed_chunk"), ("5\t\r\nhello\r\n", "malformed_chunk"),
            ("g\r\n", "malformed_chunk"),
            ("5\nhello\r\n", "malformed_chunk"), ("5\r\rhello", "malformed_chunk"), ("5\rhello", "malformed_chunk"),
            ("5;a=b\r\nhello\r\n", "chunk_extension"), ("5;\r\nhello\r\n", "chunk_extension"),
            ("0;a\r\n\r\n", "chunk_extension"), (";a\r\n", "malformed_chunk"), ("5 ;a\r\n", "malformed_chunk"),
            ("5\r\nhello0\r\n\r\n", "malformed_chunk"), ("5\r\nhello\n0\r\n\r\n", "malformed_chunk"),
            ("5\r\nhello\r0\r\n\r\n", "malformed_chunk"), ("5\r\nhello\r\n\r\n", "malformed_chunk"),
            ("0\r\nX: y\r\n\r\n", "trailers"), ("0\r\n \r\n", "trailers"), ("0\r\n\n", "malformed_chunk"),
            ("0\r\n\rX", "malformed_chunk"), ("0\n\r\n", "malformed_chunk"),
            ("00000000000000005\r\nhello\r\n", "malformed_chunk"), ("8000000000000000\r\n", "malformed_chunk"),
            ("ffffffffffffffff\r\n", "malformed_chunk"), ("10000000000000000\r\n", "malformed_chunk"),
            ("\u{FF15}\r\nhello\r\n", "malformed_chunk"),
        ])
    func hostile(_ input: String, _ code: String) {
        for step in 1...input.utf8.count {
            #expect {
                _ = try decode(.chunked, bytes(input), step: step)
            } throws: {
                ($0 as? WireError)?.code == code
            }
        }
    }

    @Test(
        "an upstream's chunk extensions and trailers are read over; an agent's are refused",
        arguments: [
            ("5;a=b\r\nhello\r\n0\r\n\r\n", "chunk_extension"), ("5;\r\nhello\r\n0\r\n\r\n", "chunk_extension"),
            ("5 ;a=\"b;c\"\r\nhello\r\n0;x\r\n\r\n", "malformed_chunk"),
            ("5  \r\nhello\r\n0\t\r\n\r\n", "malformed_chunk"),
            ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n", "trailers"),
            ("5\r\nhello\r\n0\r\ngrpc-status:0\r\nA:\r\nContent-Length: 9\r\n\r\n", "trailers"),
        ])
    func upstreamExtras(_ input: String, _ code: String) throws {
        for step in 1...input.utf8.count {
            let result = try decode(.chunked, bytes(input + "HTTP/1.1"), ofRequest: false, step: step)
            #expect(result == ("hello", "HTTP/1.1", true), "pieces of \(step)")
        }
        let error = #expect(throws: WireError.self) { try decode(.chunked, bytes(input)) }
        #expect(error?.code == code)
    }

    @Test(
        "an upstream's chunk extension or trailer that can be read in two ways is refused",
        arguments: [
            ("5;a\nhello\r\n", "malformed_chunk"), ("5;a\rb\r\nhello\r\n", "malformed_chunk"),
            ("5;a\0\r\nhello\r\n", "malformed_chunk"), ("5 6\r\nhello\r\n", "malformed_chunk"),
            (" 5\r\nhello\r\n", "malformed_chunk"), (";a\r\n", "malformed_chunk"), ("5\u{B}\r\n", "malformed_chunk"),
            ("0\r\nA: b\n\r\n", "malformed_field_value"), ("0\r\nA: b\rC: d\r\n\r\n", "malformed_line_end"),
            ("0\r\n A: b\r\n\r\n", "folded_field"), ("0\r\nA: b\r\n c\r\n\r\n", "folded_field"),
            ("0\r\nA : b\r\n\r\n", "malformed_field_name"), ("0\r\n: b\r\n\r\n", "malformed_field_name"),
            ("0\r\nA\r\n\r\n", "malformed_field_name"), ("0\r\nA: \0\r\n\r\n", "malformed_field_value"),
            ("0\r\nA: b\r\n\n", "malformed_field_name"), ("0\r\nHTTP/1.1 200 OK\r\n\r\n", "malformed_field_name"),
        ])
    func ambiguousExtras(_ input: String, _ code: String) {
        let error = #expect(throws: WireError.self) { try decode(.chunked, bytes(input), ofRequest: false) }
        #expect(error?.code == code)
    }

    @Test("an upstream's chunk extensions and trailers are limited") func limitedExtras() throws {
        let limits = HTTPLimits(chunkExtensionBytes: 4, trailerBytes: 8)
        for (input, isTaken) in [
            ("1;abc\r\na\r\n0\r\n\r\n", true), ("1;abcd\r\na\r\n0\r\n\r\n", false),
            ("0\r\nA: bcd\r\n\r\n", true), ("0\r\nA: bcdef\r\n\r\n", false),
            ("0\r\nA:\r\nB:\r\n\r\n", true), ("0\r\nA:\r\nB:\r\nC:\r\n\r\n", false),
        ] {
            let result = try? decode(.chunked, bytes(input), ofRequest: false, limits: limits)
            #expect((result?.isComplete == true) == isTaken, "\(input)")
        }
    }

    @Test("the digits of a chunk size are limited")
    func digits() throws {
        let limits = HTTPLimits(chunkLineBytes: 2)
        #expect(try decode(.chunked, bytes("01\r\na\r\n00\r\n\r\n"), limits: limits).content == "a")
        #expect(throws: WireError.malformedChunk) {
            try decode(.chunked, bytes("001\r\na\r\n0\r\n\r\n"), limits: limits)
        }
    }

    @Test("the end of the connection ends only a body that says nothing else")
    func endOfStream() throws {
        var open = BodyDecoder(.untilClose)
        var output: [UInt8] = []
        #expect(try open.decode(bytes("abc").span, into: &output) == 3)
        #expect(!open.isComplete)
        try open.endOfStream()
        #expect(open.isComplete && text(output) == "abc")
        for (framing, input) in [
            (BodyFraming.length(5), "hell"), (.length(5), ""), (.chunked, ""), (.chunked, "5"),
            (.chunked, "5\r\nhello\r\n"),
            (.chunked, "5\r\nhello\r\n0\r\n\r"), (.chunked, "0\r\n"),
        ] {
            var decoder = BodyDecoder(framing)
            _ = try decoder.decode(bytes(input).span, into: &output)
            #expect(throws: WireError.truncatedBody, "\(input)") { try decoder.endOfStream() }
        }
    }

    @Test("any content survives any chunks, cut into any pieces", arguments: 0..<10)
    func roundTrip(_ seed: UInt64) throws {
        var dice = Dice(seed)
        for _ in 0..<30 {
            let content = (0..<Int.random(in: 0...3_000, using: &dice)).map { _ in
                UInt8.random(in: 0...255, using: &dice)
            }
            var wire: [UInt8] = []
            var rest = content[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(Int.random(in: 0...700, using: &dice)))
                HTTPWriter.chunk(piece.span, into: &wire)
                rest = rest.dropFirst(piece.count)
            }
            HTTPWriter.lastChunk(into: &wire)
            wire += bytes("GET /next")
            var decoder = BodyDecoder(.chunked)
            var output: [UInt8] = []
            var cursor = 0
            while !decoder.isComplete {
                let piece = Array(wire[cursor..<min(wire.count, cursor + Int.random(in: 1...200, using: &dice))])
                cursor += try decoder.decode(piece.span, into: &output)
            }
            #expect(output == content)
            #expect(text(wire[cursor...]) == "GET /next")
        }
    }

    @Test("no bytes crash the decoder", arguments: 0..<8)
    func noise(_ seed: UInt64) {
        var dice = Dice(seed)
        let alphabet = bytes("0123456789abcdefF\r\n\r\n;: x")
        for _ in 0..<3_000 {
            let noise = (0..<Int.random(in: 0...40, using: &dice)).map { _ in alphabet.randomElement(using: &dice) ?? 0
            }
            var decoder = BodyDecoder(.chunked, ofRequest: Bool.random(using: &dice))
            var output: [UInt8] = []
            guard let consumed = try? decoder.decode(noise.span, into: &output) else { continue }
            #expect(consumed <= noise.count && output.count <= noise.count)
        }
    }
}
