import COpenSSL
import Synchronization

/// Random bytes from OpenSSL's generator, which the kernel seeds.
package enum SecureRandom {
    private static let pool = Mutex(RandomPool())

    package static func word() -> UInt64 { pool.withLock { $0.next() } }

    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(max(0, count))
        pool.withLock { pool in
            while bytes.count < count {
                withUnsafeBytes(of: pool.next()) { bytes.append(contentsOf: $0.prefix(count - bytes.count)) }
            }
        }
        return bytes
    }
}

/// Draws many words at once: one alone costs about half a microsecond, and each call needs two.
private struct RandomPool: Sendable {
    private static let capacity = 64
    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if words.isEmpty {
            words = [UInt64](repeating: 0, count: Self.capacity)
            let isFilled = words.withUnsafeMutableBytes { RAND_bytes($0.baseAddress, Int32($0.count)) == 1 }
            if !isFilled { words = [] }
        }
        // Where OpenSSL's generator fails, the kernel's own is asked, which does not.
        return words.popLast() ?? .random(in: .min ... .max)
    }
}
