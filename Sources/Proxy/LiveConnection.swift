import Calls
import Synchronization
import System
import Wire

/// An agent's connection as its session knows it: whose it is, and how it is closed from elsewhere.
///
/// Confined to its loop but for `close`.
final class LiveConnection: @unchecked Sendable {
    private let loop: EventLoop
    /// Let go on the loop, whoever else still has this object.
    private var socket: Socket?
    /// Later ones have larger numbers.
    let number = LiveConnection.count.add(1, ordering: .relaxed).newValue
    private static let count = Atomic<UInt64>(0)
    /// Whose it is by the account that made it; nil where that proves nothing.
    let account: UInt32?
    /// Whose calls it carries now.
    private(set) var session: Session
    /// The token that proved it, as it was sent, and when that was looked at.
    var proof: (value: ArraySlice<UInt8>, version: Int)?
    /// The label that was seen last.
    private var label: ArraySlice<UInt8>?
    /// It was closed by somebody else than its agent: what was read from it already is not carried out.
    private(set) var isClosed = false

    /// - Parameter session: not joined yet.
    init(_ socket: Socket, of account: UInt32?, in session: Session) {
        loop = socket.loop
        self.socket = socket
        self.account = account
        self.session = session
    }

    /// Ends it now where it waits for a request, else with the answer to the one that it carries, which has `grace`
    /// milliseconds for that. From any thread.
    func close(grace: Int64 = 0) {
        loop.spawn { [self] in
            isClosed = true
            guard grace > 0 else { return cut() }
            socket?.interruptIdle()
            loop.timer(at: loop.now + grace) { self.cut() }
        }
    }

    private func cut() { socket?.shutDown() }

    /// Nothing more is read from it. On its loop.
    func giveUp() { isClosed = true }

    /// The agent or the gate has ended it.
    func end() {
        socket = nil
        session.leave(self)
    }

    /// Leaves the session it was in; the other one knows of it already.
    func join(_ other: Session) {
        if session !== other { session.leave(self) }
        session = other
        label = nil
    }

    /// Takes note of what the agent calls its run. It is shown, and means nothing.
    func note(_ head: RequestHead) {
        guard let label = head.fields.first("tiergate-session") ?? head.fields.first("mcp-session-id") else { return }
        guard label != self.label else { return }
        self.label = Array(label)[...]
        session.note(label)
    }
}
