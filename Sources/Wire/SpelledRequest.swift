package import JSON

extension RequestHead {
    /// The head of a request that is told in words (a rule test, a line of recorded calls), read by the very reader of
    /// the wire: what could not have come over a connection is refused here too.
    ///
    /// - Parameters:
    ///   - url: as spelled; absolute, or `host:port` for CONNECT.
    ///   - fields: in order; `Host` is taken from the URL where it is not among them.
    ///   - bodyLength: bytes of the body, nil where there is none.
    package static func spelled(
        method: Text, url: Text, fields: [(name: String, value: String)], bodyLength: Int?
    ) throws(WireError) -> RequestHead {
        guard !method.utf8.contains(where: endsLine) else { throw .malformedMethod }
        guard !url.utf8.contains(where: endsLine) else { throw .malformedTarget }
        var bytes = Array("\(method) \(url) HTTP/1.1\r\n".utf8)
        func has(_ name: String) -> Bool { fields.contains { smallLetters($0.name.utf8) == name } }
        if !has("host") { bytes += "Host: \(host(of: url))\r\n".utf8 }
        for (name, value) in fields {
            guard !name.utf8.contains(where: endsLine) else { throw .malformedFieldName }
            guard !value.utf8.contains(where: endsLine) else { throw .malformedFieldValue }
            bytes += "\(name): \(value)\r\n".utf8
        }
        if let bodyLength, !has("content-length"), !has("transfer-encoding") {
            bytes += "Content-Length: \(bodyLength)\r\n".utf8
        }
        bytes += "\r\n".utf8
        // Every line is whole, so an incomplete head means that a line was read as something else.
        guard let result = try parse(bytes.span), result.consumed == bytes.count else { throw .malformedStartLine }
        return result.head
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A }

    /// What stands between `//` and the path.
    private static func host(of url: Text) -> Text {
        let bytes = url.bytes
        let start = bytes.firstIndex(of: 0x2F).map { min($0 + 2, bytes.count) } ?? 0
        let end = bytes[start...].firstIndex { $0 == 0x2F || $0 == 0x3F } ?? bytes.endIndex
        return Text(String(decoding: bytes[start..<end], as: UTF8.self))
    }
}
