package import Client
package import Holds
package import System

/// What the proxy is told; the command line maps the settings file to it.
package struct ProxySettings: Sendable {
    package var listen: [SocketAddress] = [.ip(.v4(0x7F00_0001), port: 9510)]
    /// A body up to here is judged by what it says.
    package var inspectionLimit = 1 << 20
    /// A body that must be judged whole is put aside up to here.
    package var bodyLimit = 64 << 20
    /// Milliseconds that a held call waits on its connection; nil chooses by the client.
    package var wait: Int64?
    /// Memory that the bodies of all calls have together; beyond it calls are refused until others have ended.
    package var bodyMemory = 512 << 20
    /// Milliseconds from the first byte of a request's head to its last.
    package var headTime = AgentConnection.headTime
    /// Milliseconds to the first byte of an intercepted connection; in what is spoken here the client speaks first.
    package var firstByteTime = AgentConnection.firstByteTime
    /// Milliseconds that a request's body may be waited for, beside what `bodyRate` gives it.
    package var bodyTime = Exchange.bodyTime
    /// Bytes of a request's body that must come in a second of waiting, over the whole of it.
    package var bodyRate = Exchange.bodyRate
    package var workers = 1
    /// Agents' connections at a time over all workers; nil is what the process may have of descriptors without the
    /// reserve for upstreams, the store, the journal, the spool and operators.
    package var maxConnections: Int?
    package var session = SessionLimits()
    package var agents = AgentSettings()
    package var upstream = UpstreamSettings()
    package var hold = HoldSettings()
    /// A program and its arguments that is told of holds; empty: none is.
    package var notifyCommand: [String] = []
    /// From SIGTERM to the end of connections that do not end by themselves.
    package var drainTime: Int64 = 10_000

    var connectionLimit: Int { max(1, maxConnections ?? ProxySettings.connections(among: EventLoop.descriptorLimit)) }

    /// Agents' connections where the process may have so many descriptors.
    ///
    /// A call that waits for a person takes one, its agent's; it takes another while it is being sent, and few of those
    /// that wait are sent at the same time. Where the reserve is used up all the same, a call is refused and not sent.
    package static func connections(among descriptors: Int) -> Int {
        descriptors - min(max(256, descriptors / 8), descriptors / 2)
    }

    package init() {}
}
