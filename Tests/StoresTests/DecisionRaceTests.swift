import Calls
import Crypto
import Glibc
import Holds
import HoldsTesting
import Testing

@testable import Stores

/// Two people, one hold, the real store: `deploy/prove races` is the long form.
@Suite struct DecisionRaceTests {
    private static let rounds = getenv("TIERGATE_RACES").flatMap { Int(String(cString: $0)) } ?? 200

    private enum Step: CaseIterable {
        case approve, reject, claim, handOver, extend, ask

        var ends: Bool { self == .approve || self == .reject }
    }

    private static func person(_ name: String) -> Operator {
        Operator(uid: UInt32(name.utf8.reduce(0) { $0 &* 31 &+ UInt32($1) }), name: name)
    }

    /// `won`, or who the loser was told of.
    private static func take(_ step: Step, _ hold: Hold, _ name: String, _ gate: Gate, at now: Timestamp) async
        -> String
    {
        let person = person(name)
        let decision = Decision(by: person, at: now, reason: "race")
        let (id, digest) = (hold.id, hold.digest)
        do throws(DecisionFailure) {
            switch step {
            case .approve: _ = try await gate.approve(id, digest: digest, decision: decision, as: .everyGroup)
            case .reject: _ = try await gate.reject(id, digest: digest, decision: decision, as: .everyGroup)
            case .claim: _ = try await gate.claim(id, digest: digest, by: person, as: .everyGroup)
            case .handOver: _ = try await gate.handOver(id, digest: digest, by: person, to: person, as: .everyGroup)
            case .extend:
                _ = try await gate.extend(
                    id, digest: digest, by: person, until: hold.expires + .minutes(1), reason: nil, as: .everyGroup)
            case .ask: _ = try await gate.ask(id, digest: digest, "Why?", by: person, as: .everyGroup)
            }
            return "won"
        } catch {
            switch error {
            case .notPossible(let now):
                switch now.state {
                case .approved(let decision), .rejected(let decision): return decision.by.name
                default: return "nobody: \(now.state.name)"
                }
            case .claimedAlready(let now): return now.deliberation.claim?.by.name ?? "nobody"
            default: return "\(error)"
            }
        }
    }

    private func gate(_ store: SQLiteHoldStore) -> Gate {
        let bench = GateBench()
        let world = GateWorld(
            now: { Sample.now }, newHoldID: { HoldID(random: SecureRandom.word()) }, hash: { SHA256.digest($0) },
            append: { event throws(JournalDown) in try bench.journal.append(event) },
            flush: { durably async throws(JournalDown) in try bench.journal.flush(durably) },
            archive: { _ in Sample.content },
            restore: { _, _ throws(StoreFailure) in throw .damaged(reason: "no calls here") },
            judge: { _ in .sample() })
        return Gate(store: store, settings: HoldSettings(), world: world)
    }

    @Test("of two who decide at once one wins, the store has his decision, and the other is told who he is")
    func races() async throws {
        let scratch = try Scratch()
        let store = try SQLiteHoldStore(in: try StateDirectory(opening: scratch.path + "/state"))
        defer { store.closeAndWait() }
        let gate = gate(store)
        var wins: [String: Int] = [:]
        for round in 0..<Self.rounds {
            let hold = Sample.hold(session: "s\(round)", created: 0, expires: 86_400_000)
            let ready = Hold(
                id: hold.id, session: hold.session, call: hold.call, digest: hold.digest, repeatKey: hold.repeatKey,
                idempotency: nil, created: hold.created, facts: Sample.facts(terms: Terms()), expires: hold.expires)
            guard case .created = try await store.enrol(ready, content: Sample.content, limits: EnrolmentLimits())
            else {
                Issue.record("not enrolled")
                return
            }
            let steps: (Step, Step) = [
                (.approve, .reject), (.approve, .approve), (.reject, .approve), (.claim, .claim),
            ][
                round % 4]
            async let one = Self.take(steps.0, ready, "ada", gate, at: Sample.now)
            async let other = Self.take(steps.1, ready, "bob", gate, at: Sample.now)
            let (ada, bob) = await (one, other)
            let winner = ada == "won" ? "ada" : "bob"
            #expect([ada, bob].sorted() == [winner, "won"], "round \(round): \(ada), \(bob)")
            wins[winner, default: 0] += 1
            let after = try #require(try await store.hold(ready.id))
            switch after.state {
            case .approved(let decision), .rejected(let decision): #expect(decision.by.name == winner)
            default: #expect(after.deliberation.claim?.by.name == winner)
            }
        }
        #expect(wins.values.reduce(0, +) == Self.rounds)
        if Self.rounds > 200 { print("\(Self.rounds) races, one winner each: \(wins.sorted { $0.key < $1.key })") }
    }

    @Test("a step that leaves room for the other is never lost to it")
    func together() async throws {
        let scratch = try Scratch()
        let store = try SQLiteHoldStore(in: try StateDirectory(opening: scratch.path + "/state"))
        defer { store.closeAndWait() }
        let gate = gate(store)
        for round in 0..<(Self.rounds / 10) {
            let hold = Sample.hold(session: "t\(round)", expires: 86_400_000)
            _ = try await store.enrol(hold, content: Sample.content, limits: EnrolmentLimits())
            async let one = Self.take(.approve, hold, "ada", gate, at: Sample.now)
            async let two = Self.take(.approve, hold, "bob", gate, at: Sample.now)
            async let three = Self.take(.ask, hold, "cyd", gate, at: Sample.now)
            let outcomes = await [one, two, three]
            #expect(outcomes[0] == "won" && outcomes[1] == "won", "\(outcomes)")
            let after = try #require(try await store.hold(hold.id))
            #expect(after.state.name == "approved" && after.deliberation.votes.count == 2)
            #expect((outcomes[2] == "won") == (after.deliberation.questions.count == 1))
        }
    }
}
