/// Takes a body out of its framing, from pieces of any size.
package struct BodyDecoder: Sendable {
    private enum State {
        case body(remaining: UInt64)
        case bodyUntilClose
        case chunkSize(size: UInt64, digits: Int)
        case chunkSizeLineFeed(size: UInt64)
        case chunk(remaining: UInt64)
        case chunkReturn
        case chunkLineFeed
        case lastReturn
        case lastLineFeed
        case complete
    }

    private var state: State
    private let limits: HTTPLimits

    package init(_ framing: BodyFraming, limits: HTTPLimits = .default) {
        self.limits = limits
        state =
            switch framing {
            case .none, .length(0): .complete
            case .length(let length): .body(remaining: length)
            case .chunked: .chunkSize(size: 0, digits: 0)
            case .untilClose: .bodyUntilClose
            }
    }

    package var isComplete: Bool { if case .complete = state { true } else { false } }

    /// Appends the content found in `input` to `output` and says how many bytes of `input` belong to this body: all of
    /// them, unless it is complete.
    package mutating func decode(_ input: Span<UInt8>, into output: inout [UInt8]) throws(WireError) -> Int {
        var cursor = 0
        while cursor < input.count {
            switch state {
            case .complete:
                return cursor
            case .bodyUntilClose:
                unsafe input.extracting(cursor...).withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
                cursor = input.count
            case .body(let remaining):
                let left = Self.take(remaining, of: input, &cursor, into: &output)
                state = left == 0 ? .complete : .body(remaining: left)
            case .chunk(let remaining):
                let left = Self.take(remaining, of: input, &cursor, into: &output)
                state = left == 0 ? .chunkReturn : .chunk(remaining: left)
            case .chunkSize, .chunkSizeLineFeed, .chunkReturn, .chunkLineFeed, .lastReturn, .lastLineFeed:
                try step(input[cursor])
                cursor &+= 1
            }
        }
        return cursor
    }

    /// The connection has ended; a body whose end it is not is cut short.
    package mutating func endOfStream() throws(WireError) {
        switch state {
        case .complete, .bodyUntilClose: state = .complete
        case .body, .chunkSize, .chunkSizeLineFeed, .chunk, .chunkReturn, .chunkLineFeed, .lastReturn, .lastLineFeed:
            throw .truncatedBody
        }
    }

    /// One byte of what stands between chunks (RFC 9112 section 7.1): size and line end, nothing else.
    private mutating func step(_ byte: UInt8) throws(WireError) {
        switch state {
        case .chunkSize(let size, let digits):
            if let value = ByteClass.hexValue(byte) {
                // The top four bits must be free, and stay so below a signed counter's limit.
                guard digits < limits.chunkLineBytes, size < 1 << 59 else { throw .malformedChunk }
                state = .chunkSize(size: size << 4 | UInt64(value), digits: digits + 1)
            } else if byte == 0x0D, digits > 0 {
                state = .chunkSizeLineFeed(size: size)
            } else {
                throw byte == 0x3B && digits > 0 ? .chunkExtension : .malformedChunk
            }
        case .chunkSizeLineFeed(let size):
            guard byte == 0x0A else { throw .malformedChunk }
            state = size == 0 ? .lastReturn : .chunk(remaining: size)
        case .chunkReturn:
            guard byte == 0x0D else { throw .malformedChunk }
            state = .chunkLineFeed
        case .chunkLineFeed:
            guard byte == 0x0A else { throw .malformedChunk }
            state = .chunkSize(size: 0, digits: 0)
        case .lastReturn:
            guard byte == 0x0D else { throw byte == 0x0A ? .malformedChunk : .trailers }
            state = .lastLineFeed
        case .lastLineFeed:
            guard byte == 0x0A else { throw .malformedChunk }
            state = .complete
        case .body, .bodyUntilClose, .chunk, .complete:
            return
        }
    }

    /// Moves up to `remaining` bytes from `input` at `cursor` to `output`, and says how many are still to come.
    private static func take(
        _ remaining: UInt64, of input: borrowing Span<UInt8>, _ cursor: inout Int, into output: inout [UInt8]
    ) -> UInt64 {
        let available = input.count - cursor
        let size = remaining < UInt64(available) ? Int(remaining) : available
        let piece = input.extracting(cursor..<cursor + size)
        unsafe piece.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
        cursor += size
        return remaining - UInt64(size)
    }
}
