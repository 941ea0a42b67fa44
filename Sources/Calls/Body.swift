/// The bytes that follow a head.
package enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// Read whole into a sealed file; `name` is the spool's own.
    case spooled(name: String, length: Int, digest: Digest)
    /// Still on the wire, after the first part: only for a call that passes and that nobody needs the rest of.
    /// `length` is nil where it comes in chunks.
    case streamed(length: UInt64?)

    /// Bytes known to follow, nil where only the wire will tell.
    package var length: UInt64? {
        switch self {
        case .none: 0
        case .bytes(let bytes): UInt64(bytes.count)
        case .spooled(_, let length, _): UInt64(length)
        case .streamed(let length): length
        }
    }
}
