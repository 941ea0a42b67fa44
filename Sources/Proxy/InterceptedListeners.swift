package import Calls
package import System

/// The sockets at which the kernel brings what an agent meant for others: its connections and its questions for names.
///
/// Given to `ProxyServer.intercept`, which owns them from then on.
package struct InterceptedListeners: Sendable {
    /// How a connection says where it was going.
    package enum Kind: Sendable {
        /// Its own address here is where it was going (TPROXY).
        case transparent
        /// The connection tracker remembers it (REDIRECT, `SO_ORIGINAL_DST`).
        case redirected
        /// Whoever connected it in the program's stead knows it, by the address that it comes from (`destination`).
        case supervised
    }

    /// Whose everything is that comes in here.
    package enum Identity: Sendable {
        /// One session's, because nobody else can reach these sockets (a jail).
        case session(SessionID)
        /// That of the account which made the socket, by the kernel's word.
        case accounts
        /// The same, and each control group of an account is a run of its own (the containers of a pod).
        case controlGroups
    }

    let kind: Kind
    let identity: Identity
    /// Connections of any kind.
    let streams: [Listener]
    /// Questions for names over UDP, and over TCP.
    let datagrams: [DatagramSocket]
    let nameStreams: [Listener]
    let destination: @Sendable (SocketAddress) -> SocketAddress?

    package init(
        _ kind: Kind, of identity: Identity, streams: [Listener], datagrams: [DatagramSocket], nameStreams: [Listener],
        destination: @escaping @Sendable (SocketAddress) -> SocketAddress? = { _ in nil }
    ) {
        self.kind = kind
        self.identity = identity
        self.streams = streams
        self.datagrams = datagrams
        self.nameStreams = nameStreams
        self.destination = destination
    }

    /// Takes over sockets that are bound and, for TCP, listen already; all are closed where one cannot be used.
    package init(
        _ kind: Kind, of identity: Identity, adopting streams: [CInt], datagrams: [CInt], nameStreams: [CInt],
        destination: @escaping @Sendable (SocketAddress) -> SocketAddress? = { _ in nil }
    ) throws(IOError) {
        let listeners = streams.map { raw in Result { () throws(IOError) in try Listener(adopting: raw) } }
        let sockets = datagrams.map { raw in Result { () throws(IOError) in try DatagramSocket(adopting: raw) } }
        let others = nameStreams.map { raw in Result { () throws(IOError) in try Listener(adopting: raw) } }
        self.init(
            kind, of: identity, streams: try listeners.map { result throws(IOError) in try result.get() },
            datagrams: try sockets.map { result throws(IOError) in try result.get() },
            nameStreams: try others.map { result throws(IOError) in try result.get() }, destination: destination)
    }

    func end() {
        for listener in streams + nameStreams { listener.end() }
        for socket in datagrams { socket.end() }
    }
}
