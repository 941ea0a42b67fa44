/// What the load client does to a peer.
struct Workload: Sendable {
    enum Reuse: Sendable {
        /// Connections are made before the measurement, and kept.
        case kept
        /// A connection and a full handshake for each request.
        case newConnection
        /// The same, each to a name that was never seen before.
        case newName
    }

    let message: Message
    let connections: Int
    var reuse = Reuse.kept

    /// Fresh names in a measurement that goes on for long; peers that look names up in a file have so many.
    static let freshNames = 20_000

    static func freshName(_ number: Int) -> String { "n\(number).p.test" }
}
