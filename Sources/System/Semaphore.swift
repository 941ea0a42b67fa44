import Glibc

/// A counting semaphore for threads that wait for work.
package final class Semaphore: Sendable {
    nonisolated(unsafe) private let raw: UnsafeMutablePointer<sem_t>

    package init() {
        raw = .allocate(capacity: 1)
        sem_init(raw, 0, 0)
    }

    deinit {
        sem_destroy(raw)
        raw.deallocate()
    }

    package func signal() { sem_post(raw) }

    package func wait() {
        while sem_wait(raw) != 0, errno == EINTR {}
    }
}
