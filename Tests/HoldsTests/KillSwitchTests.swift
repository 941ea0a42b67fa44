import Calls
import HoldsTesting
import Testing

@testable import Holds

@Suite struct KillSwitchTests {
    private let killSwitch = KillSwitch()
    private let session = SessionID("bot/7")
    private let start = Timestamp(milliseconds: 1_000_000)

    @discardableResult
    private func stop(_ scope: String, _ kind: Stop.Kind, at: Int64 = 0) throws -> Stop {
        let scope = try #require(Scope(scope))
        return killSwitch.add(
            Stop(
                scope, kind, by: .person(Operator(uid: 1, name: "ada"), reason: nil),
                at: start + Interval(milliseconds: at)))
    }

    private func lift(_ scope: String) throws {
        let scope = try #require(Scope(scope))
        let stop = try #require(killSwitch.stop(of: scope))
        #expect(killSwitch.lift(stop))
    }

    private func permit(_ tier: Tier = .reversible, hold: Hold? = nil) -> Permit {
        let verdict = Verdict.sample(tier: tier, disposition: .pass)
        return Permit(.sample(session: "bot/7"), verdict, hold: hold, from: start, epoch: killSwitch.epoch)
    }

    private func word(_ permit: consuming Permit) -> String { Self.word(permit, killSwitch) }

    private static func word(_ permit: consuming Permit, _ killSwitch: KillSwitch) -> String {
        do throws(PermitFailure) {
            _ = try permit.spend(at: Timestamp(milliseconds: 0), under: "r1", heeding: killSwitch)
            return "sent"
        } catch {
            switch error {
            case .expired: return "expired"
            case .rulesChanged: return "rules changed"
            case .frozen: return "frozen"
            case .killed: return "killed"
            case .voided: return "voided"
            }
        }
    }

    private func word(_ standing: Standing) -> String {
        switch standing {
        case .running: "running"
        case .frozen(let stop): "frozen by \(stop.scope)"
        case .killed(let stop): "killed by \(stop.scope)"
        }
    }

    // MARK: Standing

    @Test("with nothing stopped everybody runs, and a permit of the same epoch is honoured without a look")
    func running() {
        #expect(killSwitch.standing(of: session) == .running)
        #expect(killSwitch.look(at: session).epoch == killSwitch.epoch)
        #expect(word(permit()) == "sent")
    }

    @Test(
        "a stop is for the sessions that its scope contains",
        arguments: [
            ("everything", "killed by everything"), ("agent:bot", "killed by agent:bot"),
            ("session:bot/7", "killed by session:bot/7"), ("agent:bo", "running"), ("agent:bot2", "running"),
            ("session:bot/8", "running"), ("session:bot", "running"),
        ])
    func scopes(scope: String, standing: String) throws {
        try stop(scope, .kill)
        #expect(word(killSwitch.standing(of: session)) == standing)
    }

    @Test(
        "the strictest of several counts, and of equal ones the widest",
        arguments: [
            (["everything freeze", "session:bot/7 kill"], "killed by session:bot/7"),
            (["session:bot/7 freeze", "agent:bot kill"], "killed by agent:bot"),
            (["session:bot/7 freeze", "everything freeze"], "frozen by everything"),
            (["session:bot/7 kill", "agent:bot kill"], "killed by agent:bot"),
            (["agent:other kill", "agent:bot freeze"], "frozen by agent:bot"),
        ])
    func strictest(stops: [String], standing: String) throws {
        for words in stops.map({ $0.split(separator: " ").map(String.init) }) {
            try stop(words[0], try #require(Stop.Kind(rawValue: words[1])))
        }
        #expect(word(killSwitch.standing(of: session)) == standing)
    }

    @Test("a freeze takes nothing back from a kill, and a kill takes a freeze over")
    func sameScope() throws {
        #expect(try stop("agent:bot", .freeze).kind == .freeze)
        let kill = try stop("agent:bot", .kill, at: 1)
        #expect(kill.kind == .kill)
        #expect(try stop("agent:bot", .freeze, at: 2) == kill)
        #expect(killSwitch.stops == [kill])
    }

    @Test("only the stop that was seen is lifted")
    func lifting() throws {
        let first = try stop("everything", .kill)
        let second = try stop("everything", .kill, at: 1)
        #expect(!killSwitch.lift(first))
        #expect(killSwitch.lift(second))
        #expect(!killSwitch.lift(second))
        #expect(killSwitch.standing(of: session) == .running)
        #expect(killSwitch.stops.isEmpty)
    }

    @Test("lifting one leaves the others")
    func others() throws {
        try stop("everything", .kill)
        try stop("agent:bot", .freeze)
        try lift("everything")
        #expect(word(killSwitch.standing(of: session)) == "frozen by agent:bot")
    }

    @Test("the widest are listed first")
    func order() throws {
        for scope in ["session:bot/7", "agent:bot", "everything", "agent:a"] { try stop(scope, .freeze) }
        #expect(
            killSwitch.stops.map(\.scope.description).prefix(1) == ["everything"]
                && killSwitch.stops.last?.scope.description == "session:bot/7")
    }

    // MARK: Permits

    @Test(
        "a permit from before a stop is not honoured, whatever its tier; a freeze lets reading through",
        arguments: [
            (Stop.Kind.kill, Tier.readOnly, "killed"), (.kill, .reversible, "killed"),
            (.freeze, .readOnly, "sent"), (.freeze, .reversible, "frozen"), (.freeze, .irreversible, "frozen"),
        ])
    func stopped(kind: Stop.Kind, tier: Tier, outcome: String) throws {
        let permit = permit(tier)
        try stop("agent:bot", kind)
        #expect(word(permit) == outcome)
    }

    @Test("a freeze lets nothing through that was held, whatever it reads")
    func heldReading() throws {
        let permit = permit(.readOnly, hold: HoldFixture.hold)
        try stop("everything", .freeze)
        #expect(word(permit) == "frozen")
    }

    @Test("a stop of others leaves it alone", arguments: Stop.Kind.allCases)
    func otherScope(kind: Stop.Kind) throws {
        let permit = permit()
        try stop("agent:other", kind)
        #expect(word(permit) == "sent")
    }

    @Test("a kill that was lifted meanwhile voids the permits from before it; a freeze does not")
    func lifted() throws {
        let first = permit()
        let second = permit()
        try stop("session:bot/7", .freeze)
        try lift("session:bot/7")
        #expect(word(first) == "sent")
        try stop("session:bot/7", .kill)
        try lift("session:bot/7")
        #expect(word(second) == "voided")
        #expect(word(permit()) == "sent")
    }

    @Test("a permit made while others are stopped is honoured")
    func afterwards() throws {
        try stop("agent:other", .kill)
        #expect(word(permit()) == "sent")
        try stop("session:x", .kill)
        #expect(word(permit()) == "sent")
    }

    @Test("beyond the kills that are remembered one by one, one more voids the permits of everybody")
    func manyKills() throws {
        let permit = permit()
        for number in 0...KillSwitch.rememberedKills { try stop("session:s\(number)", .kill) }
        #expect(word(permit) == "voided")
        #expect(word(self.permit()) == "sent")
    }

    @Test("under many that stop, resume and send at once, nothing is sent that was killed before")
    func race() async throws {
        let killSwitch = killSwitch
        let stop = try stop("everything", .kill)
        #expect(killSwitch.lift(stop))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for round in 0..<500 {
                        let session = SessionID("a\(number)")
                        let verdict = Verdict.sample(tier: .readOnly, disposition: .pass)
                        let permit = Permit(
                            .sample(session: session.description), verdict, hold: nil,
                            from: Timestamp(milliseconds: 0), epoch: killSwitch.epoch)
                        let own = killSwitch.add(
                            Stop(.session(session), .kill, by: .file("k"), at: Timestamp(milliseconds: Int64(round))))
                        #expect(Self.word(permit, killSwitch) == "killed")
                        #expect(killSwitch.lift(own))
                        #expect(killSwitch.standing(of: session) == .running)
                    }
                }
            }
        }
        #expect(killSwitch.stops.isEmpty)
    }
}
