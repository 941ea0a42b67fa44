/// `HTTP/1.0` or `HTTP/1.1`, in these very letters (RFC 9112 section 2.3).
enum HTTPVersion {
    static let length = 8

    /// The minor version at `start`; nil where more bytes are needed.
    static func scan(_ bytes: borrowing Span<UInt8>, at start: Int) throws(WireError) -> Int? {
        var cursor = start
        for wanted in "HTTP/".utf8 {
            guard cursor < bytes.count else { return nil }
            guard bytes[cursor] == wanted else { throw .malformedStartLine }
            cursor &+= 1
        }
        guard cursor &+ 2 < bytes.count else { return nil }
        guard bytes[cursor] == 0x31, bytes[cursor &+ 1] == 0x2E else { throw .unsupportedVersion }
        switch bytes[cursor &+ 2] {
        case 0x30: return 0
        case 0x31: return 1
        default: throw .unsupportedVersion
        }
    }
}

extension Span<UInt8> {
    /// Whether a line ends at `index`; false where more bytes are needed to tell.
    func endsLine(at index: Int, else refusal: WireError) throws(WireError) -> Bool {
        guard index < count else { return false }
        guard self[index] == 0x0D else { throw self[index] == 0x0A ? .malformedLineEnd : refusal }
        guard index &+ 1 < count else { return false }
        guard self[index &+ 1] == 0x0A else { throw .malformedLineEnd }
        return true
    }
}
