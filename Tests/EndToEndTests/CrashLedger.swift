import Foundation
import Glibc

/// What agents and operators of a crash proof did and were told, to be held against what the upstream saw and the gate
/// remembers.
final class CrashLedger: @unchecked Sendable {
    /// A call that means one action; its path ends with its id, so that everything that is about it names it.
    struct Action: Sendable {
        let id: String
        let agent: Int
        let method: String
        let path: String
        let body: String

        var isHeld: Bool { method == "POST" || method == "DELETE" }
    }

    /// What an agent was told once.
    struct Told: Sendable {
        let action: Action
        let began: UInt64
        let status: Int
        let hold: String?
        /// The answer came with all its bytes.
        let isWhole: Bool
        let body: String
    }

    enum Decision: String, Sendable { case approve, reject, reopen, resolve }

    /// What an operator asked for once.
    struct Order: Sendable {
        let hold: String
        let decision: Decision
        let wasExecuted: Bool
        let began: UInt64
        /// 200 where it was confirmed, 0 where nothing came back.
        let status: Int
        /// Confirmed, but the journal could not be written.
        let hasWarning: Bool
    }

    private let lock = NSLock()
    private var all: [String: Action] = [:]
    private var held: [[String]]
    private var left: Set<String> = []
    private var toldNow: [Told] = []
    private var orders: [Order] = []
    private var count = 0
    private let name: String

    init(_ name: String, agents: Int) {
        self.name = name
        held = Array(repeating: [], count: agents)
    }

    /// Nanoseconds of the clock that the upstream notes too.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// - Parameter repeats: how often the body says the same.
    func begin(_ method: String, _ kind: String, by agent: Int, repeats: Int = 1) -> Action {
        lock.withLock {
            count += 1
            let id = "\(name)-\(count)"
            let hasBody = method == "POST" || method == "PUT"
            let action = Action(
                id: id, agent: agent, method: method, path: "/\(kind)/\(id)",
                body: hasBody ? String(repeating: "action=\(id);", count: repeats) : "")
            all[id] = action
            if action.isHeld { held[agent].append(id) }
            return action
        }
    }

    /// One of the last held actions of an agent, of whatever round.
    func earlier(of agent: Int, _ chance: inout SeededChance) -> Action? {
        lock.withLock {
            let recent = held[agent].suffix(25)
            guard !recent.isEmpty else { return nil }
            return all[recent[recent.startIndex + chance.from(0...recent.count - 1)]]
        }
    }

    func note(_ told: Told) { lock.withLock { toldNow.append(told) } }
    func note(_ order: Order) { lock.withLock { orders.append(order) } }
    /// The agent hung up before it was told: what was written for it may be lost.
    func noteLeft(_ action: Action) { lock.withLock { _ = left.insert(action.id) } }

    // MARK: For the checks, between rounds

    var actions: [String: Action] { lock.withLock { all } }
    var decisions: [Order] { lock.withLock { orders } }
    var leftActions: Set<String> { lock.withLock { left } }

    /// What was told since the last time.
    func takeTold() -> [Told] {
        lock.withLock {
            defer { toldNow = [] }
            return toldNow
        }
    }
}
