import Calls
import Crypto
import JSON
import Names
import Synchronization
import System

/// Answers what agents ask of names, so that nothing has to be asked of anybody: each name has an address that stands for it,
/// and connections to that address are then connections to that name.
///
/// Questions for addresses send nothing, so that a rule can only forbid them. Any other question leaves, and is a call: it is
/// judged, journalled, and asked only where a rule lets it pass by itself.
final class NameServer: Sendable {
    let services: Services
    private let state: Mutex<State>

    private struct State: Sendable {
        var table: SyntheticTable
        /// By agent: another run is no fresh start.
        var scrutinies = AgentTable<NameScrutiny>(mostAgents: SyntheticTable.mostAgents)
        /// Questions that are being asked of others.
        var asking = 0

        mutating func objection(to name: DomainName, of agent: AgentID) -> NameScrutiny.Objection? {
            scrutinies[agent, orNew: NameScrutiny()].objection(to: name)
        }
    }

    /// Seconds that clients may remember an address; it stays the same as long as the gate runs.
    static let life: UInt32 = 60
    /// Questions of all sessions that are asked of others at once.
    static let mostAsked = 256
    /// Until a name server has answered.
    static let askTime: Int64 = 10_000

    init(_ services: Services) {
        self.services = services
        state = Mutex(State(table: SyntheticTable(first: UInt32(truncatingIfNeeded: SecureRandom.word() >> 32))))
    }

    func name(of address: SyntheticAddress) -> Text? { state.withLock { $0.table.name(of: address) } }

    /// What is to be said to a question.
    enum Reply {
        case now(NameAnswer)
        /// Somebody else must be asked first.
        case later(Call, Verdict, Record)
        /// Nothing at all: too many questions.
        case none
    }

    /// - Parameter now: monotonic milliseconds.
    func reply(to question: NameQuestion, of session: Session, at now: Int64) -> Reply {
        guard question.isInternet else { return .now(NameAnswer(.refused)) }
        if let local = local(question) { return .now(local) }
        if question.type.isService { return .now(NameAnswer(.ok)) }
        guard question.type.isAddress else { return outside(question, of: session, at: now) }
        if let known = state.withLock({ $0.table.known(question.name.text) }) { return .now(answer(question, known)) }
        // The gate's own name, which no rule has to speak for.
        if question.name.text == AgentDesk.host,
            let own = state.withLock({ $0.table.address(of: AgentDesk.host, for: session.id.agent) })
        {
            return .now(answer(question, own))
        }
        let call = call(question, of: session)
        let record = record(of: call)
        do throws(CallFailure) {
            return .now(answer(question, try address(question, for: session, call, record)))
        } catch {
            return refuse(error, record, of: session, at: now)
        }
    }

    // MARK: Names of this machine

    /// What nobody else has to say anything about (RFC 6761 section 6.3), and the way back from our addresses.
    private func local(_ question: NameQuestion) -> NameAnswer? {
        let name = question.name
        if name.text == "localhost" || name.text.hasSuffix(".localhost") {
            switch question.type {
            case .a: return NameAnswer(.ok, [.address(name, v4: 0x7F00_0001, life: NameServer.life)])
            case .aaaa: return NameAnswer(.ok, [.address(name, v6: (0, 1), life: NameServer.life)])
            default: return NameAnswer(.ok)
            }
        }
        guard question.type == .ptr else { return nil }
        switch name.text {
        case "1.0.0.127.in-addr.arpa", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa":
            return NameAnswer(.ok, [.pointer(name, to: NameServer.localhost, life: NameServer.life)])
        default: break
        }
        guard let address = SyntheticAddress(reverse: name) else { return nil }
        guard let target = self.name(of: address).flatMap({ DomainName($0) }) else { return NameAnswer(.noSuchName) }
        return NameAnswer(.ok, [.pointer(name, to: target, life: NameServer.life)])
    }

    private static let localhost = DomainName("localhost") ?? .root

    // MARK: Addresses

    private func answer(_ question: NameQuestion, _ address: SyntheticAddress) -> NameAnswer {
        let record: NameRecord =
            question.type == .a
            ? .address(question.name, v4: address.v4, life: NameServer.life)
            : .address(question.name, v6: address.v6, life: NameServer.life)
        return NameAnswer(.ok, [record])
    }

    private func address(
        _ question: NameQuestion, for session: Session, _ call: Call, _ record: Record
    ) throws(CallFailure) -> SyntheticAddress {
        let verdict = services.judge(call, of: session)
        record.note(call, verdict)
        services.recorder?.note(call, verdict, of: session)
        if verdict.disposition == .refuse { throw .unanswered(.blocked(reason: verdict.reason)) }
        // A rule that lets the name pass knows it; where none does, it must look like one.
        let isKnown = verdict.disposition == .pass && !verdict.matches.isEmpty
        let found = state.withLock { state -> Result<SyntheticAddress, CallFailure> in
            if !isKnown, let objection = state.objection(to: question.name, of: session.id.agent) {
                return .failure(.unanswered(.scrutinised(objection.sentence)))
            }
            guard let address = state.table.address(of: question.name.text, for: session.id.agent) else {
                return .failure(.unanswered(.tooManyNames(limit: SyntheticTable.mostNames)))
            }
            return .success(address)
        }
        if case .failure(.unanswered(.scrutinised)) = found { record.verdict = verdict.flagged() }
        return try found.get()
    }

    // MARK: What leaves

    private func outside(_ question: NameQuestion, of session: Session, at now: Int64) -> Reply {
        let call = call(question, of: session)
        let record = record(of: call)
        session.facts.noteBegun()
        let verdict = services.judge(call, of: session)
        record.note(call, verdict)
        services.recorder?.note(call, verdict, of: session)
        do throws(CallFailure) {
            switch verdict.disposition {
            case .refuse: throw .unanswered(.blocked(reason: verdict.reason))
            case .hold: throw .unanswered(.notPassed(reason: verdict.reason))
            case .pass: break
            }
            guard !verdict.matches.isEmpty else { throw .unanswered(.notPassed(reason: verdict.reason)) }
            // A rule for a type or for all names below one is no reason to let data out with them.
            if let objection = state.withLock({ $0.objection(to: question.name, of: session.id.agent) }) {
                record.verdict = verdict.flagged()
                throw .unanswered(.scrutinised(objection.sentence))
            }
            guard begin() else { throw .busy }
            // What leaves takes a call's place, as what is refused does.
            guard case .now = session.turn(at: now) else {
                finish()
                return .none
            }
            return .later(call, verdict, record)
        } catch {
            return refuse(error, record, of: session, at: now)
        }
    }

    private func begin() -> Bool {
        state.withLock { state in
            guard state.asking < NameServer.mostAsked else { return false }
            state.asking += 1
            return true
        }
    }

    /// A question that was to be asked later has been.
    func finish() { state.withLock { $0.asking -= 1 } }

    // MARK: Records

    /// A question as rules see it: method `DNS`, the name as host, the type as the only segment of the path.
    private func call(_ question: NameQuestion, of session: Session) -> Call {
        let type = question.type.name
        let name = question.name.text
        return Call(
            id: CallID(random: (SecureRandom.word(), SecureRandom.word())), session: session.id, method: "DNS",
            target: Target(
                scheme: .dns, authority: Authority(host: name, port: Scheme.dns.defaultPort), segments: [type],
                query: [],
                spelling: Text("/\(type)")),
            fields: Fields(), body: .none, document: .none, operations: [.dns(name: name, type: type)], principal: .none
        )
    }

    private func record(of call: Call) -> Record { Record(id: call.id, session: call.session, began: services.now()) }

    /// Refused, counted and journalled; a session that asks too much is not even that.
    private func refuse(
        _ failure: CallFailure, _ record: Record, of session: Session, at now: Int64
    ) -> Reply {
        guard case .now = session.turn(at: now) else { return .none }
        close(record, failure, of: session)
        return .now(NameAnswer(.refused))
    }

    func close(_ record: Record, _ failure: CallFailure, of session: Session) {
        record.outcome = Refusal(failure).outcome
        services.journal.close(record)
        session.count(record)
    }
}

extension Verdict {
    /// The same with the mark of something that leaves in disguise.
    fileprivate func flagged() -> Verdict {
        Verdict(
            tier: .irreversible, category: category, flags: flags + [.secret], disposition: .refuse, matches: matches,
            supersedings: supersedings, summaries: summaries, reason: reason, terms: terms,
            notify: notify, recipients: recipients, money: money, shadows: shadows, rulesDigest: rulesDigest)
    }
}
