package import Calls
import Synchronization

/// What is stopped, in memory: every call asks here before it is admitted, and again right before its first byte.
///
/// While nothing is stopped, asking is one atomic load.
package final class KillSwitch: Sendable {
    /// A moment between two changes; a permit carries the one in which it was made.
    package struct Epoch: Hashable, Sendable {
        fileprivate let word: UInt64
    }

    private struct State {
        var stops: [Scope: Stop] = [:]
        /// When each scope was killed last, also if that was lifted: permits from before are void.
        var kills: [Scope: UInt64] = [:]

        func standing(of session: SessionID) -> Standing {
            // The widest of equally strict ones: it is the one to be lifted first.
            var strictest: Stop?
            for scope in Scope.containing(session) {
                if let stop = stops[scope], strictest.map({ $0.kind < stop.kind }) ?? true { strictest = stop }
            }
            guard let strictest else { return .running }
            return strictest.kind == .kill ? .killed(strictest) : .frozen(strictest)
        }
    }

    /// Kills remembered one by one; beyond that they count as one of everything, which voids a few permits more.
    static let rememberedKills = 1024

    /// Changes so far, times two; odd while anything is stopped.
    private let word = Atomic<UInt64>(0)
    private let state = Mutex(State())

    package init() {}

    // MARK: Asking

    package var epoch: Epoch { Epoch(word: word.load(ordering: .acquiring)) }

    /// How a session stands, and the epoch in which that is so.
    package func look(at session: SessionID) -> (standing: Standing, epoch: Epoch) {
        let now = epoch
        guard now.word & 1 == 1 else { return (.running, now) }
        return (state.withLock { $0.standing(of: session) }, now)
    }

    package func standing(of session: SessionID) -> Standing { look(at: session).standing }

    /// Why a permit that was made in `epoch` is not honoured any more; nil where it is.
    func objection(to session: SessionID, isReading: Bool, since epoch: Epoch) -> PermitFailure? {
        guard self.epoch != epoch else { return nil }
        return state.withLock { state in
            switch state.standing(of: session) {
            case .killed(let stop): return .killed(stop)
            case .frozen(let stop) where !isReading: return .frozen(stop)
            case .frozen, .running: break
            }
            let isVoid = Scope.containing(session).contains { state.kills[$0] ?? 0 > epoch.word }
            return isVoid ? .voided : nil
        }
    }

    /// All stops in force, the widest first.
    package var stops: [Stop] {
        state.withLock { $0.stops.values.sorted { ($0.scope.rank, $0.at) < ($1.scope.rank, $1.at) } }
    }

    /// The stop of this very scope.
    package func stop(of scope: Scope) -> Stop? { state.withLock { $0.stops[scope] } }

    // MARK: Changing

    /// Stops a scope from this moment on; the one in force afterwards. A freeze takes nothing back from a kill; otherwise
    /// the later one stands.
    func add(_ stop: Stop) -> Stop {
        change { state, epoch in
            if let earlier = state.stops[stop.scope], earlier.kind > stop.kind { return earlier }
            state.stops[stop.scope] = stop
            guard stop.kind == .kill else { return stop }
            if state.kills.count >= KillSwitch.rememberedKills, state.kills[stop.scope] == nil {
                state.kills = [.everything: epoch]
            }
            state.kills[stop.scope] = epoch
            return stop
        }
    }

    /// Lifts this stop; false where it is not in force any more, or somebody stopped the scope again.
    func lift(_ stop: Stop) -> Bool {
        change { state, _ in
            guard state.stops[stop.scope] == stop else { return false }
            state.stops[stop.scope] = nil
            return true
        }
    }

    private func change<R>(_ body: (inout State, _ epoch: UInt64) -> R) -> R {
        state.withLock { state in
            let next = (word.load(ordering: .relaxed) | 1) &+ 1
            let result = body(&state, next)
            word.store(state.stops.isEmpty ? next : next | 1, ordering: .releasing)
            return result
        }
    }
}

extension Scope {
    /// Every scope that a session is in, the widest first.
    fileprivate static func containing(_ session: SessionID) -> [Scope] {
        [.everything, .agent(session.agent), .session(session)]
    }

    fileprivate var rank: Int {
        switch self {
        case .everything: 0
        case .agent: 1
        case .session: 2
        }
    }
}
