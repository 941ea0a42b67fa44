import Glibc
import System

/// A thread that does one thing every second, and at once when it is woken.
final class CommitThread: Sendable {
    private let signal = Signal()

    /// Runs `work` until `stop`.
    init(every seconds: Int = 1, _ work: @escaping @Sendable () -> Void) throws(IOError) {
        try WorkerThread.spawn("journal") { [signal] in
            while signal.wait(seconds: seconds) { work() }
            signal.reportEnd()
        }
    }

    func wake() { signal.raise() }

    /// Lets the work that is under way end, and returns when there will be no more.
    func stop() { signal.finish() }
}

/// A flag that one thread waits for.
private final class Signal: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // All under the mutex.
    private var isRaised = false
    private var isFinished = false
    private var hasEnded = false

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

    func raise() { locked { isRaised = true } }

    func reportEnd() { locked { hasEnded = true } }

    func finish() {
        locked { isFinished = true }
        pthread_mutex_lock(mutex)
        while !hasEnded { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
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

    private func locked(_ change: () -> Void) {
        pthread_mutex_lock(mutex)
        change()
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
