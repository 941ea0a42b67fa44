import Crypto

/// A key store in Java's own format (JKS version 2) that holds nothing but certificates.
enum JavaKeyStore {
    /// What every Java opens its own store with; it protects nothing.
    static let password = "changeit"

    private static let magic: UInt32 = 0xFEED_FEED
    private static let trustedCertificate: UInt32 = 2

    /// - Parameter aliases: each certificate's name in the store, which has to be its own.
    static func bytes(_ certificates: [(alias: String, certificate: RootCertificate)], created: UInt64) -> [UInt8] {
        var output: [UInt8] = []
        output.append(magic)
        output.append(UInt32(2))
        output.append(UInt32(certificates.count))
        for (alias, certificate) in certificates {
            output.append(trustedCertificate)
            output.append(text: alias)
            output.append(created)
            output.append(text: "X.509")
            output.append(UInt32(certificate.der.count))
            output += certificate.der
        }
        return output + digest(of: output)
    }

    /// The trusted certificates of a store; nil where it is of another format, cut, or was altered.
    static func certificates(in store: [UInt8]) -> [RootCertificate]? {
        let content = Array(store.dropLast(20))
        guard digest(of: content).elementsEqual(store.suffix(20)) else { return nil }
        var reader = BigEndianReader(content)
        // Version 1 spells no kind of certificate and has not been written since Java 1.2.
        guard reader.integer() == magic, reader.integer() == 2, let count = reader.integer() else { return nil }
        var found: [RootCertificate] = []
        for _ in 0..<count {
            // Another kind is a private key: none of ours, and a store of roots has none.
            guard reader.integer() == trustedCertificate, reader.text() != nil, reader.skip(8), reader.text() != nil,
                let length = reader.integer(), let der = reader.bytes(Int(length))
            else { return nil }
            if let certificate = RootCertificate(der: Array(der)) { found.append(certificate) }
        }
        return found
    }

    /// SHA-1 over the password in UTF-16, a phrase of the format's author's, and the content.
    private static func digest(of content: [UInt8]) -> [UInt8] {
        let password = password.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        return SHA1.digest(password + Array("Mighty Aphrodite".utf8) + content)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ integer: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: integer.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: integer >> shift))
        }
    }

    /// With its length in 16 bits; ASCII only, where Java's own UTF-8 is the usual one.
    fileprivate mutating func append(text: String) {
        let ascii = text.utf8.prefix { $0 < 0x80 }.prefix(Int(UInt16.max))
        append(UInt16(ascii.count))
        append(contentsOf: ascii)
    }
}

private struct BigEndianReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func skip(_ count: Int) -> Bool { bytes(count) != nil }

    mutating func integer() -> UInt32? { bytes(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }

    mutating func text() -> ArraySlice<UInt8>? {
        guard let length = bytes(2) else { return nil }
        return bytes(length.reduce(0) { $0 << 8 | Int($1) })
    }
}
