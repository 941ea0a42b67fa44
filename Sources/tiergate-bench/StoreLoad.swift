import Calls
import Crypto
import Holds
import Stores
import Synchronization
import System

/// Holds as agents make them: distinct calls of many sessions, each with a kilobyte of content.
final class StoreLoad: Sendable {
    static let contentSize = 1024
    static let holdsPerSession = 25

    private let store: SQLiteHoldStore
    private let made = Atomic<Int>(0)

    init(store: SQLiteHoldStore) { self.store = store }

    var sessions: Int { made.load(ordering: .relaxed) / Self.holdsPerSession }

    struct Figure: CustomStringConvertible {
        let perSecond: Int
        let median: Int64
        let slowest: Int64

        var description: String {
            "\(StoreBench.padded("\(perSecond)", 7)) a second, p50 \(median) ms, p99 \(slowest) ms"
        }
    }

    /// Enrols `count` holds by `concurrency` tasks, each of which waits until its hold is on disk.
    func enrol(_ count: Int, at concurrency: Int) async throws -> Figure {
        let left = Countdown(count)
        let began = SystemClock.monotonic()
        let waits = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<concurrency {
                group.addTask { try await self.work(left) }
            }
            return try await group.reduce(into: [Int64]()) { $0 += $1 }
        }.sorted()
        let seconds = Double(max(1, SystemClock.monotonic() - began)) / 1000
        return Figure(
            perSecond: Int(Double(count) / seconds), median: waits[waits.count / 2],
            slowest: waits[waits.count * 99 / 100])
    }

    private func work(_ left: Countdown) async throws -> [Int64] {
        let content = Content(bytes: [UInt8](repeating: 0x61, count: Self.contentSize))
        var waits: [Int64] = []
        while left.take() {
            let hold = next()
            let began = SystemClock.monotonic()
            guard case .created = try await store.enrol(hold, content: content, limits: EnrolmentLimits(pending: .max))
            else { throw StoreFailure.unavailable(reason: "a hold of the bench was not taken") }
            waits.append(SystemClock.monotonic() - began)
        }
        return waits
    }

    private func next() -> Hold {
        let number = made.add(1, ordering: .relaxed).oldValue
        let now = Timestamp(milliseconds: SystemClock.wall())
        let id = HoldID(random: SecureRandom.word())
        let digest = SHA256.digest(Array(id.description.utf8))
        return Hold(
            id: id, session: SessionID("uid:1000/run-\(number / Self.holdsPerSession)"),
            call: CallID(random: (SecureRandom.word(), SecureRandom.word())), digest: digest,
            repeatKey: SHA256.digest(digest.bytes), idempotency: nil, created: now, facts: Self.facts,
            expires: now + .days(7))
    }

    private static let facts = Hold.Facts(
        method: "POST", target: "https://api.stripe.com/v1/refunds", principal: "credential #0123456789abcdef",
        tier: .irreversible, category: .financial, flags: [],
        summaries: ["Refund 42.00 EUR of charge ch_3P to the payer"],
        reason: "moves money out", rules: ["stripe.money-out"], terms: Terms(approvers: ["finance"]),
        rulesDigest: String(repeating: "ab", count: 32), bodyLength: 512)
}

/// How many holds are left to be made.
private final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(count) }

    func take() -> Bool { left.subtract(1, ordering: .relaxed).oldValue > 0 }
}
