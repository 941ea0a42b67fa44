import Glibc

/// A thread that does one thing every second, and at once when it is woken.
final class CommitThread: Sendable {
    private let signal: Signal
    private let thread: pthread_t

    /// Runs `work` until `stop`.
    init(every seconds: Int = 1, _ work: @escaping @Sendable () -> Void) {
        let signal = Signal()
        self.signal = signal
        let body = Unmanaged.passRetained(
            Body {
                while signal.wait(seconds: seconds) { work() }
            })
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { body in
                guard let body else { return nil }
                Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        self.thread = thread
    }

    func wake() { signal.raise() }

    /// Lets the work that is under way end, and returns when the thread is gone.
    func stop() {
        guard signal.finish() else { return }
        pthread_join(thread, nil)
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// A flag that one thread waits for.
private final class Signal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isRaised = false
    private var isFinished = false

    init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func raise() {
        pthread_mutex_lock(mutex)
        isRaised = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// True for the first caller.
    func finish() -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        defer { isFinished = true }
        pthread_cond_signal(condition)
        return !isFinished
    }

    /// Waits until it is raised or the time is over; false once it is finished.
    func wait(seconds: Int) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += seconds
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isRaised, !isFinished {
            if pthread_cond_timedwait(condition, mutex, &deadline) != 0 { break }
        }
        isRaised = false
        return !isFinished
    }
}
