package import Crypto
package import System

/// A connection as bytes in and bytes out, plain or under TLS: the one place where the two differ.
package final class Stream {
    package let socket: Socket
    private var tls: TLSSession?
    package var input = InputBuffer()
    private let pool: BufferPool

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

    // MARK: Reading

    private enum Step {
        case got(Int)
        case wantsRead
        case wantsWrite
    }

    /// Reads what is there into `input`, at least one byte; 0 where the peer has said that no more comes.
    package func fill(by deadline: Int64) async throws(IOError) -> Int {
        input.acquire(from: pool)
        while true {
            switch try tryFill() {
            case .got(let count): return count
            case .wantsRead: try await socket.readable(by: deadline)
            case .wantsWrite: try await socket.writable(by: deadline)
            }
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

    /// Waits for the next message with no buffer in hand; false where the peer has gone or the gate is stopping.
    package func idle(by deadline: Int64) async -> Bool {
        guard input.isEmpty else { return true }
        input.release(to: pool)
        do throws(IOError) {
            // What TLS has read ahead is invisible to the loop; the look also lets OpenSSL release its buffers.
            while true {
                switch tls?.peek() {
                case .none, .wantsRead: break
                case .wantsWrite:
                    try await socket.writable(by: deadline)
                    continue
                case .bytes: return true
                case .closed, .failed: return false
                }
                try await socket.idle(by: deadline)
                guard isSecure else { return true }
            }
        } catch {
            return false
        }
    }

    /// Whether the peer has neither hung up nor said anything that nobody asked for, so that what it says next answers
    /// the next question. A ticket of TLS 1.3 is no such thing, though it makes the socket look readable.
    package var isQuiet: Bool {
        guard input.isEmpty, !socket.hasHungUp else { return false }
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
            case .got(let count): offset += count
            case .wantsRead: try await socket.readable(by: deadline)
            case .wantsWrite: try await socket.writable(by: deadline)
            }
        }
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

    /// Says goodbye: the peer can tell a whole message from a cut one.
    package func finish() {
        guard !socket.isBroken else { return }
        _ = tls?.shutdown()
        socket.finishWriting()
    }

    /// Takes in, unread, what a peer still sends that has not seen the goodbye: closing on it would reset the connection,
    /// and the peer would lose the last answer before it has read it (RFC 9112 section 9.6).
    package func linger(by deadline: Int64) async {
        guard !socket.isBroken else { return }
        // Under TLS too the bytes of the wire: nobody needs to know what they meant.
        var waste = [UInt8](repeating: 0, count: InputBuffer.size)
        while loop.now < deadline {
            do throws(IOError) {
                let count = try waste.withUnsafeMutableBytes { room in
                    Result { () throws(IOError) in try socket.tryRead(into: room) }
                }.get()
                if count == 0 { return }
                if count == nil { try await socket.readable(by: deadline) }
            } catch {
                return
            }
        }
    }
}

@available(*, unavailable)
extension Stream: Sendable {}
