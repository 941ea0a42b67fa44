import Calls
import Glibc
import Jail
import Operators
import Proxy
import System

/// Where jails of the gate's own account come to a gate that runs already (`tiergate run` beside `tiergate serve`).
final class JailDoor: Sendable {
    /// Jails at a time; further ones are turned away.
    static let most = 1024

    private let listener: CInt
    private let server: ProxyServer
    private let agents: AgentProcesses

    /// - Parameter agents: is told of each `tiergate run`, whose children are an agent's.
    init(_ server: ProxyServer, _ agents: AgentProcesses, state: String) throws(IOError) {
        self.server = server
        self.agents = agents
        listener = try JailOffer.listen(in: state)
    }

    /// On a thread of its own until the process ends: there is little to do, and it may wait.
    func serve() throws(IOError) {
        try WorkerThread.spawn("jails") { [self] in
            var jails: [(connection: CInt, session: SessionID, interception: Interception, run: Int32)] = []
            while true {
                var watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
                watched += jails.map { pollfd(fd: $0.connection, events: Int16(POLLIN), revents: 0) }
                guard poll(&watched, nfds_t(watched.count), -1) > 0 else { continue }
                // A jail says nothing more: whatever comes is its end.
                for index in jails.indices.reversed() where watched[index + 1].revents != 0 {
                    let gone = jails.remove(at: index)
                    gone.interception.end()
                    agents.remove(gone.run)
                    server.sessions.declare(nil, for: gone.session)
                    close(gone.connection)
                }
                if watched[0].revents != 0, let connection = JailOffer.accept(listener) {
                    if jails.count < JailDoor.most, let (session, interception, run) = admit(connection) {
                        jails.append((connection, session, interception, run))
                        JailOffer.accepted(connection)
                    } else {
                        close(connection)
                    }
                }
            }
        }
    }

    private func admit(_ connection: CInt) -> (SessionID, Interception, Int32)? {
        guard let peer = try? PeerCredentials(of: connection), peer.uid == Accounts.effectiveUser,
            let offer = JailOffer(from: connection)
        else { return nil }
        let taken = try? InterceptedListeners(
            .transparent, of: .session(SessionID(offer.session)), adopting: offer.listeners.streams,
            datagrams: offer.listeners.datagrams, nameStreams: offer.listeners.nameStreams)
        guard let taken else { return nil }
        let session = SessionID(offer.session)
        server.sessions.declare(Autonomy(rawValue: offer.autonomy), for: session)
        agents.add(peer.pid)
        return (session, server.intercept(taken), peer.pid)
    }
}
