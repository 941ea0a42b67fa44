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
    /// Milliseconds until it is tried again to take one where that failed.
    private static let pause: CInt = 1000

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
            var jails: [Admitted] = []
            // Not where there was no descriptor for the next one: it would be readable all the time.
            var isListening = true
            while true {
                var watched = [pollfd(fd: isListening ? listener : -1, events: Int16(POLLIN), revents: 0)]
                watched += jails.map { pollfd(fd: $0.connection, events: Int16(POLLIN), revents: 0) }
                let found = poll(&watched, nfds_t(watched.count), isListening ? -1 : JailDoor.pause)
                isListening = true
                guard found > 0 else { continue }
                // A jail says nothing more: whatever comes is its end.
                for index in jails.indices.reversed() where watched[index + 1].revents != 0 {
                    let gone = jails.remove(at: index)
                    gone.interception.end()
                    agents.remove(gone.run)
                    server.sessions.declare(nil, for: gone.session)
                    close(gone.connection)
                }
                guard watched[0].revents != 0 else { continue }
                guard let connection = JailOffer.accept(listener) else {
                    isListening = false
                    continue
                }
                if jails.count < JailDoor.most, let jail = admit(connection, beside: jails) {
                    jails.append(jail)
                    JailOffer.answer(.taken, to: connection)
                } else {
                    close(connection)
                }
            }
        }
    }

    private struct Admitted {
        let connection: CInt
        let session: SessionID
        let interception: Interception
        let run: Int32
    }

    private func admit(_ connection: CInt, beside others: [Admitted]) -> Admitted? {
        guard let peer = try? PeerCredentials(of: connection), peer.uid == Accounts.effectiveUser,
            let offer = JailOffer(from: connection)
        else { return nil }
        let session = SessionID(offer.session)
        guard !others.contains(where: { $0.session == session }) else {
            offer.withdraw()
            JailOffer.answer(.sessionIsThere, to: connection)
            return nil
        }
        let taken = try? InterceptedListeners(
            .transparent, of: .session(session), adopting: offer.listeners.streams,
            datagrams: offer.listeners.datagrams, nameStreams: offer.listeners.nameStreams)
        guard let taken else { return nil }
        server.sessions.declare(Autonomy(rawValue: offer.autonomy), for: session)
        agents.add(peer.pid)
        return Admitted(
            connection: connection, session: session, interception: server.intercept(taken), run: peer.pid)
    }
}
