import System

/// A gate whose held calls wait on their connections until somebody decides.
struct HeldGate {
    let program: Program
    let peer: Peer
    let operators: OperatorLine

    /// - Parameter calls: that may wait at the same time.
    init(_ site: Site, ports: inout Ports, program: String?, calls: Int, on loop: EventLoop) throws {
        let most = calls + 100
        let gate = try GatePeer(
            site, ports: &ports, program: program,
            hold: "{wait: 1 h, max_waiting: \(most), max_pending_per_session: \(most)}")
        let started = try gate.peer.start()
        guard let started else { throw BenchFailure("there is no gate") }
        self.program = started
        peer = gate.peer
        let socket = gate.operatorSocket
        let end = Moment.now() + 30
        while true {
            if let operators = try? loop.finish({ try await OperatorLine(socket, on: loop) }) {
                self.operators = operators
                return
            }
            guard !started.hasEnded, Moment.now() < end else {
                throw BenchFailure("the gate did not start: \(started.lastWords)")
            }
            try Interruption.pause(milliseconds: 20)
        }
    }
}
