/// How the end of a body is told (RFC 9112 section 6).
package enum BodyFraming: Hashable, Sendable {
    case none
    case length(UInt64)
    case chunked
    /// Responses only: the body ends with the connection.
    case untilClose
}
