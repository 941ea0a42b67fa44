import System

/// Ports that nobody else listens on.
struct Ports {
    /// Where connections come from, in a namespace of our own.
    static let clients: ClosedRange<UInt16> = 10_240...65_000

    private var last: UInt16 = 9500

    /// - Parameter wanted: the port in a namespace of our own.
    mutating func next(_ wanted: UInt16? = nil) throws(BenchFailure) -> UInt16 {
        if Namespace.isOwn {
            if let wanted { return wanted }
            last += 1
            return last
        }
        do throws(IOError) {
            guard case .ip(_, let port) = try Listener(.ip(.v4(0x7F00_0001), port: 0)).address else { return 0 }
            return port
        } catch {
            throw BenchFailure("no free port: \(error)")
        }
    }
}
