/// How much a JSON document may ask of its reader.
package struct JSONLimits: Sendable {
    /// Containers inside one another.
    package var depth: Int
    /// Values of every kind, containers included, keys not.
    package var values: Int
    /// Bytes of the document; offsets are kept in 32 bits, so more than 4 GiB is never read.
    package var bytes: Int

    package init(depth: Int = 64, values: Int = 65_536, bytes: Int = 64 << 20) {
        self.depth = depth
        self.values = values
        self.bytes = min(bytes, Int(UInt32.max) - 1)
    }

    package static let `default` = JSONLimits()
}
