import Audit
import Calls
import Client
import Holds
import Rules

/// The straight line that every call takes, from the agent's bytes to the upstream's answer.
///
/// Protocols differ inside `decode` and `send`, nowhere else.
struct CallPath {
    let services: Services
    let dispatcher: Dispatcher

    /// Carries one call: decoded or refused, judged, admitted at once or held, sent at most once, and recorded.
    func carry(_ exchange: Exchange) async {
        let record = services.newRecord(for: exchange.session)
        do throws(CallFailure) {
            let call = try await exchange.decode(record.id, within: services)  // Wire: one reading, or refused
            if call.target.authority.host == AgentDesk.host {
                record.outcome = try await AgentDesk(services: services).answer(call, record, to: exchange)
                return end(exchange, record)
            }
            exchange.owner.facts.noteBegun()
            if services.rules.readsHolds { await services.countHolds(of: exchange.owner) }
            let verdict = services.judge(call, of: exchange.owner, atLeast: exchange.floor)  // Rules: tier, flags
            record.note(call, verdict)
            services.recorder?.note(call, verdict, of: exchange.owner, atLeast: exchange.floor)
            if exchange.isProbe, verdict.disposition == .hold {
                record.outcome = await exchange.answerProbe()
                return end(exchange, record)
            }
            switch try await admit(consume call, verdict, record, exchange) {  // Holds: a line, then permit or hold
            case .now(let permit): record.outcome = try await dispatcher.send(permit, answering: exchange)
            case .held(let held): record.outcome = try await dispatcher.deliver(held, to: exchange)
            }
        } catch {
            let refusal = Refusal(error)  // the one place where errors become responses
            record.outcome = refusal.outcome
            await exchange.refuse(refusal)
        }
        end(exchange, record)
    }

    /// Every call ends here.
    private func end(_ exchange: Exchange, _ record: Record) {
        exchange.discardBody(services)
        exchange.owner.count(record)
        services.journal.close(record)
    }

    private func admit(
        _ call: consuming Call, _ verdict: Verdict, _ record: Record, _ exchange: Exchange
    ) async throws(CallFailure) -> Admission {
        var deadline: Int64?
        while true {
            do throws(GateFailure) {
                return try await services.gate.admit(call, verdict, record)
            } catch {
                // What a freeze keeps back waits as a held call does, and is admitted anew.
                try await dispatcher.outlast(error, with: exchange, until: &deadline)
            }
        }
    }
}
