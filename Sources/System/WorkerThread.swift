import CSystem
import Glibc

/// A thread of the gate's own: event loops, the store's and the journal's writers, name resolution.
package enum WorkerThread {
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a detached thread; `name` shows in `top -H` and `perf` (15 bytes at most).
    package static func spawn(_ name: String, _ body: @escaping @Sendable () -> Void) throws(IOError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                tg_thread_name(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard failed == 0 else {
            start.release()
            throw .system("pthread_create", failed)
        }
        pthread_detach(thread)
    }
}
