/// Takes a body out of its framing, from pieces of any size.
package struct BodyDecoder: Sendable {
    private enum State {
        case body(remaining: UInt64)
        case bodyUntilClose
        case chunkSize(size: UInt64, digits: Int)
        /// Responses only: what follows the size, up to its line end.
        case chunkExtension(size: UInt64, length: Int, isOpen: Bool)
        case chunkSizeLineFeed(size: UInt64)
        case chunk(remaining: UInt64)
        case chunkReturn
        case chunkLineFeed
        case lastReturn
        case lastLineFeed
        /// Responses only: a field behind the last chunk; `length` counts all of them.
        case trailer(Trailer, length: Int)
        case complete
    }

    private enum Trailer {
        case start
        case name
        case value
        case lineFeed
    }

    private var state: State
    private let limits: HTTPLimits
    private let isRequest: Bool

    /// - Parameter isRequest: what an agent sends has chunks and nothing else. Upstreams also send chunk extensions and
    ///   trailers (padded sizes, checksums); they are read strictly and dropped, which RFC 9110 section 6.5.1 allows:
    ///   the gate never says that trailers are wanted.
    package init(_ framing: BodyFraming, ofRequest isRequest: Bool = true, limits: HTTPLimits = .default) {
        self.limits = limits
        self.isRequest = isRequest
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
            case .chunkSize, .chunkExtension, .chunkSizeLineFeed, .chunkReturn, .chunkLineFeed, .lastReturn,
                .lastLineFeed, .trailer:
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
        case .body, .chunkSize, .chunkExtension, .chunkSizeLineFeed, .chunk, .chunkReturn, .chunkLineFeed, .lastReturn,
            .lastLineFeed, .trailer:
            throw .truncatedBody
        }
    }

    /// One byte of what stands between chunks (RFC 9112 section 7.1).
    private mutating func step(_ byte: UInt8) throws(WireError) {
        switch state {
        case .chunkSize(let size, let digits):
            if let value = ByteClass.hexValue(byte) {
                // The top four bits must be free, and stay so below a signed counter's limit.
                guard digits < limits.chunkLineBytes, size < 1 << 59 else { throw .malformedChunk }
                state = .chunkSize(size: size << 4 | UInt64(value), digits: digits + 1)
            } else if byte == 0x0D, digits > 0 {
                state = .chunkSizeLineFeed(size: size)
            } else if digits > 0, byte == 0x3B || !isRequest && ByteClass.isBlank(byte) {
                guard !isRequest else { throw .chunkExtension }
                state = .chunkExtension(size: size, length: 1, isOpen: byte == 0x3B)
            } else {
                throw .malformedChunk
            }
        case .chunkExtension(let size, let length, let isOpen):
            if byte == 0x0D {
                state = .chunkSizeLineFeed(size: size)
            } else {
                guard length < limits.chunkExtensionBytes else { throw .malformedChunk }
                // Behind blanks comes an extension or nothing.
                guard isOpen ? ByteClass.isFieldText(byte) : byte == 0x3B || ByteClass.isBlank(byte) else {
                    throw .malformedChunk
                }
                state = .chunkExtension(size: size, length: length + 1, isOpen: isOpen || byte == 0x3B)
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
            guard byte != 0x0D else { return state = .lastLineFeed }
            guard byte != 0x0A else { throw .malformedChunk }
            guard !isRequest else { throw .trailers }
            try step(byte, in: .start, length: 0)
        case .lastLineFeed:
            guard byte == 0x0A else { throw .malformedChunk }
            state = .complete
        case .trailer(let part, let length):
            try step(byte, in: part, length: length)
        case .body, .bodyUntilClose, .chunk, .complete:
            return
        }
    }

    /// One byte of a field behind the last chunk; it is a field of a head, and refused where that would be.
    private mutating func step(_ byte: UInt8, in part: Trailer, length: Int) throws(WireError) {
        if case .start = part, byte == 0x0D { return state = .lastLineFeed }
        guard length < limits.trailerBytes else { throw .headTooLarge(limit: limits.trailerBytes) }
        let next: Trailer
        switch part {
        case .start:
            guard !ByteClass.isBlank(byte) else { throw .foldedField }
            guard ByteClass.token.contains(byte) else { throw .malformedFieldName }
            next = .name
        case .name:
            guard ByteClass.token.contains(byte) || byte == 0x3A else { throw .malformedFieldName }
            next = byte == 0x3A ? .value : .name
        case .value:
            guard ByteClass.isFieldText(byte) || byte == 0x0D else { throw .malformedFieldValue }
            next = byte == 0x0D ? .lineFeed : .value
        case .lineFeed:
            guard byte == 0x0A else { throw .malformedLineEnd }
            next = .start
        }
        state = .trailer(next, length: length + 1)
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
