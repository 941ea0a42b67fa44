package import Calls
package import JSON

/// A request's start line and fields as received, with what they say about framing.
package final class RequestHead: Sendable {
    package let method: Text
    /// The request target as spelled, unread: origin, absolute, authority or asterisk form.
    package let target: Text
    package let fields: Fields
    package let framing: BodyFraming
    /// Whether the connection may carry another request after this one.
    package let isPersistent: Bool
    package let expectsContinue: Bool
    package let minorVersion: Int

    init(
        method: Text, target: Text, fields: Fields, framing: BodyFraming, isPersistent: Bool, expectsContinue: Bool,
        minorVersion: Int
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.framing = framing
        self.isPersistent = isPersistent
        self.expectsContinue = expectsContinue
        self.minorVersion = minorVersion
    }

    /// What a connection must still know of a request that was read whole.
    package var withoutFields: RequestHead {
        RequestHead(
            method: method, target: "", fields: Fields(), framing: framing, isPersistent: isPersistent,
            expectsContinue: expectsContinue, minorVersion: minorVersion)
    }

    /// Reads a head from the beginning of `bytes`; nil where more of them are needed.
    package static func parse(
        _ bytes: Span<UInt8>, limits: HTTPLimits = .default
    ) throws(WireError) -> (head: RequestHead, consumed: Int)? {
        guard let line = try RequestLine.scan(bytes, limits: limits),
            let section = try HeadFields.scan(bytes, from: line.end, limits: limits)
        else { return nil }
        let facts = section.framing
        let minorVersion = line.minorVersion
        let framing = try facts.framing(minorVersion: minorVersion, ofRequest: true)
        guard facts.hosts == 1 || minorVersion == 0 else { throw .missingHost }
        guard !facts.upgrades else { throw .unsupportedUpgrade }
        guard let method = bytes.extracting(line.method).text(), let target = bytes.extracting(line.target).text()
        else { throw .malformedStartLine }
        // CONNECT has no body, and what it would be has no meaning (RFC 9110 section 9.3.6).
        guard framing == nil || method != "CONNECT" else { throw .unexpectedBody }
        let head = RequestHead(
            method: method, target: target, fields: section.fields, framing: framing ?? .none,
            isPersistent: facts.isPersistent(minorVersion: minorVersion),
            // A 1.0 client cannot read an interim response (RFC 9110 section 10.1.1).
            expectsContinue: facts.expectations == 1 && minorVersion == 1, minorVersion: minorVersion)
        return (head, section.end)
    }
}

/// `METHOD target HTTP/1.x`, each apart by one space (RFC 9112 section 3).
private struct RequestLine {
    let method: Range<Int>
    let target: Range<Int>
    let minorVersion: Int
    /// The first byte after the line end.
    let end: Int

    static func scan(_ bytes: borrowing Span<UInt8>, limits: HTTPLimits) throws(WireError) -> RequestLine? {
        let limit = min(bytes.count, limits.startLineBytes)
        var cursor = 0
        while cursor < limit, ByteClass.token.contains(bytes[cursor]) { cursor &+= 1 }
        guard cursor < limit else { return try Self.incomplete(bytes, limits) }
        let method = 0..<cursor
        guard bytes[cursor] == 0x20, cursor > 0 else { throw .malformedMethod }
        cursor &+= 1
        let targetStart = cursor
        while cursor < limit, ByteClass.isVisible(bytes[cursor]), bytes[cursor] != 0x23 { cursor &+= 1 }
        guard cursor < limit else { return try Self.incomplete(bytes, limits) }
        guard cursor > targetStart else { throw .malformedStartLine }
        guard bytes[cursor] == 0x20 else {
            // A line that ends after the target is HTTP/0.9.
            throw bytes[cursor] == 0x0D || bytes[cursor] == 0x0A ? .unsupportedVersion : .malformedTarget
        }
        let target = targetStart..<cursor
        cursor &+= 1
        guard let minor = try HTTPVersion.scan(bytes, at: cursor) else { return nil }
        cursor &+= HTTPVersion.length
        guard cursor <= limits.startLineBytes else { throw .startLineTooLong(limit: limits.startLineBytes) }
        guard try bytes.endsLine(at: cursor, else: .malformedStartLine) else { return nil }
        return RequestLine(method: method, target: target, minorVersion: minor, end: cursor &+ 2)
    }

    private static func incomplete(_ bytes: borrowing Span<UInt8>, _ limits: HTTPLimits) throws(WireError)
        -> RequestLine?
    {
        guard bytes.count < limits.startLineBytes else { throw .startLineTooLong(limit: limits.startLineBytes) }
        return nil
    }
}
