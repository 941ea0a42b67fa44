package import System

/// An HTTP proxy on the way to upstreams; names are resolved by it, so their addresses are checked by it or by nobody.
package struct UpstreamProxy: Hashable, Sendable {
    /// A name in small letters or an address without brackets.
    package let host: String
    package let port: UInt16
    /// The value of `Proxy-Authorization`; nil where the proxy asks for nothing.
    package var authorization: [UInt8]?
    /// Hosts that are reached without it.
    package var exceptions: [Exception] = []

    /// - Parameter url: `http://host:port`. A user and a password have a file of their own: a command line and
    ///   `--print-config` are read by many.
    package init?(_ url: String) {
        guard url.hasPrefix("http://") else { return nil }
        var rest = url.dropFirst("http://".count)
        if rest.hasSuffix("/") { rest.removeLast() }
        guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
            return nil
        }
        let name = rest[..<colon].lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") {
            guard let address = IPAddress(String(name.dropFirst().dropLast())) else { return nil }
            host = address.description
        } else {
            let isName = name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
            guard isName, !name.isEmpty else { return nil }
            host = name
        }
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The longest file of credentials.
    package static let longestCredentials = 4096

    /// `user:password` as a file has it, made the value of `Proxy-Authorization` (RFC 7617); nil where it is something
    /// else.
    package static func authorization(_ file: [UInt8]) -> [UInt8]? {
        let text = file.suffix(1) == [0x0A] ? file.dropLast(file.suffix(2) == [0x0D, 0x0A] ? 2 : 1) : file[...]
        guard text.count <= longestCredentials, text.contains(0x3A), text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            return nil
        }
        return Array("Basic ".utf8) + base64(text)
    }

    private static func base64(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        var rest = bytes
        while let first = rest.popFirst() {
            let (second, third) = (rest.popFirst(), rest.popFirst())
            let word = UInt32(first) << 16 | UInt32(second ?? 0) << 8 | UInt32(third ?? 0)
            text.append(alphabet[Int(word >> 18)])
            text.append(alphabet[Int(word >> 12 & 63)])
            text.append(second == nil ? 0x3D : alphabet[Int(word >> 6 & 63)])
            text.append(third == nil ? 0x3D : alphabet[Int(word & 63)])
        }
        return text
    }

    /// A host that is reached without the proxy: a name, all under one, or an address range.
    package enum Exception: Hashable, Sendable {
        case name(NamePattern)
        case range(AddressRange)

        package init?(_ text: String) {
            if let range = AddressRange(text) {
                self = .range(range)
            } else if !text.contains("/"), !text.contains(":"), let pattern = NamePattern(text.lowercased()) {
                self = .name(pattern)
            } else {
                return nil
            }
        }

        func covers(_ host: String) -> Bool {
            switch self {
            case .name(let pattern): pattern.covers(host)
            // Of a name nobody asks the address: that is the proxy's.
            case .range(let range): IPAddress(host).map { range.contains($0) } ?? false
            }
        }
    }

    func serves(_ host: String) -> Bool { !exceptions.contains { $0.covers(host) } }
}
