import System

/// Connecting to one of several addresses: the next is tried while the last has not answered yet, and the first that
/// takes the connection wins (RFC 8305 section 5, "Happy Eyeballs").
///
/// Confined to its loop, as the attempts are.
final class ConnectRace: @unchecked Sendable {
    /// From one attempt to the next, where the first has neither failed nor succeeded.
    static let stagger: Int64 = 250

    private struct Attempt {
        let address: SocketAddress
        let socket: Socket
    }

    private let loop: EventLoop
    private var untried: ArraySlice<SocketAddress>
    private var running: [ObjectIdentifier: Attempt] = [:]
    private var winner: Attempt?
    private var isTurnOfNext = false
    private var waiter: UnsafeContinuation<Void, Never>?
    private var reason: IOError?
    /// Addresses that did not take the connection, or not before one that was tried later.
    private(set) var losers: [SocketAddress] = []

    init(_ addresses: [SocketAddress], on loop: EventLoop) {
        self.loop = loop
        untried = addresses[...]
    }

    var isOver: Bool { untried.isEmpty }

    /// The next connection; those that were slower are closed. Asked again, it goes on with the addresses that were not
    /// tried: of a connection that came to nothing after all.
    func next(by deadline: Int64) async throws(IOError) -> (address: SocketAddress, socket: Socket) {
        if untried.count == 1, let address = untried.popFirst() {
            return (address, try await connect(address, deadline))
        }
        defer { closeRunning() }
        isTurnOfNext = true
        while true {
            if let winner {
                self.winner = nil
                return (winner.address, winner.socket)
            }
            guard loop.now < deadline else { throw .timedOut }
            if isTurnOfNext, let address = untried.popFirst() {
                isTurnOfNext = false
                start(address, by: deadline)
            } else if running.isEmpty {
                throw reason ?? .timedOut
            } else {
                await change(by: untried.isEmpty ? deadline : min(deadline, loop.now + ConnectRace.stagger))
            }
        }
    }

    private func connect(_ address: SocketAddress, _ deadline: Int64) async throws(IOError) -> Socket {
        do throws(IOError) {
            return try await Socket.connect(to: address, on: loop, by: deadline)
        } catch {
            losers.append(address)
            throw error
        }
    }

    private func start(_ address: SocketAddress, by deadline: Int64) {
        let socket: Socket
        do throws(IOError) {
            socket = try Socket.begin(to: address, on: loop)
        } catch {
            return fail(address, error)
        }
        let attempt = Attempt(address: address, socket: socket)
        running[ObjectIdentifier(socket)] = attempt
        loop.spawn { [self] in await finish(attempt, by: deadline) }
    }

    private func finish(_ attempt: Attempt, by deadline: Int64) async {
        do throws(IOError) {
            try await attempt.socket.finishConnecting(by: deadline)
            // Whoever comes second is closed with the rest.
            guard running.removeValue(forKey: ObjectIdentifier(attempt.socket)) != nil, winner == nil else { return }
            winner = attempt
            wake()
        } catch {
            guard running.removeValue(forKey: ObjectIdentifier(attempt.socket)) != nil else { return }
            fail(attempt.address, error)
        }
    }

    private func fail(_ address: SocketAddress, _ error: IOError) {
        losers.append(address)
        reason = error
        isTurnOfNext = true
        wake()
    }

    private func closeRunning() {
        for attempt in running.values {
            losers.append(attempt.address)
            attempt.socket.abandon()
        }
        running = [:]
    }

    private func wake() {
        let waiting = waiter
        waiter = nil
        waiting?.resume()
    }

    private func change(by moment: Int64) async {
        guard winner == nil, !isTurnOfNext else { return }
        var timer: LoopTimer?
        await withUnsafeContinuation { continuation in
            waiter = continuation
            timer = loop.timer(at: moment) { [weak self] in
                self?.isTurnOfNext = true
                self?.wake()
            }
        }
        timer?.cancel()
    }
}
