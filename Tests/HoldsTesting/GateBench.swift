package import Calls
package import Holds
import JSON
import Synchronization

/// A gate with everything around it in the test's hands: clock, store, journal, ids.
package final class GateBench: Sendable {
    package let clock = ManualClock()
    package let store: MemoryHoldStore
    package let journal = JournalProbe()
    package let gate: Gate
    private let closing = ClosedScopes()
    /// What the rules say of a call that was changed.
    package let judging = Judging()

    /// Whose connections were to be closed.
    package var closed: [Scope] { closing.scopes }

    /// - Parameter store: of an earlier bench, for a gate that is started again.
    package init(_ settings: HoldSettings = HoldSettings(), store: MemoryHoldStore = MemoryHoldStore()) {
        self.store = store
        let (clock, journal, shelf) = (clock, journal, CallShelf())
        let world = GateWorld(
            now: { clock.now },
            newHoldID: { HoldID(random: shelf.number() &* 0x9E37_79B9_7F4A_7C15) },
            hash: GateBench.hash,
            append: { event throws(JournalDown) in try journal.append(event) },
            flush: { durably async throws(JournalDown) in try journal.flush(durably) },
            archive: { shelf.put($0) },
            restore: { content, hold throws(StoreFailure) in
                guard let call = shelf.call(content) else { throw .damaged(reason: "hold \(hold.id) has no call") }
                return call
            }, judge: { [judging] in judging.verdict(of: $0) }, closeConnections: { [closing] in closing.add($0) })
        gate = Gate(store: store, settings: settings, world: world)
    }

    /// Four lanes of FNV-1a: no digest, but two different inputs of a test never share one.
    package static let hash: @Sendable ([UInt8]) -> Digest = { input in
        var bytes: [UInt8] = []
        for lane in 0..<4 {
            var value = 0xCBF2_9CE4_8422_2325 &+ UInt64(lane) &* 0x9E37_79B9_7F4A_7C15
            for byte in input { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        }
        guard let digest = Digest(bytes) else { preconditionFailure("four lanes are 32 bytes") }
        return digest
    }

    /// Admits a call that its verdict holds, and returns it as held.
    package func hold(_ call: Call, _ verdict: Verdict) async throws(GateFailure) -> HeldCall {
        let record = Record(id: call.id, session: call.session, began: clock.now)
        switch try await gate.admit(call, verdict, record) {
        case .held(let held): return held
        case .now: throw .blocked(reason: "the test's verdict did not hold the call")
        }
    }

    /// The call of a permit, as right before its first byte.
    package func spend(_ permit: consuming Permit) throws(PermitFailure) -> Call {
        try permit.spend(at: clock.now, under: "r1", heeding: gate.killSwitch)
    }

    package func decision(
        by name: String = "ada", uid: UInt32 = 1000, reason: String? = nil, isImmediate: Bool = false
    ) -> Decision {
        Decision(by: Operator(uid: uid, name: name), at: clock.now, reason: reason, isImmediate: isImmediate)
    }
}

private final class ClosedScopes: Sendable {
    private let all = Mutex<[Scope]>([])

    var scopes: [Scope] { all.withLock { $0 } }

    func add(_ scope: Scope) { all.withLock { $0.append(scope) } }
}

/// Calls that were archived, by their place.
private final class CallShelf: Sendable {
    private let calls = Mutex<[Call]>([])
    private let count = Mutex<UInt64>(0)

    func put(_ call: Call) -> Content {
        calls.withLock { calls in
            calls.append(call)
            return Content(bytes: Array(String(calls.count - 1).utf8))
        }
    }

    func call(_ content: Content) -> Call? {
        calls.withLock { calls in
            Int(String(decoding: content.bytes, as: UTF8.self)).flatMap {
                calls.indices.contains($0) ? calls[$0] : nil
            }
        }
    }

    func number() -> UInt64 {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// Rules in one closure, which a test may replace.
package final class Judging: Sendable {
    private let rules = Mutex<@Sendable (Call) -> Verdict>({ _ in .sample() })

    package func set(_ rules: @escaping @Sendable (Call) -> Verdict) { self.rules.withLock { $0 = rules } }

    package func verdict(of call: Call) -> Verdict { rules.withLock { $0 }(call) }
}
