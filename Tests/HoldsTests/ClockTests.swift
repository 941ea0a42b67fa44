import Calls
import HoldsTesting
import Testing

@testable import Holds

/// What time does to a hold that nobody decides.
@Suite struct ClockTests {
    /// What happened to a hold while the clock went on minute by minute: the minute, and the word of the journal.
    private func course(
        _ terms: Terms, flags: [Flag] = [], settings: HoldSettings = HoldSettings(), minutes: Int64,
        act: (minute: Int64, by: @Sendable (Gate, Hold) async throws -> Void)? = nil
    ) async throws -> (lines: [String], bench: GateBench) {
        let bench = GateBench(settings)
        let hold = try await bench.hold(.sample(), .sample(flags: flags, terms: terms)).hold
        var lines: [String] = []
        var seen = bench.journal.lines.count
        for minute in 1...minutes {
            bench.clock.advance(.minutes(1))
            if let act, act.minute == minute { try await act.by(bench.gate, try await bench.gate.hold(hold.id)) }
            seen = bench.journal.lines.count
            try await bench.gate.keepTime()
            lines += bench.journal.lines[seen...].map { "\(minute) \($0)" }
        }
        return (lines, bench)
    }

    @Test("nobody acts: two warnings, each group in turn with two of its own, then the session is frozen, once")
    func silence() async throws {
        let terms = Terms(decideWithin: .minutes(10), escalateTo: ["leads", "heads"])
        let (lines, bench) = try await course(terms, minutes: 60)
        #expect(
            lines == [
                "5 warn", "9 warn", "10 escalate", "15 warn", "19 warn", "20 escalate", "25 warn", "29 warn",
                "30 silence", "30 frozen",
            ])
        guard case .frozen(let stop) = bench.gate.standing(of: SessionID("s_agent")) else {
            return #expect(Bool(false), "the session goes on")
        }
        guard case .silence = stop.cause else { return #expect(Bool(false), "it was \(stop.cause)") }
    }

    @Test(
        "what follows silence is the rule's word, else the gate's: a flagged call kills",
        arguments: [
            (Terms.Silence.kill, [], "killed"), (.freeze, [Flag.injection], "frozen"), (nil, [.injection], "killed"),
            (nil, [], "frozen"),
        ] as [(Terms.Silence?, [Flag], String)])
    func ending(silence: Terms.Silence?, flags: [Flag], word: String) async throws {
        let terms = Terms(decideWithin: .minutes(10), onSilence: silence)
        let (_, bench) = try await course(terms, flags: flags, minutes: 11)
        #expect(bench.gate.stops.map(\.kind.participle) == [word])
    }

    @Test("an act of a person stops the clock for it; what is left are the warnings before the end of the hold's life")
    func act() async throws {
        let settings = HoldSettings()
        let terms = Terms(decideWithin: .minutes(10))
        let (lines, bench) = try await course(
            terms, settings: settings, minutes: 24 * 60,
            act: (
                7,
                { gate, hold in
                    _ = try await gate.claim(
                        hold.id, digest: hold.digest, by: Operator(uid: 1, name: "ada"), as: .everyGroup)
                }
            ))
        #expect(lines == ["5 warn", "720 warn", "1296 warn", "1440 expired"])
        #expect(bench.gate.stops.isEmpty)
    }

    @Test("tier 4 has the gate's time where the rules name none; a gate without one only warns")
    func defaults() async throws {
        let (lines, bench) = try await course(Terms(), minutes: 31)
        #expect(lines == ["15 warn", "27 warn", "30 silence", "30 frozen"])
        #expect(bench.gate.stops.count == 1)
        var settings = HoldSettings()
        settings.decideWithin = nil
        let (quiet, other) = try await course(Terms(), settings: settings, minutes: 31)
        #expect(quiet.isEmpty && other.gate.stops.isEmpty)
    }

    @Test("silence that nothing follows leaves the session alone")
    func nothing() async throws {
        var settings = HoldSettings()
        settings.onSilence = nil
        let (lines, bench) = try await course(Terms(), settings: settings, minutes: 60)
        #expect(lines == ["15 warn", "27 warn"] && bench.gate.stops.isEmpty)
    }

    @Test("a rejection that is taken back gives people their whole time again")
    func reopened() async throws {
        let (lines, _) = try await course(
            Terms(decideWithin: .minutes(10)), minutes: 30,
            act: (
                4,
                { gate, hold in
                    let decision = Decision(by: Operator(uid: 1, name: "ada"), at: hold.created + .minutes(4))
                    _ = try await gate.reject(hold.id, digest: hold.digest, decision: decision, as: .everyGroup)
                    _ = try await gate.reopen(hold.id, digest: hold.digest, decision: decision, as: .everyGroup)
                }
            ))
        #expect(lines == ["9 warn", "13 warn", "14 silence", "14 frozen"])
    }

    @Test("a gate that slept through all of it takes one step a turn, and none twice")
    func late() async throws {
        let bench = GateBench()
        _ = try await bench.hold(
            .sample(), .sample(terms: Terms(decideWithin: .minutes(10), escalateTo: ["leads"]))
        ).hold
        bench.clock.advance(.hours(2))
        let before = bench.journal.lines.count
        for _ in 0..<12 { try await bench.gate.keepTime() }
        #expect(
            Array(bench.journal.lines[before...]) == [
                "warn", "warn", "escalate", "warn", "warn", "silence", "frozen",
            ])
    }
}
