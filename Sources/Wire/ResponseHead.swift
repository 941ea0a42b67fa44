package import Calls
package import JSON

/// An upstream's status line and fields, with what they say about framing.
package final class ResponseHead: Sendable {
    package let status: Int
    /// The reason phrase as received; it may be empty.
    package let reason: [UInt8]
    package let fields: Fields
    package let framing: BodyFraming
    /// Whether the connection may carry another request after this response.
    package let isPersistent: Bool
    package let minorVersion: Int
    /// `Connection` names fields that go no further.
    package let hasConnectionOptions: Bool

    init(
        status: Int, reason: [UInt8], fields: Fields, framing: BodyFraming, isPersistent: Bool, minorVersion: Int,
        hasConnectionOptions: Bool
    ) {
        self.status = status
        self.reason = reason
        self.fields = fields
        self.framing = framing
        self.isPersistent = isPersistent
        self.minorVersion = minorVersion
        self.hasConnectionOptions = hasConnectionOptions
    }

    /// 1xx: another head follows.
    package var isInterim: Bool { status < 200 }

    /// Reads a head from the beginning of `bytes`, the answer to a request with this method; nil where more bytes are
    /// needed.
    package static func parse(
        _ bytes: Span<UInt8>, to method: Text, limits: HTTPLimits = .default
    ) throws(WireError) -> (head: ResponseHead, consumed: Int)? {
        guard let line = try StatusLine.scan(bytes, limits: limits),
            let section = try HeadFields.scan(bytes, from: line.end, limits: limits)
        else { return nil }
        // No upgrade is ever asked for, so none may be granted.
        guard line.status != 101 else { throw .unexpectedStatus }
        let framing = try framing(section.framing, status: line.status, to: method, minorVersion: line.minorVersion)
        let head = ResponseHead(
            status: line.status, reason: reason(bytes.extracting(line.reason)), fields: section.fields,
            framing: framing,
            isPersistent: framing != .untilClose && section.framing.isPersistent(minorVersion: line.minorVersion),
            minorVersion: line.minorVersion, hasConnectionOptions: section.framing.hasOptions)
        return (head, section.end)
    }

    /// The phrase that most answers have is not made anew for each of them.
    private static func reason(_ bytes: Span<UInt8>) -> [UInt8] { bytes.isSame(as: ok.span) ? ok : bytes.copy() }
    private static let ok = Array("OK".utf8)

    /// RFC 9112 section 6.3, in its order.
    private static func framing(
        _ fields: FramingFields, status: Int, to method: Text, minorVersion: Int
    ) throws(WireError) -> BodyFraming {
        // To CONNECT, both length fields are ignored (RFC 9110 section 9.3.6).
        if method == "CONNECT", 200..<300 ~= status { return .none }
        let told = try fields.framing(minorVersion: minorVersion, ofRequest: false)
        if method == "HEAD" || status == 304 { return .none }
        if status < 200 || status == 204 {
            // A length of nothing is sent by many servers; a body is not taken from any.
            guard told == nil || told == .length(0) else { throw .unexpectedBody }
            return .none
        }
        return told ?? .untilClose
    }
}

/// `HTTP/1.x 200 reason` (RFC 9112 section 4). The space before an empty reason is not insisted on.
private struct StatusLine {
    let status: Int
    let reason: Range<Int>
    let minorVersion: Int
    /// The first byte after the line end.
    let end: Int

    static func scan(_ bytes: borrowing Span<UInt8>, limits: HTTPLimits) throws(WireError) -> StatusLine? {
        guard let minor = try HTTPVersion.scan(bytes, at: 0) else { return nil }
        var cursor = HTTPVersion.length
        guard cursor &+ 5 <= bytes.count else { return nil }
        guard bytes[cursor] == 0x20 else { throw .malformedStartLine }
        var status = 0
        for index in cursor &+ 1...cursor &+ 3 {
            guard ByteClass.isDigit(bytes[index]) else { throw .malformedStartLine }
            status = status &* 10 &+ Int(bytes[index] &- 0x30)
        }
        guard 100..<600 ~= status else { throw .unexpectedStatus }
        cursor &+= 4
        if bytes[cursor] == 0x20 { cursor &+= 1 } else if bytes[cursor] != 0x0D { throw .malformedStartLine }
        let reasonStart = cursor
        let limit = min(bytes.count, limits.startLineBytes)
        while cursor < limit, ByteClass.isFieldText(bytes[cursor]) { cursor &+= 1 }
        guard cursor < limit || bytes.count < limits.startLineBytes else {
            throw .startLineTooLong(limit: limits.startLineBytes)
        }
        guard try bytes.endsLine(at: cursor, else: .malformedStartLine) else { return nil }
        return StatusLine(status: status, reason: reasonStart..<cursor, minorVersion: minor, end: cursor &+ 2)
    }
}
