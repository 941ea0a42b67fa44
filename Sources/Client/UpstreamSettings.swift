package import Crypto
package import System

/// How upstreams are reached; the settings `upstream.*`, and the time each phase may take.
package struct UpstreamSettings: Sendable {
    /// Ranges that names may lead to beside the public addresses.
    package var allow: [AddressRange] = []
    /// Names answered from here instead of by the resolver.
    package var resolve: [NameOverride] = []
    /// Addresses that are this gate's own: never connected to.
    package var own: [SocketAddress] = []
    /// The way to upstreams; nil is straight.
    package var proxy: UpstreamProxy?
    /// Upstreams that the gate shows a certificate of its own; the first that covers a host counts.
    package var identities: [Identity] = []

    /// Until a name server has answered.
    package var resolveTime: Int64 = 10_000
    /// Until one address has taken the connection, and a proxy has opened the way.
    package var connectTime: Int64 = 10_000
    package var handshakeTime: Int64 = 10_000
    /// Between two pieces that the upstream takes.
    package var writeTime: Int64 = 60_000
    /// To the head of the answer; models think for minutes.
    package var answerTime: Int64 = 600_000
    /// Between two pieces of the answer.
    package var readTime: Int64 = 300_000

    /// How long a connection that nobody uses is kept, and how many of them each event loop keeps.
    package var idleTime: Int64 = 55_000
    package var idlePerAuthority = 64
    package var idleTotal = 1024

    package init() {}

    package func time(of phase: UpstreamPhase) -> Int64 {
        switch phase {
        case .resolve: resolveTime
        case .connect: connectTime
        case .handshake: handshakeTime
        case .write: writeTime
        case .head: answerTime
        case .body: readTime
        }
    }

    /// Why a phase after the first byte ended, as the journal and the agent are told.
    package func spoken(_ error: IOError, in phase: UpstreamPhase) -> String {
        guard error == .timedOut else { return "\(phase == .write ? "sending" : "reading the answer"): \(error)" }
        return
            "timed out: the upstream was reached, and \(phase.description) for \(UpstreamSettings.words(time(of: phase))) (\(phase.setting))"
    }

    private static func words(_ time: Int64) -> String { time % 1000 == 0 ? "\(time / 1000) s" : "\(time) ms" }

    /// Who the gate is to some upstreams (mutual TLS).
    package struct Identity: Sendable {
        let hosts: NamePattern
        let context: TLSClientContext

        package init(hosts: NamePattern, context: TLSClientContext) {
            self.hosts = hosts
            self.context = context
        }
    }
}
