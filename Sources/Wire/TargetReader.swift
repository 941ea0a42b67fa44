package import Calls
package import JSON

/// Reads a request target with its Host field into the one `Target` that is matched and sent.
package enum TargetReader {
    /// - Parameters:
    ///   - scheme: how the agent speaks inside a tunnel; outside it is nil, and the target says it.
    ///   - tunnel: whom CONNECT named, when the call came inside a tunnel.
    ///   - isSigned: whether a signature covers the path, which may then not be spelled anew.
    package static func read(
        _ raw: Text, hostField: ArraySlice<UInt8>?, scheme: Scheme?, tunnel: Authority?, isSigned: Bool
    ) throws(WireError) -> Target {
        let bytes = raw.bytes[...]
        guard let tunnel else {
            let (scheme, authority, rest) = try absoluteForm(bytes)
            try check(hostField, against: authority, scheme)
            return try target(scheme, authority, rest, spelled: nil, isSigned: isSigned)
        }
        guard bytes.first == 0x2F else { throw .unexpectedTargetForm }
        let scheme = scheme ?? .https
        try check(hostField, against: tunnel, scheme)
        return try target(scheme, tunnel, bytes, spelled: raw, isSigned: isSigned)
    }

    /// Whom a tunnel is for: CONNECT names it in its target, and a Host field, where there is one, names the same. Many
    /// clients leave the port out there.
    package static func tunnel(_ connect: RequestHead) throws(WireError) -> Authority {
        let authority = try Authority.read(connect.target.utf8)
        guard let field = connect.fields.first("host") else { return authority }
        guard try Authority.read(field, defaultPort: authority.port) == authority else { throw .misdirected }
        return authority
    }

    /// `https://host:port/path?query` (RFC 9112 section 3.2.2).
    private static func absoluteForm(
        _ bytes: ArraySlice<UInt8>
    ) throws(WireError) -> (Scheme, Authority, ArraySlice<UInt8>) {
        guard let colon = bytes.firstIndex(of: 0x3A), bytes[colon...].starts(with: "://".utf8),
            let scheme = Scheme(rawValue: smallLetters(bytes[..<colon])), scheme != .dns
        else { throw .unexpectedTargetForm }
        let start = colon + 3
        let end = bytes[start...].firstIndex { $0 == 0x2F || $0 == 0x3F } ?? bytes.endIndex
        let authority = try Authority.read(bytes[start..<end], defaultPort: scheme.defaultPort)
        return (scheme, authority, bytes[end...])
    }

    /// The Host field and the target name the same, or the call has two upstreams.
    private static func check(
        _ field: ArraySlice<UInt8>?, against authority: Authority, _ scheme: Scheme
    ) throws(WireError) {
        guard let field else { return }
        // The usual spelling; an address with colons stands in brackets, and is never it.
        if authority.port == scheme.defaultPort, field.span.isSame(as: authority.host.utf8.span) { return }
        guard try Authority.read(field, defaultPort: scheme.defaultPort) == authority else { throw .misdirected }
    }

    /// - Parameter raw: the bytes as text, where there is one.
    private static func target(
        _ scheme: Scheme, _ authority: Authority, _ bytes: ArraySlice<UInt8>, spelled raw: Text?, isSigned: Bool
    ) throws(WireError) -> Target {
        let mark = bytes.firstIndex(of: 0x3F)
        let path = bytes[..<(mark ?? bytes.endIndex)]
        let query = mark.map { bytes[$0...] } ?? []
        let reader: PathReader
        switch PathProfile(host: authority.host) {
        case .objectKeys:
            reader = try PathReader(objectKey: path.isEmpty ? [0x2F] : path)
        case let profile:
            reader = try PathReader(normalising: path, encodedSlashes: profile == .encodedSlash)
            guard !isSigned || path.isEmpty || path.elementsEqual(reader.spelling) else { throw .signedPath }
        }
        let parameters = try ParameterReader.read(query: query.dropFirst())
        // Every byte was checked to be ASCII on the way.
        let spelled = reader.isAsReceived ? bytes : reader.spelling + query
        guard let spelling = (reader.isAsReceived ? raw : nil) ?? Text(copying: spelled.span) else {
            throw .malformedTarget
        }
        return Target(
            scheme: scheme, authority: authority, segments: reader.segments, query: parameters,
            spelling: spelling)
    }
}
