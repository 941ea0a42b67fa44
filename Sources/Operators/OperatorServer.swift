package import Calls
package import Holds
import Synchronization
package import System

/// The operator socket: HTTP/1.1 and JSON over a Unix socket, for the commands, for `curl --unix-socket`, for scripts.
///
/// Who asks is what the kernel says about the other end, never anything that was sent.
package final class OperatorServer: Sendable {
    let gate: Gate
    let boundary: Boundary
    let access: Access
    let kinship: Kinship
    /// Nil where no signers are kept.
    let signatures: SignatureCheck?
    let nonces: Nonces
    let version: String
    let limits: OperatorLimits
    let now: @Sendable () -> Timestamp
    let health: @Sendable () -> GateHealth
    let sendNow: @Sendable (Hold) -> Void
    let stopFile: @Sendable () -> String?
    let sessions: @Sendable () -> [SessionState]
    private let connections = Atomic<Int>(0)

    /// - Parameters:
    ///   - now: the gate's own clock, so that time left is what the gate will do.
    ///   - sendNow: sends an approved hold unless an agent that waits does; called after `approve` with `now`.
    ///   - stopFile: a file that stops everything as long as it is there; nil where there is none.
    ///   - sessions: those that the gate knows of now.
    package init(
        gate: Gate, boundary: Boundary, access: Access, kinship: Kinship = Kinship(),
        signatures: SignatureCheck? = nil, version: String, limits: OperatorLimits = OperatorLimits(),
        now: @escaping @Sendable () -> Timestamp, health: @escaping @Sendable () -> GateHealth,
        sendNow: @escaping @Sendable (Hold) -> Void, stopFile: @escaping @Sendable () -> String? = { nil },
        sessions: @escaping @Sendable () -> [SessionState]
    ) {
        self.gate = gate
        self.boundary = boundary
        self.access = access
        self.kinship = kinship
        self.signatures = signatures
        nonces = Nonces(limits)
        self.version = version
        self.limits = limits
        self.now = now
        self.health = health
        self.sendNow = sendNow
        self.stopFile = stopFile
        self.sessions = sessions
    }

    /// Answers until the loop drains; each connection is a task of its own on the loop.
    ///
    /// - Parameter listener: on a Unix socket whose file's permissions say who may look.
    package func serve(listener: consuming Listener, on loop: EventLoop) async throws(IOError) {
        try await listener.accept(on: loop) { fd, _, place in
            await self.attend(fd, on: loop)
            withExtendedLifetime(place) {}
        }
    }

    private func attend(_ fd: CInt, on loop: EventLoop) async {
        // Taken over first: whatever fails after this, the descriptor is closed.
        guard let socket = try? Socket(owning: fd, on: loop), let credentials = try? PeerCredentials(of: fd) else {
            return
        }
        let peer = Peer(
            credentials, groups: PeerCredentials.groups(of: fd), objection: kinship.objection(to: credentials.pid))
        let count = connections.add(1, ordering: .relaxed).newValue
        defer { connections.subtract(1, ordering: .relaxed) }
        let connection = OperatorConnection(socket, server: self, peer: peer)
        if count > limits.connections {
            await connection.refuse(.tooManyConnections(limit: limits.connections))
        } else {
            await connection.run()
        }
    }
}

/// Who is at the other end.
package struct Peer: Sendable {
    let person: Operator
    let groups: Set<UInt32>
    /// Why its process is no person's; nil where nothing says so.
    let objection: String?

    package init(person: Operator, groups: Set<UInt32>) {
        self.person = person
        self.groups = groups
        objection = nil
    }

    init(_ credentials: PeerCredentials, groups: Set<UInt32>, objection: String?) {
        self.objection = objection
        person = Operator(uid: credentials.uid, name: Accounts.name(of: credentials.uid))
        self.groups = groups.union([credentials.gid])
    }
}
