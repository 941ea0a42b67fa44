import Calls
import Holds
import JSON
import Synchronization
import System

/// Tells people of holds by a program of theirs: one run for each step, one at a time, each with a line of JSON to read.
///
/// Nothing waits for it, and nothing depends on it: what it cannot tell is counted and logged.
final class Notifier: Sendable {
    /// Steps that wait to be told; more are dropped, and the log says how many.
    static let longestQueue = 1000
    /// Milliseconds that a run may take before it is ended.
    static let runTime = 30_000

    private struct State {
        var waiting: [String] = []
        var isRunning = false
        var dropped = 0
    }

    private let command: [String]
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())
    private let logged = Mutex(LogLimit())

    init(_ command: [String], now: @escaping @Sendable () -> Timestamp) {
        self.command = command
        self.now = now
    }

    private func log(_ line: String) {
        if let text = logged.withLock({ $0.admit(line, at: SystemClock.monotonic()) }) { StandardError.write(text) }
    }

    func tell(_ event: GateEvent) {
        guard let line = Notice(event).map({ $0.json(at: now()) }) else { return }
        let begins = state.withLock { state in
            guard state.waiting.count < Self.longestQueue else {
                state.dropped += 1
                return false
            }
            state.waiting.append(line)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard begins else { return }
        do throws(IOError) {
            try WorkerThread.spawn("notifier") { [self] in run() }
        } catch {
            state.withLock { $0.isRunning = false }
            log("nobody is told of holds now: \(error)")
        }
    }

    private func run() {
        while true {
            let (next, dropped) = state.withLock { state -> (String?, Int) in
                let dropped = state.dropped
                state.dropped = 0
                guard !state.waiting.isEmpty else {
                    state.isRunning = false
                    return (nil, dropped)
                }
                return (state.waiting.removeFirst(), dropped)
            }
            if dropped > 0 { log("\(dropped) steps of holds were not told: notify.command is too slow") }
            guard let next else { return }
            do throws(IOError) {
                let status = try ChildProcess(command[0], Array(command.dropFirst()), input: next)
                    .finish(within: Self.runTime)
                if status != 0 { log("notify.command ended with \(status); somebody may not have been told") }
            } catch {
                log("notify.command cannot be run: \(error)")
            }
        }
    }
}
