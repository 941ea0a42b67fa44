import Glibc
import Proxy
import Synchronization
import System

/// A gate on a thread of its own, beside whatever this process does.
final class RunningGate: Sendable {
    private let process: GateProcess
    private let kill: CInt
    private let reason = Mutex<String?>(nil)
    private let done = Semaphore()
    /// Readable once it has ended: a pipe whose other end is closed then.
    let ended: CInt
    private let running: Mutex<CInt?>

    /// - Parameter kill: where SIGUSR2 is read.
    init(_ process: GateProcess, kill: CInt) throws(IOError) {
        self.process = process
        self.kill = kill
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("pipe", errno) }
        ended = ends[0]
        running = Mutex(ends[1])
    }

    deinit { close(ended) }

    /// Why it ended, where it was not told to.
    var failure: String? { reason.withLock { $0 } }

    func start() throws {
        try WorkerThread.spawn("gate") { [self] in
            do {
                try process.run(signals: kill) {}
            } catch {
                reason.withLock { $0 = "\(error)" }
            }
            running.withLock { end in
                if let raw = end { close(raw) }
                end = nil
            }
            done.signal()
        }
    }

    /// Drains and closes everything.
    func stop() {
        process.assembly.server.stop()
        done.wait()
    }
}
