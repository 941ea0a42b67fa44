import CSystem
import Glibc
import Synchronization

/// One thread, one edge-triggered epoll, and the executor of every task that was started on it.
///
/// Tasks are started with `spawn` and stay on the loop's thread for their whole life, so what they share (slots, timers,
/// the connection pool) needs no lock. That confinement is a convention of `executorPreference`, not checked by the
/// compiler: nothing here but `enqueue`, `spawn` and `perform` may be called from another thread.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    package static let name = "loop"

    private let epoll: FileDescriptor
    private let wakeup: FileDescriptor
    private let remote = Mutex<[UnownedJob]>([])
    private var ready = JobQueue()
    private var slots: UnsafeMutablePointer<UnsafeMutablePointer<Slot>?>
    private let slotLimit: Int
    private var generation: UInt32 = 0
    private var timers = TimerQueue()
    private var turnEnds: [() -> Void] = []
    private var turnWaiters: [UnsafeContinuation<Void, Never>] = []
    private var nextTurnWaiters: [UnsafeContinuation<Void, Never>] = []
    private var nextSweep: Int64 = 0
    private var isDraining = false

    /// Monotonic milliseconds, read once a turn.
    package private(set) var now: Int64 = SystemClock.monotonic()

    /// Tasks started here that have not ended.
    package private(set) var taskCount = 0

    package init() throws(IOError) {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .system("epoll_create1", errno) }
        self.epoll = FileDescriptor(owning: epoll)
        let event = tg_eventfd()
        guard event >= 0 else { throw .system("eventfd", -event) }
        wakeup = FileDescriptor(owning: event)
        slotLimit = EventLoop.descriptorLimit
        slots = .allocate(capacity: slotLimit)
        slots.initialize(repeating: nil, count: slotLimit)
        var interest = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: EventLoop.wakeupToken))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, event, &interest) == 0 else { throw .system("epoll_ctl", errno) }
    }

    deinit {
        for index in 0..<slotLimit { slots[index]?.deallocate() }
        slots.deallocate()
    }

    /// Descriptors that this process may have.
    package static let descriptorLimit = Int(min(tg_descriptor_limit(), 1 << 20))

    private static let wakeupToken = UInt64.max

    // MARK: Tasks

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Asked of the calling thread, not noted here: a note would be read while `run` writes it on another thread.
        if EventLoop.current === self {
            ready.push(job)
        } else {
            let first = remote.withLock { jobs in
                jobs.append(job)
                return jobs.count == 1
            }
            // Only the first needs to wake the loop: it takes all of them at once.
            if first {
                var one: UInt64 = 1
                _ = tg_write(wakeup.raw, &one, 8)
            }
        }
    }

    /// Starts a task that stays on this loop; it counts for draining.
    package func spawn(_ body: sending @escaping @isolated(any) () async -> Void) {
        Task(executorPreference: self) {
            self.taskCount += 1
            await body()
            self.taskCount -= 1
        }
    }

    /// Runs at the end of every turn, before the loop sleeps: what tasks of one turn gathered goes out in one call.
    package func atTurnEnd(_ action: @escaping () -> Void) { turnEnds.append(action) }

    /// Suspends until the actions of this turn's end have run.
    package func turnEnd() async {
        await withUnsafeContinuation { turnWaiters.append($0) }
    }

    /// Suspends until every socket and timer had its turn: for a task that always has more to do.
    package func nextTurn() async {
        await withUnsafeContinuation { nextTurnWaiters.append($0) }
    }

    /// The loop whose thread this is; nil on a thread that runs none.
    package static var current: EventLoop? {
        pthread_getspecific(currentKey).map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let currentKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    // MARK: Running

    /// Takes over the calling thread until `stop` says so.
    package func run(until stop: () -> Bool) {
        pthread_setspecific(EventLoop.currentKey, Unmanaged.passUnretained(self).toOpaque())
        defer { pthread_setspecific(EventLoop.currentKey, nil) }
        var events = [epoll_event](repeating: epoll_event(), count: 512)
        while !stop() {
            let timeout = ready.isEmpty && nextTurnWaiters.isEmpty ? wait(from: now) : 0
            let count = epoll_wait(epoll.raw, &events, Int32(events.count), timeout)
            now = SystemClock.monotonic()
            if count > 0 {
                for index in 0..<Int(count) { deliver(events[index]) }
            }
            for timer in timers.due(at: now) { timer.fire() }
            if now >= nextSweep { sweep() }
            EventLoop.resume(&nextTurnWaiters)
            turn()
        }
    }

    private func wait(from now: Int64) -> CInt {
        let next = min(timers.next ?? .max, nextSweep)
        return CInt(clamping: max(0, next - now))
    }

    private func turn() {
        // A turn is bounded, so that a task that always has more to do cannot starve the sockets.
        for _ in 0..<64 {
            for _ in 0..<4096 {
                guard let job = ready.pop() else { break }
                job.runSynchronously(on: asUnownedTaskExecutor())
            }
            for action in turnEnds { action() }
            EventLoop.resume(&turnWaiters)
            if ready.isEmpty { return }
        }
    }

    private static func resume(_ waiters: inout [UnsafeContinuation<Void, Never>]) {
        guard !waiters.isEmpty else { return }
        var due: [UnsafeContinuation<Void, Never>] = []
        swap(&due, &waiters)
        for waiter in due { waiter.resume() }
    }

    private func deliver(_ event: epoll_event) {
        if event.data.u64 == EventLoop.wakeupToken {
            var count: UInt64 = 0
            _ = read(wakeup.raw, &count, 8)
            for job in remote.withLock({ jobs in
                let taken = jobs
                jobs.removeAll(keepingCapacity: true)
                return taken
            }) {
                ready.push(job)
            }
            return
        }
        let fd = Int(truncatingIfNeeded: event.data.u64 & 0xFFFF_FFFF)
        guard fd < slotLimit, let slot = slots[fd], slot.pointee.generation == UInt32(event.data.u64 >> 32) else {
            return
        }
        slot.pointee.note(event.events)
    }

    /// Wakes waiters whose time is over. Once a second is exact enough for connections; `timer` is for the rest.
    private func sweep() {
        nextSweep = now + 1000
        for index in 0..<slotLimit {
            guard let slot = slots[index] else { continue }
            slot.pointee.expire(at: now)
        }
    }

    /// Ends the waits of connections that are between two requests, now and from now on.
    package func drain() {
        isDraining = true
        for index in 0..<slotLimit where slots[index]?.pointee.isIdle == true {
            slots[index]?.pointee.interrupt()
        }
    }

    // MARK: Slots

    /// Takes a descriptor in: from now on its readiness is in the slot.
    func register(_ fd: CInt) throws(IOError) -> UnsafeMutablePointer<Slot> {
        guard fd >= 0, Int(fd) < slotLimit else { throw .system("register", EMFILE) }
        generation &+= 1
        let slot = UnsafeMutablePointer<Slot>.allocate(capacity: 1)
        slot.initialize(to: Slot(generation: generation))
        slots[Int(fd)] = slot
        let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        var interest = epoll_event(
            events: events, data: epoll_data_t(u64: UInt64(generation) << 32 | UInt64(UInt32(fd))))
        guard epoll_ctl(epoll.raw, EPOLL_CTL_ADD, fd, &interest) == 0 else {
            let code = errno
            release(fd)
            throw .system("epoll_ctl", code)
        }
        return slot
    }

    /// Lets a descriptor go; closing it takes it out of the epoll set.
    func release(_ fd: CInt) {
        guard let slot = slots[Int(fd)] else { return }
        slots[Int(fd)] = nil
        slot.deinitialize(count: 1)
        slot.deallocate()
    }

    /// The gate is stopping: nothing new is begun.
    package var isStopping: Bool { isDraining }

    // MARK: Time

    /// Calls `action` on this loop at a moment of monotonic time, unless the timer is cancelled first.
    @discardableResult
    package func timer(at deadline: Int64, _ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(deadline: deadline, action: action)
        timers.push(timer)
        return timer
    }

    /// Suspends the calling task.
    package func sleep(milliseconds: Int64) async {
        let deadline = now + milliseconds
        await withUnsafeContinuation { continuation in
            timer(at: deadline) { continuation.resume() }
        }
    }
}
