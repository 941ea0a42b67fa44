import CSystem

/// What the loop knows of one descriptor. Its first byte is the readiness that TLS looks at too.
struct Slot {
    static let readable: UInt8 = 1
    static let writable: UInt8 = 2
    /// Sticky: once the peer hung up it stays so, and a read finds out what is left.
    static let hangup: UInt8 = 4

    var flags: UInt8 = 0
    let generation: UInt32
    /// The connection waits between two requests, and may be closed when the gate stops.
    var isIdle = false
    private var isInterrupted = false
    private var isAbandoned = false
    private var reader: UnsafeContinuation<Wake, Never>?
    private var writer: UnsafeContinuation<Wake, Never>?
    /// Under TLS a read may have to write and a write to read: then two tasks wait for the same thing.
    private var otherReader: UnsafeContinuation<Wake, Never>?
    private var otherWriter: UnsafeContinuation<Wake, Never>?
    private var readDeadline = Int64.max
    private var writeDeadline = Int64.max
    private var onHangup: (() -> Void)?
    /// Waits for bytes with no task.
    private var onReadable: ((Wake) -> Void)?

    enum Wake: Sendable { case ready, timedOut, interrupted }

    init(generation: UInt32) { self.generation = generation }

    mutating func note(_ events: UInt32) {
        let closed = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
        if events & closed != 0 {
            flags |= Slot.hangup
            let action = onHangup
            onHangup = nil
            action?()
        }
        if events & (EPOLLIN.rawValue | closed) != 0 {
            flags |= Slot.readable
            wakeReader(.ready)
        }
        if events & (EPOLLOUT.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
            flags |= Slot.writable
            wakeWriter(.ready)
        }
    }

    mutating func expire(at now: Int64) {
        if now >= readDeadline { wakeReader(.timedOut) }
        if now >= writeDeadline { wakeWriter(.timedOut) }
    }

    mutating func interrupt() {
        isInterrupted = true
        wakeReader(.interrupted)
    }

    /// Whoever waits for bytes next is not interrupted any more.
    mutating func endInterruption() { isInterrupted = false }

    /// Ends all waits, now and from now on.
    mutating func abandon() {
        isAbandoned = true
        wakeReader(.interrupted)
        wakeWriter(.interrupted)
    }

    mutating func park(reader continuation: UnsafeContinuation<Wake, Never>, until deadline: Int64) {
        guard flags & (Slot.readable | Slot.hangup) == 0 else { return continuation.resume(returning: .ready) }
        guard !isInterrupted, !isAbandoned else { return continuation.resume(returning: .interrupted) }
        (reader, otherReader) = (continuation, reader)
        readDeadline = min(readDeadline, deadline)
    }

    mutating func park(writer continuation: UnsafeContinuation<Wake, Never>, until deadline: Int64) {
        guard flags & Slot.writable == 0 else { return continuation.resume(returning: .ready) }
        guard !isAbandoned else { return continuation.resume(returning: .interrupted) }
        (writer, otherWriter) = (continuation, writer)
        writeDeadline = min(writeDeadline, deadline)
    }

    /// Calls `action` once when the peer hangs up; at once where it has already.
    mutating func watchHangup(_ action: (() -> Void)?) {
        if let action, flags & Slot.hangup != 0 { action() } else { onHangup = action }
    }

    /// As `park`, for one who has no task meanwhile. The action must leave this slot alone: it starts a task.
    mutating func rest(until deadline: Int64, _ action: @escaping (Wake) -> Void) {
        guard flags & (Slot.readable | Slot.hangup) == 0 else { return action(.ready) }
        guard !isInterrupted, !isAbandoned else { return action(.interrupted) }
        onReadable = action
        readDeadline = min(readDeadline, deadline)
    }

    private mutating func wakeReader(_ wake: Wake) {
        if let action = onReadable {
            onReadable = nil
            isIdle = false
            action(wake)
        }
        readDeadline = .max
        let (first, second) = (reader, otherReader)
        (reader, otherReader) = (nil, nil)
        first?.resume(returning: wake)
        second?.resume(returning: wake)
    }

    private mutating func wakeWriter(_ wake: Wake) {
        writeDeadline = .max
        let (first, second) = (writer, otherWriter)
        (writer, otherWriter) = (nil, nil)
        first?.resume(returning: wake)
        second?.resume(returning: wake)
    }
}
