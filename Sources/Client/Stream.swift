package import Crypto
package import System

/// A connection as bytes in and bytes out, plain or under TLS: the one place where the two differ.
package final class Stream {
    package let socket: Socket
    private var tls: TLSSession?
    package var input = InputBuffer()
    package let pool: BufferPool

    package init(_ socket: Socket, pool: BufferPool) {
        self.socket = socket
        self.pool = pool
    }

    package var loop: EventLoop { socket.loop }

    // MARK: TLS

    /// Speaks TLS from here on, and returns when the handshake is done.
    package func start(_ session: consuming TLSSession, by deadline: Int64) async throws(IOError) {
        tls = consume session
        while true {
            switch progress() {
            case .done: return
            case .wantsRead: try await socket.readable(by: deadline)
            case .wantsWrite: try await socket.writable(by: deadline)
            case .failed(let failure): throw .tls(failure.description)
            }
        }
    }

    private func progress() -> TLSSession.Progress { tls?.handshake() ?? .done }

    /// The name that the client asked for in its hello.
    package var serverName: String? { tls?.serverName ?? nil }

    package var isSecure: Bool {
        switch tls {
        case .none: false
        case .some: true
        }
    }

    /// Bytes that one connection moves before others on its loop have their turn.
    package static let share = 256 << 10

    private var moved = 0

    /// A peer that is always ready must not keep its loop from everybody else.
    private func share(_ count: Int) async {
        moved += count
        guard moved >= Stream.share else { return }
        moved = 0
        await loop.nextTurn()
    }

    // MARK: Reading

    private enum Step {
        case got(Int)
        case wantsRead
        case wantsWrite
    }

    /// Reads what is there into `input`, at least one byte; 0 where the peer has said that no more comes.
    package func fill(by deadline: Int64) async throws(IOError) -> Int {
        // OpenSSL sets up a record's memory before it finds that there is nothing to read.
        if !mayRead { try await socket.readable(by: deadline) }
        input.acquire(from: pool)
        while true {
            switch try tryFill() {
            case .got(let count):
                await share(count)
                return count
            case .wantsRead: try await socket.readable(by: deadline)
            case .wantsWrite: try await socket.writable(by: deadline)
            }
        }
    }

    /// Whether a read has a prospect of bytes: the socket's, or what TLS has read ahead, which is invisible to the loop.
    private var mayRead: Bool {
        if socket.mayRead { return true }
        switch tls?.hasPending {
        case .none: return false
        case .some(let hasPending): return hasPending
        }
    }

    private func tryFill() throws(IOError) -> Step {
        var wantsWrite = false
        let count = try input.fill { room in
            switch tls?.read(into: room) {
            case .none: return Result { () throws(IOError) in try socket.tryRead(into: room) }
            case .bytes(let count): return .success(count)
            case .closed: return .success(0)
            case .wantsRead: return .success(nil)
            case .wantsWrite:
                wantsWrite = true
                return .success(nil)
            // Without a close alert nobody can tell the end from a cut: only a message with its own length is whole.
            case .failed(.truncated): return .failure(.truncated)
            case .failed(let failure): return .failure(Stream.error(failure, in: "recv"))
            }
        }
        return count.map { .got($0) } ?? (wantsWrite ? .wantsWrite : .wantsRead)
    }

    /// Whether there is something to read, or an end; where not, no buffer is in hand from here on.
    package var mayHaveMessage: Bool {
        guard input.isEmpty, !mayRead else { return true }
        letGoOfBuffer()
        return false
    }

    /// For a long wait: the memory for what comes next is taken when it comes.
    package func letGoOfBuffer() { input.release(to: pool) }

    /// How a wait for the next message ended.
    package enum Idleness: Sendable { case ready, timedOut, over }

    /// Waits for the next message with no buffer in hand; it is over where the peer has gone or the gate is stopping.
    package func idle(by deadline: Int64) async -> Idleness {
        guard input.isEmpty else { return .ready }
        input.release(to: pool)
        guard !mayRead else { return .ready }
        do throws(IOError) {
            try await socket.idle(by: deadline)
            return .ready
        } catch {
            if case .timedOut = error { return .timedOut }
            return .over
        }
    }

    /// Whether the peer has neither hung up nor said anything that nobody asked for, so that what it says next answers
    /// the next question. A ticket of TLS 1.3 is no such thing, though it makes the socket look readable.
    package var isQuiet: Bool {
        guard input.isEmpty, !socket.hasHungUp else { return false }
        guard mayRead else { return true }
        switch tls?.peek() {
        case .none: return socket.hasNothingToRead
        case .wantsRead: return true
        case .bytes, .closed, .wantsWrite, .failed: return false
        }
    }

    // MARK: Writing

    /// Writes all of it.
    package func write(_ bytes: [UInt8], by deadline: Int64) async throws(IOError) {
        var offset = 0
        while offset < bytes.count {
            switch try tryWrite(bytes, from: offset) {
            case .got(let count):
                offset += count
                await share(count)
            case .wantsRead: try await socket.readable(by: deadline)
            case .wantsWrite: try await socket.writable(by: deadline)
            }
        }
    }

    /// Writes what the kernel takes at once, and says how much that was; the rest must be what is written next.
    package func writeNow(_ bytes: [UInt8]) throws(IOError) -> Int {
        var offset = 0
        while offset < bytes.count, case .got(let count) = try tryWrite(bytes, from: offset) { offset += count }
        return offset
    }

    private func tryWrite(_ bytes: [UInt8], from offset: Int) throws(IOError) -> Step {
        try bytes.withUnsafeBytes { all -> Result<Step, IOError> in
            let rest = UnsafeRawBufferPointer(rebasing: all[offset...])
            switch tls?.write(rest) {
            case .none:
                return Result { () throws(IOError) in try socket.tryWrite(rest).map { .got($0) } ?? .wantsWrite }
            case .bytes(let count): return .success(.got(count))
            case .closed: return .failure(.truncated)
            case .wantsRead: return .success(.wantsRead)
            case .wantsWrite: return .success(.wantsWrite)
            case .failed(let failure): return .failure(Stream.error(failure, in: "send"))
            }
        }.get()
    }

    /// A reset under TLS is the same reset: what the peer had said before it can still be read.
    private static func error(_ failure: TLSFailure, in call: String) -> IOError {
        if case .broken(let errno) = failure { return .system(call, errno) }
        return .tls(failure.description)
    }

    // MARK: The end

    /// As `finish`, and takes in what the peer is still sending: a close over unread bytes is a reset, which overtakes the
    /// answer that was written last.
    package func linger(by deadline: Int64) async {
        finish()
        socket.resumeReading()
        var waste = InputBuffer()
        do throws(IOError) {
            while !socket.isBroken {
                guard
                    let count = try waste.fill({ room in
                        Result { () throws(IOError) in try socket.tryRead(into: room) }
                    })
                else {
                    try await socket.readable(by: deadline)
                    continue
                }
                guard count > 0, loop.now < deadline else { return }
                waste.consume(count)
                await share(count)
            }
        } catch {
            return
        }
    }

    /// Says goodbye: the peer can tell a whole message from a cut one.
    package func finish() {
        guard !socket.isBroken else { return }
        _ = tls?.shutdown()
        socket.finishWriting()
    }
}

@available(*, unavailable)
extension Stream: Sendable {}
