package import Calls
import JSON

extension Authority {
    /// Reads `host:port` into the one spelling that rules, certificates and the resolver see.
    ///
    /// - Parameter defaultPort: stands where the port is left out; nil where it must be there, as with CONNECT.
    package static func read(
        _ bytes: some Collection<UInt8>, defaultPort: UInt16? = nil
    ) throws(WireError) -> Authority {
        let text = Array(bytes)[...]
        guard text.first == 0x5B else {
            let colon = text.firstIndex(of: 0x3A) ?? text.endIndex
            let (host, isLiteral) = try readName(text[..<colon])
            return Authority(host: host, port: try readPort(text[colon...], defaultPort), isLiteral: isLiteral)
        }
        guard let bracket = text.firstIndex(of: 0x5D), let host = IPLiteral.canonicalIPv6(text[1..<bracket]) else {
            throw .malformedHost
        }
        return Authority(
            host: Text(host), port: try readPort(text[(bracket + 1)...], defaultPort), isLiteral: true)
    }

    /// A name in small letters without its trailing dot, or an IPv4 address in its canonical spelling.
    private static func readName(_ raw: ArraySlice<UInt8>) throws(WireError) -> (Text, isLiteral: Bool) {
        let name = raw.last == 0x2E ? raw.dropLast() : raw
        // RFC 1035 section 2.3.4: 253 letters as text, 63 to a label.
        guard !name.isEmpty, name.count <= 253, name.allSatisfy(ByteClass.hostName.contains) else {
            throw .malformedHost
        }
        let labels = name.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard labels.allSatisfy({ !$0.isEmpty && $0.count <= 63 }) else { throw .malformedHost }
        let small = name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }[...]
        let isNumber = IPLiteral.endsInNumber(small)
        guard !isNumber || IPLiteral.isCanonicalIPv4(small) else { throw .malformedHost }
        return (Text(String(decoding: small, as: UTF8.self)), isNumber)
    }

    /// What follows the host: nothing, or a colon and a decimal number without zeros in front.
    private static func readPort(_ text: ArraySlice<UInt8>, _ defaultPort: UInt16?) throws(WireError) -> UInt16 {
        guard let colon = text.first else {
            guard let defaultPort else { throw .malformedHost }
            return defaultPort
        }
        let digits = text.dropFirst()
        guard colon == 0x3A, let first = digits.first, first != 0x30, digits.count <= 5,
            digits.allSatisfy(ByteClass.isDigit),
            let port = UInt16(exactly: digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })
        else { throw .malformedHost }
        return port
    }
}
