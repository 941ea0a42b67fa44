import JSON
import Wire

/// One HTTP/1 message off a connection, read as its bytes come in.
struct Message<Head> {
    enum Reading {
        case incomplete
        case refused(WireError)
        case whole(Message)
    }

    var head: Head
    var content: [UInt8]
    /// Bytes of the connection that belong to it.
    var length: Int

    /// Cuts that differ from input to input, and are the same for the same input.
    static func cuts(of bytes: [UInt8]) -> [Int] {
        var random = SeededGenerator(hashing: bytes)
        var cuts: [Int] = []
        var position = 0
        while position < bytes.count {
            // Mostly small pieces: the readers' states lie between single bytes.
            let longest = random.next() & 3 == 0 ? 200 : 3
            position = min(bytes.count, position + Int.random(in: 1...longest, using: &random))
            cuts.append(position)
        }
        return cuts
    }

    /// - Parameter cuts: where pieces end; each is offered with what came before it.
    static func read(
        _ bytes: [UInt8], cuts: [Int], framing: (Head) -> BodyFraming,
        parse: ([UInt8]) throws(WireError) -> (head: Head, consumed: Int)?
    ) -> Reading {
        do throws(WireError) {
            var head: (head: Head, consumed: Int)?
            var decoder = BodyDecoder(.none)
            var (content, position): ([UInt8], Int) = ([], 0)
            for cut in cuts {
                if head == nil {
                    guard let read = try parse(Array(bytes[..<cut])) else { continue }
                    head = read
                    position = read.consumed
                    decoder = BodyDecoder(framing(read.head))
                }
                let piece = Array(bytes[position..<cut])
                position += try decoder.decode(piece.span, into: &content)
                if decoder.isComplete { break }
            }
            guard let head else { return .incomplete }
            if case .untilClose = framing(head.head) { try decoder.endOfStream() }
            guard decoder.isComplete else { return .incomplete }
            return .whole(Message(head: head.head, content: content, length: position))
        } catch {
            return .refused(error)
        }
    }
}
