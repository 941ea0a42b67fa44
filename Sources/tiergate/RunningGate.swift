import CSystem
import Glibc
import Synchronization
import System

/// A gate on a thread of its own, beside whatever this process does.
final class RunningGate: Sendable {
    private let process: GateProcess
    private let kill: CInt
    private let reason = Mutex<String?>(nil)
    private let done = Semaphore()
    /// Readable once it has ended.
    let ended: CInt

    /// - Parameter kill: where SIGUSR2 is read.
    init(_ process: GateProcess, kill: CInt) {
        self.process = process
        self.kill = kill
        ended = tg_eventfd()
    }

    deinit { close(ended) }

    /// Why it ended, where it was not told to.
    var failure: String? { reason.withLock { $0 } }

    /// - Parameter ready: called on the gate's thread once it serves.
    func start(ready: @escaping @Sendable () -> Void) throws {
        try WorkerThread.spawn("gate") { [self] in
            do {
                try process.run(signals: kill, ready: ready)
            } catch {
                reason.withLock { $0 = "\(error)" }
            }
            var one: UInt64 = 1
            _ = tg_write(ended, &one, 8)
            done.signal()
        }
    }

    /// Drains and closes everything.
    func stop() {
        process.assembly.server.stop()
        done.wait()
    }
}
