/// Random bytes from the kernel (`getrandom`), which is what the standard library's generator asks on Linux.
package enum SecureRandom {
    package static func word() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(max(0, count))
        while bytes.count < count {
            withUnsafeBytes(of: word()) { bytes.append(contentsOf: $0.prefix(count - bytes.count)) }
        }
        return bytes
    }
}
