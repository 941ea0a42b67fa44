import Glibc
import Holds
import Synchronization
import System

/// The thread that owns the database: callers hand it work and suspend, it carries out what has come together in one
/// transaction, and all of them go on after its one sync.
///
/// A caller whose statement fails is rolled back alone (savepoint); a commit that fails, fails all.
final class StoreThread: Sendable {
    /// Work that waits; beyond this the store counts as down instead of growing.
    static let longestQueue = 32_768
    /// Work in one transaction: what waits longest is not made to wait for everything that comes meanwhile.
    static let largestBatch = 2048
    /// Pages of the write-ahead log after which it is copied into the file: fewer would copy the same pages of the indexes
    /// again and again.
    static let longestLog: Int32 = 2048

    private struct Job: Sendable {
        let isWrite: Bool
        /// Does the work where it is given a database, and returns how to tell its caller: after the commit (nil), or
        /// with what stood in the way.
        let run: @Sendable (Database?) -> Tell
    }

    private typealias Tell = @Sendable (StoreFailure?) -> Void

    private struct Queue {
        var jobs: [Job] = []
        var isClosed = false
        var whenEnded: [@Sendable () -> Void] = []
        var hasEnded = false
    }

    private let queue = Mutex(Queue())
    /// Why the last transaction failed; nil after one that wrote.
    private let trouble = Mutex<StoreFailure?>(nil)
    private let bell = Bell()

    /// What keeps the store from working, as far as the last transaction showed.
    var failure: StoreFailure? { trouble.withLock { $0 } }

    /// Takes the database over, and calls `whenClosed` after it was closed.
    init(_ database: Database, whenClosed: @escaping @Sendable () -> Void = {}) throws(StoreFailure) {
        do throws(IOError) {
            // The thread holds itself up until it is closed: nobody is left waiting for a thread that went.
            try WorkerThread.spawn("store") {
                self.loop(database)
                whenClosed()
                self.end()
            }
        } catch {
            throw .unavailable(reason: "cannot start the store's thread: \(error)")
        }
    }

    /// Carries out `work` in a transaction; returns when it is on disk.
    func write<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws(StoreFailure) -> T
    ) async throws(StoreFailure) -> T {
        try await perform(isWrite: true, work)
    }

    /// Carries out `work`, which changes nothing; it sees what is on disk, and works where nothing can be written.
    func read<T: Sendable>(
        _ work: @escaping @Sendable (Database) throws(StoreFailure) -> T
    ) async throws(StoreFailure) -> T {
        try await perform(isWrite: false, work)
    }

    private func perform<T: Sendable>(
        isWrite: Bool, _ work: @escaping @Sendable (Database) throws(StoreFailure) -> T
    ) async throws(StoreFailure) -> T {
        let result: Result<T, StoreFailure> = await withCheckedContinuation { continuation in
            let job = Job(isWrite: isWrite) { database in
                let result = database.map { StoreThread.alone($0, work) }
                return { failure in
                    let refused = failure ?? .unavailable(reason: "the store did not come to it")
                    continuation.resume(returning: failure == nil ? result ?? .failure(refused) : .failure(refused))
                }
            }
            if let refusal = enqueue(job) { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// As `write`, for work that nobody waits for and that may as well not happen.
    func writeSometime(_ work: @escaping @Sendable (Database) throws(StoreFailure) -> Void) {
        _ = enqueue(
            Job(isWrite: true) { database in
                if let database { _ = StoreThread.alone(database, work) }
                return { _ in }
            })
    }

    /// Takes no more work; returns when what was there is done and the file is closed.
    func close() async {
        await withCheckedContinuation { continuation in close { continuation.resume() } }
    }

    /// As `close`, on a thread that has nothing else to do.
    func closeAndWait() {
        let ended = Semaphore()
        close { ended.signal() }
        ended.wait()
    }

    private func close(_ whenEnded: @escaping @Sendable () -> Void) {
        let hasEnded = queue.withLock { queue in
            queue.isClosed = true
            if !queue.hasEnded { queue.whenEnded.append(whenEnded) }
            return queue.hasEnded
        }
        if hasEnded { whenEnded() } else { bell.ring() }
    }

    /// As `close`, without waiting: for a store that nobody holds any more.
    func abandon() {
        queue.withLock { $0.isClosed = true }
        bell.ring()
    }

    private func enqueue(_ job: Job) -> StoreFailure? {
        let refusal = queue.withLock { queue -> StoreFailure? in
            guard !queue.isClosed else { return .unavailable(reason: "the gate is stopping") }
            guard queue.jobs.count < Self.longestQueue else {
                return .unavailable(reason: "the store is \(Self.longestQueue) operations behind; is its disk slow?")
            }
            queue.jobs.append(job)
            return nil
        }
        if refusal == nil { bell.ring() }
        return refusal
    }

    // MARK: On the thread

    private func loop(_ database: Database) {
        database.deferCheckpoints()
        repeat {
            bell.wait()
            while let batch = next() {
                carryOut(batch, database)
                database.checkpointIfDue(pages: Self.longestLog)
            }
        } while queue.withLock { !$0.isClosed || !$0.jobs.isEmpty }
        database.close()
    }

    private func end() {
        let waiting = queue.withLock { queue in
            queue.hasEnded = true
            return queue.whenEnded
        }
        for tell in waiting { tell() }
    }

    private func next() -> [Job]? {
        queue.withLock { queue in
            guard !queue.jobs.isEmpty else { return nil }
            let batch = Array(queue.jobs.prefix(Self.largestBatch))
            queue.jobs.removeFirst(batch.count)
            return batch
        }
    }

    private func carryOut(_ batch: [Job], _ database: Database) {
        let writes = batch.filter(\.isWrite)
        do throws(StoreFailure) {
            try database.run(writes.isEmpty ? "BEGIN" : "BEGIN IMMEDIATE")
        } catch {
            // Locked, or not writable: those who only want to read are served all the same.
            trouble.withLock { $0 = error }
            let refused = writes.isEmpty ? batch : writes
            for job in refused { job.run(nil)(error) }
            if refused.count < batch.count { carryOut(batch.filter { !$0.isWrite }, database) }
            return
        }
        var callers: [Tell] = []
        var failure: StoreFailure?
        do throws(StoreFailure) {
            for job in batch {
                callers.append(job.run(database))
                guard database.isInTransaction else {
                    throw .unavailable(reason: "SQLite gave up a transaction; is the disk full?")
                }
            }
            try database.run("COMMIT")
        } catch {
            failure = error
            if database.isInTransaction { _ = try? database.run("ROLLBACK") }
        }
        trouble.withLock { trouble in
            // Reading proves nothing about a disk that could not be written.
            if failure != nil || !writes.isEmpty { trouble = failure }
        }
        // Those that were not reached are told the same.
        for job in batch.dropFirst(callers.count) { callers.append(job.run(nil)) }
        for tell in callers { tell(failure) }
    }

    private static func alone<T>(
        _ database: Database, _ work: (Database) throws(StoreFailure) -> T
    ) -> Result<T, StoreFailure> {
        do throws(StoreFailure) {
            try database.run("SAVEPOINT caller")
            do throws(StoreFailure) {
                let value = try work(database)
                try database.run("RELEASE caller")
                return .success(value)
            } catch {
                if database.isInTransaction {
                    try database.run("ROLLBACK TO caller")
                    try database.run("RELEASE caller")
                }
                throw error
            }
        } catch {
            return .failure(error)
        }
    }
}

/// What the thread sleeps on.
private final class Bell: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func ring() { sem_post(semaphore) }

    func wait() { while sem_wait(semaphore) != 0 {} }
}
