import COpenSSL
package import Calls

/// SHA-256 in steps; a copy goes its own way from where it was taken.
package struct SHA256: Sendable {
    private var context = SHA256_CTX()

    package init() { SHA256_Init(&context) }

    package mutating func update(_ bytes: Span<UInt8>) {
        _ = bytes.withUnsafeBytes { SHA256_Update(&context, $0.baseAddress, $0.count) }
    }

    package mutating func update(_ bytes: [UInt8]) { update(bytes.span) }
    package mutating func update(_ bytes: ArraySlice<UInt8>) { update(bytes.span) }
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA256_Update(&context, bytes.baseAddress, bytes.count)
    }

    /// The digest of everything so far; more may follow.
    package func finalize() -> Digest {
        var copy = context
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
            SHA256_Final(buffer.baseAddress, &copy)
            count = Int(SHA256_DIGEST_LENGTH)
        }
        guard let digest = Digest(bytes) else { preconditionFailure("SHA-256 has 32 bytes") }
        return digest
    }

    package static func digest(_ bytes: Span<UInt8>) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalize()
    }

    package static func digest(_ bytes: [UInt8]) -> Digest { digest(bytes.span) }

    /// The digest in small hexadecimal digits, in place of those that are there: the journal needs two for every call.
    package static func hexadecimal(_ bytes: Span<UInt8>, into digits: inout [UInt8]) {
        var hash = SHA256()
        hash.update(bytes)
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var span = digest.mutableSpan
        _ = span.withUnsafeMutableBufferPointer { SHA256_Final($0.baseAddress, &hash.context) }
        if digits.count != 64 { digits = [UInt8](repeating: 0, count: 64) }
        var places = digits.mutableSpan
        for index in digest.indices {
            places[2 * index] = digit(digest[index] >> 4)
            places[2 * index + 1] = digit(digest[index] & 15)
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }
}
