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
}
