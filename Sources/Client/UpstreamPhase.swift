/// What an exchange with an upstream goes through, each with a time of its own.
package enum UpstreamPhase: String, Hashable, Sendable, CaseIterable {
    case resolve, connect, handshake, write, head, body

    /// What an operator changes.
    package var setting: String { "upstream.timeouts.\(rawValue)" }

    /// What did not happen in time.
    package var description: String {
        switch self {
        case .resolve: "its name was not resolved"
        case .connect: "it did not take the connection"
        case .handshake: "it did not finish the TLS handshake"
        case .write: "it took no more of the request"
        case .head: "it did not begin to answer"
        case .body: "it sent no more of its answer"
        }
    }
}
