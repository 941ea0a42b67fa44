package import Calls

/// HMAC with SHA-256 (RFC 2104) under one key, whose two padded blocks are hashed once.
package struct HMAC: Sendable {
    private static let blockSize = 64

    private let inner: SHA256
    private let outer: SHA256

    package init(key: [UInt8]) {
        var block = key.count > Self.blockSize ? SHA256.digest(key).bytes : key
        block.append(contentsOf: repeatElement(0, count: Self.blockSize - block.count))
        var inner = SHA256()
        inner.update(block.map { $0 ^ 0x36 })
        self.inner = inner
        var outer = SHA256()
        outer.update(block.map { $0 ^ 0x5C })
        self.outer = outer
    }

    package func authenticate(_ bytes: Span<UInt8>) -> Digest {
        var inner = inner
        inner.update(bytes)
        var outer = outer
        outer.update(inner.finalize().bytes)
        return outer.finalize()
    }

    package func authenticate(_ bytes: [UInt8]) -> Digest { authenticate(bytes.span) }
}

/// Compares two secrets without telling by the time taken where they differ; the lengths are not secret.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
}
