import Calls

/// What the fields of a head say about where the message ends and what happens to the connection.
struct FramingFields {
    private(set) var hosts = 0
    private(set) var closes = false
    private(set) var keepsAlive = false
    /// `Connection` names fields that go no further.
    private(set) var hasOptions = false
    private(set) var expectations = 0
    private(set) var upgrades = false
    private var lengths = 0
    private var length: UInt64 = 0
    private var codings = 0
    private var isChunked = false
    private var isChunkedAsSpelled = false

    /// Takes note of one field.
    @inline(__always)
    mutating func note(
        _ known: FieldName, _ bytes: borrowing Span<UInt8>, name: Range<Int>, value: Range<Int>
    ) throws(WireError) {
        switch known {
        case .host:
            try noteHost(bytes, value)
        case .expect:
            expectations += 1
            guard bytes.holds("100-continue", at: value), expectations == 1 else { throw .unsupportedExpectation }
        case .connection:
            try noteConnection(bytes, value)
        case .contentLength:
            lengths += 1
            length = try Self.length(bytes, value)
        case .hopByHop where bytes.holds("upgrade", at: name):
            // A client that offers h2c (Java's does, unasked) goes on in HTTP/1.1 when the offer is not taken up.
            upgrades = upgrades || !bytes.holds("h2c", at: value)
        case .hopByHop where bytes.holds("transfer-encoding", at: name):
            codings += 1
            isChunked = bytes.holds("chunked", at: value)
            isChunkedAsSpelled = isChunked && value.allSatisfy { bytes[$0] & 0x20 != 0 }
        default:
            return
        }
    }

    /// Only what splits lines, lists and URIs is refused here; `Authority` reads the rest.
    private mutating func noteHost(_ bytes: borrowing Span<UInt8>, _ value: Range<Int>) throws(WireError) {
        hosts += 1
        guard hosts == 1 else { throw .duplicateField("Host") }
        guard !value.isEmpty else { throw .malformedHost }
        for index in value {
            switch bytes[index] {
            case 0x2C, 0x2F, 0x40, 0x5C, 0x23, 0x3F: throw .malformedHost  // , / @ \ # ?
            case let byte where !ByteClass.isVisible(byte): throw .malformedHost
            default: continue
            }
        }
    }

    /// `Connection` is a list of names (RFC 9110 section 7.6.1); empty members are allowed.
    private mutating func noteConnection(_ bytes: borrowing Span<UInt8>, _ value: Range<Int>) throws(WireError) {
        var start = value.lowerBound
        while start < value.upperBound {
            var end = start
            while end < value.upperBound, bytes[end] != 0x2C { end += 1 }
            var option = start..<end
            while let first = option.first, ByteClass.isBlank(bytes[first]) { option = first + 1..<option.upperBound }
            while let last = option.last, ByteClass.isBlank(bytes[last]) { option = option.lowerBound..<last }
            guard option.allSatisfy({ ByteClass.token.contains(bytes[$0]) }) else { throw .malformedConnection }
            if bytes.holds("close", at: option) {
                closes = true
            } else if bytes.holds("keep-alive", at: option) {
                keepsAlive = true
            } else if !option.isEmpty {
                hasOptions = true
            }
            start = end + 1
        }
    }

    /// Digits alone, no zero in front, and small enough for every counter behind it.
    private static func length(_ bytes: borrowing Span<UInt8>, _ value: Range<Int>) throws(WireError) -> UInt64 {
        guard let first = value.first, value.count <= 18 else { throw .malformedLength }
        guard bytes[first] != 0x30 || value.count == 1 else { throw .malformedLength }
        var length: UInt64 = 0
        for index in value {
            guard ByteClass.isDigit(bytes[index]) else { throw .malformedLength }
            length = length &* 10 &+ UInt64(bytes[index] &- 0x30)
        }
        return length
    }

    /// RFC 9112 section 6.3 without its leniencies. A request's coding must be `chunked` in small letters, as every
    /// client sends it; some upstreams capitalise it, and theirs is read in any case.
    func framing(minorVersion: Int, ofRequest isRequest: Bool) throws(WireError) -> BodyFraming? {
        guard codings + lengths <= 1 else { throw .ambiguousLength }
        if codings == 1 {
            guard minorVersion == 1, isRequest ? isChunkedAsSpelled : isChunked else {
                throw .unsupportedTransferCoding
            }
            return .chunked
        }
        return lengths == 1 ? .length(length) : nil
    }

    func isPersistent(minorVersion: Int) -> Bool { !closes && (minorVersion == 1 || keepsAlive) }
}
