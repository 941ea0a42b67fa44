import Calls
import Client
import Holds
import System

/// What becomes of calls while the kill switch is set.
extension Dispatcher {
    /// When this client's patience with a call that waits is over.
    @inline(never)
    func patience(of exchange: Exchange) -> Int64 {
        loop.now + (services.settings.wait ?? exchange.patience)
    }

    /// Where a freeze is all that stands against a call, waits on the open connection until it may be over, as long as the
    /// client lasts: to the deadline, which is set the first time.
    @inline(never)
    func outlast(
        _ failure: GateFailure, with exchange: Exchange, until deadline: inout Int64?
    ) async throws(CallFailure) {
        guard case .frozen(let stop) = failure else { throw .gate(failure) }
        let end = deadline ?? patience(of: exchange)
        deadline = end
        // Without a place to wait in, the agent is told at once.
        guard let waiter = services.gate.waitForThaw() else { throw .gate(.frozen(stop)) }
        defer { services.gate.leaveThaw(waiter) }
        // It may have been lifted between the look and the place.
        guard case .frozen = services.gate.standing(of: exchange.session) else { return }
        switch await exchange.wait(waiter, until: end) {
        case .stopsChanged, .changed: return
        case .timedOut, .gone: throw .gate(.frozen(stop))
        }
    }

    /// A killed session is told nothing else, whatever its hold has become; and at once, before its connections are closed.
    @inline(never)
    func heedKill(_ hold: Hold) throws(CallFailure) {
        guard case .killed(let stop) = services.gate.standing(of: hold.session) else { return }
        throw killed(stop, hold)
    }

    /// Nobody is told that a call was not executed which another connection may be sending.
    @inline(never)
    func killed(_ stop: Stop?, _ hold: Hold) -> CallFailure {
        switch hold.state {
        case .sending, .uncertain, .done, .resolved: .killed(stop, hold, mayHaveLeft: true)
        case .pending, .approved, .rejected, .expired, .killed, .withdrawn, .stale:
            .killed(stop, hold, mayHaveLeft: services.gate.isUnderWay(hold.id))
        }
    }

    /// The agent hung up, which takes its call back where the rules say so.
    @inline(never)
    func left(_ hold: Hold) async -> CallFailure {
        do throws(DecisionFailure) {
            try await services.gate.leaveBehind(hold)
        } catch {
            services.log("hold \(hold.id) was left by its agent, and could not be taken back: \(error)")
        }
        return .gone(hold)
    }

    /// Why a hold still waits, for an agent whose patience is over.
    @inline(never)
    func parked(_ hold: Hold) -> CallFailure {
        let attempt = services.attempts.next(for: hold.id)
        switch hold.state {
        case .sending: return .underWay(hold, attempt: attempt)
        case .approved: return .frozen(hold, attempt: attempt)
        case .pending, .rejected, .expired, .killed, .withdrawn, .done, .uncertain, .resolved, .stale:
            return .held(hold, attempt: attempt, usual: services.gate.usualTime(of: hold))
        }
    }
}
