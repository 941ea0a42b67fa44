import Calls
package import JSON

/// Where a site has a server of the Model Context Protocol, and what its rules call it.
package struct MCPServer: Hashable, Sendable {
    package let name: Text
    /// Whom calls over http are for; nil where the place is one of https alone, and the other way round.
    private let plain: Authority?
    private let secure: Authority?
    /// What the path of its calls begins with.
    let path: [Text]

    package static let longestName = 128

    /// - Parameter place: `host[:port][/path]`, for both schemes and without a port for the usual one of each; behind
    ///   `http://` or `https://` for that one alone. Nil where it is none of these, or the name is none.
    package init?(_ name: Text, at place: Text) {
        guard MCPServer.isName(name) else { return nil }
        let (plain, secure): (Target?, Target?)
        if isPrefixed(place.bytes[...], "http://") {
            (plain, secure) = (MCPServer.target(place), nil)
        } else if isPrefixed(place.bytes[...], "https://") {
            (plain, secure) = (nil, MCPServer.target(place))
        } else {
            (plain, secure) = (MCPServer.target(Text("http://\(place)")), MCPServer.target(Text("https://\(place)")))
        }
        guard let target = secure ?? plain, !target.spelling.utf8.contains(0x3F) else { return nil }
        self.name = name
        self.plain = plain?.authority
        self.secure = secure?.authority
        path = target.segments.last?.isEmpty == true ? target.segments.dropLast() : target.segments
    }

    private static func target(_ url: Text) -> Target? {
        try? TargetReader.read(url, hostField: nil, scheme: nil, tunnel: nil, isSigned: false)
    }

    /// Letters, digits, dots, dashes and underscores: a name that looks like another must be spelled otherwise.
    private static func isName(_ name: Text) -> Bool {
        (1...longestName).contains(name.utf8.count) && name.utf8.allSatisfy(ByteClass.hostName.contains)
    }

    func covers(_ target: Target) -> Bool {
        target.authority == (target.scheme == .https ? secure : plain) && target.segments.starts(with: path)
    }
}
