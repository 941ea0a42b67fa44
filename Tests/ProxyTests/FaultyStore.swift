import Calls
import Holds
import Synchronization

/// A store that refuses when a test says so, and says what it is asked just before.
final class FaultyStore: HoldStore {
    private let store: any HoldStore
    private let broken = Mutex<Set<String>>([])
    private let watch = Mutex<(@Sendable (String) -> Void)?>(nil)

    init(_ store: any HoldStore) { self.store = store }

    /// Which operations fail: `enrol`, `begin`, `complete`, `delivered`, `hold`, `request`, `answer`, …
    func fail(_ operations: String...) { broken.withLock { $0 = Set(operations) } }

    /// Called after each operation that succeeded.
    func afterwards(_ action: (@Sendable (String) -> Void)?) { watch.withLock { $0 = action } }

    private func asked<T>(
        _ operation: String, _ body: () async throws(StoreFailure) -> T
    ) async throws(StoreFailure) -> T {
        if broken.withLock({ $0.contains(operation) }) { throw .unavailable(reason: "the test broke \(operation)") }
        let value = try await body()
        watch.withLock { $0 }?(operation)
        return value
    }

    func enrol(_ hold: Hold, content: Content, limits: EnrolmentLimits) async throws(StoreFailure) -> Enrolment {
        try await asked("enrol") { () throws(StoreFailure) in
            try await store.enrol(hold, content: content, limits: limits)
        }
    }

    func change(
        _ id: HoldID, version: Int, _ change: HoldChange
    ) async throws(StoreFailure) -> Hold? {
        try await asked("change to \(change.state?.name ?? "the same")") { () throws(StoreFailure) in
            try await store.change(id, version: version, change)
        }
    }

    func begin(
        _ id: HoldID, version: Int, decision: Decision, note: @escaping @Sendable (Hold) throws(JournalDown) -> Void
    ) async throws(StoreFailure) -> Beginning {
        try await asked("begin") { () throws(StoreFailure) in
            try await store.begin(id, version: version, decision: decision, note: note)
        }
    }

    func complete(_ id: HoldID, version: Int, answer: Answer, content: Content?) async throws(StoreFailure) -> Hold? {
        try await asked("complete") { () throws(StoreFailure) in
            try await store.complete(id, version: version, answer: answer, content: content)
        }
    }

    func delivered(_ id: HoldID, version: Int) async throws(StoreFailure) -> Hold? {
        try await asked("delivered") { () throws(StoreFailure) in try await store.delivered(id, version: version) }
    }

    func hold(_ id: HoldID) async throws(StoreFailure) -> Hold? {
        try await asked("hold") { () throws(StoreFailure) in try await store.hold(id) }
    }

    func holds(_ query: HoldQuery) async throws(StoreFailure) -> [Hold] {
        try await asked("holds") { () throws(StoreFailure) in try await store.holds(query) }
    }

    func request(of id: HoldID) async throws(StoreFailure) -> Content? {
        try await asked("request") { () throws(StoreFailure) in try await store.request(of: id) }
    }

    func edited(of id: HoldID) async throws(StoreFailure) -> Content? {
        try await asked("edited") { () throws(StoreFailure) in try await store.edited(of: id) }
    }

    func before(of id: HoldID) async throws(StoreFailure) -> Content? {
        try await asked("before") { () throws(StoreFailure) in try await store.before(of: id) }
    }

    func needingAttention(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold] {
        try await asked("attention") { () throws(StoreFailure) in
            try await store.needingAttention(at: now, limit: limit)
        }
    }

    func answer(of id: HoldID) async throws(StoreFailure) -> Content? {
        try await asked("answer") { () throws(StoreFailure) in try await store.answer(of: id) }
    }

    func due(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [Hold] {
        try await asked("due") { () throws(StoreFailure) in try await store.due(at: now, limit: limit) }
    }

    func kill(_ scope: Scope, cause: String, limit: Int) async throws(StoreFailure) -> [Hold] {
        try await asked("kill") { () throws(StoreFailure) in try await store.kill(scope, cause: cause, limit: limit) }
    }

    func stops() async throws(StoreFailure) -> [Stop] {
        try await asked("stops") { () throws(StoreFailure) in try await store.stops() }
    }

    func keep(_ current: @escaping @Sendable () -> [Stop]) async throws(StoreFailure) {
        try await asked("keep") { () throws(StoreFailure) in try await store.keep(current) }
    }

    func recover(cause: String) async throws(StoreFailure) -> [Hold] {
        try await asked("recover") { () throws(StoreFailure) in try await store.recover(cause: cause) }
    }
}
