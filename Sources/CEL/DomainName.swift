/// Names of hosts, and what addresses of mail have of them.
enum DomainName {
    /// Whether a host is a domain or in it: `api.example.com` is in `example.com`, `notexample.com` is not.
    static func isWithin(_ host: ByteString, _ domain: ByteString) -> Bool {
        let (inner, outer) = (canonical(host), canonical(domain))
        guard !outer.isEmpty, outer.first != UInt8(ascii: "."), inner.count >= outer.count,
            inner.suffix(outer.count).elementsEqual(outer)
        else { return false }
        return inner.count == outer.count || inner[inner.count - outer.count - 1] == UInt8(ascii: ".")
    }

    /// The domain of an address of mail; nil where it is not one address and nothing else.
    static func ofAddress(_ address: ByteString) -> ByteString? {
        let parts = address.slice.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            !address.slice.contains(where: { $0 <= 0x20 || $0 == 0x7F || "<>,;:\"()[]\\".utf8.contains($0) })
        else { return nil }
        let domain = canonical(ByteString(Array(parts[1])))
        return domain.isEmpty ? nil : ByteString(domain)
    }

    private static func canonical(_ name: ByteString) -> [UInt8] {
        var bytes = name.slice.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        return bytes
    }
}
