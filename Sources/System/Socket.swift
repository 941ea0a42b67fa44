import CSystem
import Glibc

/// One connection on a loop: reads and writes suspend the calling task, never the thread.
///
/// Owns the descriptor. Confined to the loop that it was made on, and to one reading and one writing task at a time.
package final class Socket {
    package let fd: CInt
    package unowned let loop: EventLoop
    private let slot: UnsafeMutablePointer<Slot>

    /// Takes over a non-blocking descriptor, and closes it where the loop cannot take it in.
    package init(owning fd: CInt, on loop: EventLoop) throws(IOError) {
        self.fd = fd
        self.loop = loop
        do throws(IOError) {
            slot = try loop.register(fd)
        } catch {
            close(fd)
            throw error
        }
    }

    deinit {
        loop.release(fd)
        close(fd)
    }

    /// The readiness byte (1 readable, 2 writable, 4 hung up) that TLS reads and clears as this class does.
    package var readiness: UnsafeMutablePointer<UInt8> {
        UnsafeMutableRawPointer(slot).assumingMemoryBound(to: UInt8.self)
    }

    /// Whether bytes, or an end, may be there: what the loop last saw, without asking the kernel.
    package var mayRead: Bool { slot.pointee.flags & (Slot.readable | Slot.hangup) != 0 }

    package var hasHungUp: Bool { slot.pointee.flags & Slot.hangup != 0 }

    // MARK: Bytes

    /// Reads what is there, at least one byte; 0 at the end of the stream.
    /// - Parameter deadline: monotonic milliseconds.
    package func read(into buffer: UnsafeMutableRawBufferPointer, by deadline: Int64) async throws(IOError) -> Int {
        while true {
            if let count = try tryRead(into: buffer) { return count }
            try await readable(by: deadline)
        }
    }

    /// Reads without waiting: nil where nothing is there.
    package func tryRead(into buffer: UnsafeMutableRawBufferPointer) throws(IOError) -> Int? {
        guard slot.pointee.flags & (Slot.readable | Slot.hangup) != 0 else { return nil }
        let count = tg_recv(fd, buffer.baseAddress, UInt(buffer.count))
        if count >= 0 {
            // A short read drained the socket: the next edge will say when there is more.
            if count < buffer.count { slot.pointee.flags &= ~Slot.readable }
            return count
        }
        guard -count == Int(EAGAIN) else { throw .system("recv", CInt(truncatingIfNeeded: -count)) }
        slot.pointee.flags &= ~Slot.readable
        // Hung up and nothing to read cannot be waited for.
        if hasHungUp { return 0 }
        return nil
    }

    /// Writes what the kernel takes: nil where it takes nothing now.
    package func tryWrite(_ bytes: UnsafeRawBufferPointer) throws(IOError) -> Int? {
        guard slot.pointee.flags & Slot.writable != 0 else { return nil }
        let count = tg_send(fd, bytes.baseAddress, UInt(bytes.count))
        if count >= 0 {
            if count < bytes.count { slot.pointee.flags &= ~Slot.writable }
            return count
        }
        guard -count == Int(EAGAIN) else { throw .system("send", CInt(truncatingIfNeeded: -count)) }
        slot.pointee.flags &= ~Slot.writable
        return nil
    }

    /// Writes all of it.
    package func write(_ bytes: UnsafeRawBufferPointer, by deadline: Int64) async throws(IOError) {
        var rest = bytes
        while !rest.isEmpty {
            if let count = try tryWrite(rest) {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else {
                try await writable(by: deadline)
            }
        }
    }

    /// The same for bytes of one's own.
    package func write(_ bytes: [UInt8], by deadline: Int64) async throws(IOError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try rest.withUnsafeBytes { bytes in Result { () throws(IOError) in try tryWrite(bytes) } }.get()
            if let count { rest = rest.dropFirst(count) } else { try await writable(by: deadline) }
        }
    }

    package func read(_ buffer: inout [UInt8], by deadline: Int64) async throws(IOError) -> Int {
        while true {
            let count = try buffer.withUnsafeMutableBytes { room in
                Result { () throws(IOError) in try tryRead(into: room) }
            }.get()
            if let count { return count }
            try await readable(by: deadline)
        }
    }

    /// Whether a read would find nothing, not even an end.
    package var hasNothingToRead: Bool {
        guard slot.pointee.flags & (Slot.readable | Slot.hangup) != 0 else { return true }
        var byte: UInt8 = 0
        return recv(fd, &byte, 1, CInt(MSG_PEEK)) < 0 && errno == EAGAIN
    }

    /// Asks the kernel, without waiting, for what the loop may not have seen yet.
    package func look() {
        var byte: UInt8 = 0
        let count = recv(fd, &byte, 1, CInt(MSG_PEEK))
        if count > 0 { slot.pointee.flags |= Slot.readable }
        // The end, or an error: neither is taken back.
        if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { slot.pointee.flags |= Slot.hangup }
    }

    /// The next byte, left where it is; nil at the end of the stream.
    package func peek(by deadline: Int64) async throws(IOError) -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = recv(fd, &byte, 1, CInt(MSG_PEEK))
            if count >= 0 { return count == 0 ? nil : byte }
            let code = errno
            guard code == EAGAIN else { throw .system("recv", code) }
            slot.pointee.flags &= ~Slot.readable
            try await readable(by: deadline)
        }
    }

    // MARK: Waiting

    package func readable(by deadline: Int64) async throws(IOError) {
        try Socket.check(await withUnsafeContinuation { slot.pointee.park(reader: $0, until: deadline) })
    }

    package func writable(by deadline: Int64) async throws(IOError) {
        try Socket.check(await withUnsafeContinuation { slot.pointee.park(writer: $0, until: deadline) })
    }

    /// Waits for the next request; a gate that stops ends this wait and no other.
    package func idle(by deadline: Int64) async throws(IOError) {
        guard !loop.isStopping else { throw .interrupted }
        slot.pointee.isIdle = true
        defer {
            slot.pointee.isIdle = false
            // A request that came at the moment of the interruption is read to its end.
            slot.pointee.endInterruption()
        }
        try await readable(by: deadline)
    }

    /// Waits for the next request with no task: `action` is called once, on the loop, and true says that there is one.
    ///
    /// A task that waits keeps the memory of all that it ever called; most connections of agents wait most of the time.
    package func rest(by deadline: Int64, _ action: @escaping (Bool) -> Void) {
        guard !loop.isStopping else { return action(false) }
        slot.pointee.isIdle = true
        slot.pointee.rest(until: deadline) { wake in
            switch wake {
            case .ready: action(true)
            case .timedOut, .interrupted: action(false)
            }
        }
    }

    /// Ends every wait, now and from now on: nobody needs this connection any more.
    package func abandon() { slot.pointee.abandon() }

    /// Ends the wait for a next request, where that is what is waited for.
    package func interruptIdle() { if slot.pointee.isIdle { slot.pointee.interrupt() } }

    /// Ends the wait for bytes, now and until `resumeReading`.
    package func interruptReading() { slot.pointee.interrupt() }

    package func resumeReading() { slot.pointee.endInterruption() }

    private static func check(_ wake: Slot.Wake) throws(IOError) {
        switch wake {
        case .ready: return
        case .timedOut: throw .timedOut
        case .interrupted: throw .interrupted
        }
    }

    /// Calls `action` once when the peer hangs up; nil stops watching.
    package func watchHangup(_ action: (() -> Void)?) { slot.pointee.watchHangup(action) }

    /// The peer will see a reset instead of an end, which in a message without a length looks like the whole.
    package func resetOnClose() {
        isBroken = true
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    /// Whether the connection ends in the middle of a message.
    package private(set) var isBroken = false

    /// Ends the connection in both directions, whatever is under way on it; the descriptor stays until its owner lets go.
    package func shutDown() { shutdown(fd, CInt(SHUT_RDWR)) }

    /// Says that nothing more will be written.
    package func finishWriting() { shutdown(fd, CInt(SHUT_WR)) }

    // MARK: Making

    /// Connects, or says why not.
    package static func connect(
        to address: SocketAddress, on loop: EventLoop, by deadline: Int64
    ) async throws(IOError) -> Socket {
        let connection = try begin(to: address, on: loop)
        try await connection.finishConnecting(by: deadline)
        return connection
    }

    /// Starts to connect; `finishConnecting` says how it ends.
    package static func begin(to address: SocketAddress, on loop: EventLoop) throws(IOError) -> Socket {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let fd = socket(address.family, type, 0)
        guard fd >= 0 else { throw .system("socket", errno) }
        let connection = try Socket(owning: fd, on: loop)
        connection.sendAtOnce()
        // A new socket reports itself hung up and writable before it is connected.
        connection.slot.pointee.flags = 0
        guard let result = address.withKernelForm({ Glibc.connect(fd, $0, $1) == 0 ? 0 : errno }) else {
            throw .system("connect", ENAMETOOLONG)
        }
        guard result == 0 || result == EINPROGRESS else { throw .system("connect", result) }
        if result == 0 { connection.slot.pointee.flags |= Slot.writable }
        return connection
    }

    package func finishConnecting(by deadline: Int64) async throws(IOError) {
        try await writable(by: deadline)
        var failure: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size)
        guard failure == 0 else { throw .system("connect", failure) }
        slot.pointee.flags |= Slot.writable
    }

    /// This side's address, which tells a connection from all others on the machine.
    package var localAddress: SocketAddress? { SocketAddress(ofSocket: fd) }

    /// The other side's.
    package var remoteAddress: SocketAddress? { SocketAddress(peerOfSocket: fd) }

    /// Where an accepted connection was going before a rule of the firewall redirected it here; nil where none did.
    package var originalDestination: SocketAddress? {
        var storage = sockaddr_storage()
        return tg_original_destination(fd, &storage) == 0 ? SocketAddress(storage) : nil
    }

    /// Small writes leave at once; a proxy already writes whole messages.
    package func sendAtOnce() {
        var one: CInt = 1
        setsockopt(fd, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
    }
}

@available(*, unavailable)
extension Socket: Sendable {}
