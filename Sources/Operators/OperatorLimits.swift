package import Calls
package import Wire

/// How much one operator socket takes.
package struct OperatorLimits: Sendable {
    /// Connections at the same time; one more is told so and closed.
    package var connections = 64
    package var head = HTTPLimits(startLineBytes: 4 << 10, headBytes: 16 << 10, fields: 64)
    package var bodyBytes = 64 << 10
    /// Milliseconds in which what comes after a refused request is taken and thrown away, so that the refusal is read.
    package var lingerTime: Int64 = 3_000
    /// Milliseconds between two requests of one connection.
    package var idleTime: Int64 = 60_000
    /// Milliseconds for a request to arrive, and for its answer to be taken.
    package var requestTime: Int64 = 10_000
    /// Holds in one list, whatever `limit` asks for.
    package var listed = 1000
    /// What a reason may have; the agent and the journal get all of it.
    package var reasonBytes = 2000

    /// How old a signature's nonce may be.
    package var nonceLife = Interval.minutes(5)
    /// Nonces that are out at the same time, of all and of one account; the oldest makes room.
    package var nonces = 4096
    package var noncesPerAccount = 64
    /// What a signature may have; one of RSA with a certificate has a few thousand.
    package var signatureBytes = 16 << 10

    package init() {}
}
