import Foundation
import Glibc

/// A gate on a disk of its own before an upstream that counts, and what is known of both over some rounds.
final class CrashStand {
    /// After so many a new one begins: lists and journals would grow, and each round reads them.
    static let rounds = 14
    private static let agents = 8
    private static let operators = 2

    private let seed: UInt64
    private let scratch: Scratch
    private let disk: CrashDisk
    private let clock: WallClock?
    private let upstream: Upstream
    private let gate: TestGate
    private let ledger: CrashLedger
    private var evidence: CrashEvidence
    private let possible: [Disturbance]

    init(seed: UInt64) async throws {
        self.seed = seed
        scratch = try Scratch()
        disk = try await CrashDisk()
        clock = WallClock.isPossible ? try await WallClock(scratch) : nil
        // Without TLS: what is proved lies behind it, and rounds are short.
        upstream = try await Upstream(scratch)
        try scratch.write("rules/world.yaml", World.rules)
        var settings = TestGate.Settings(resolve: ["**.test": upstream.port])
        settings.state = disk.state
        settings.wait = "60 ms"
        settings.hold = "max_pending_per_session: 100000"
        // Larger bodies are put aside in files.
        settings.more = "inspection: {limit: 4 KiB}"
        settings.environment = clock?.environment ?? [:]
        gate = try await TestGate(scratch, settings)
        ledger = CrashLedger("\(seed)", agents: CrashStand.agents)
        evidence = CrashEvidence(ledger, journal: "\(disk.state)/journal", upstream: scratch.file(upstream.log))
        let (disk, clock) = (disk, clock)
        possible = Disturbance.allCases.filter {
            switch $0 {
            case .full: disk.canBeFilled
            case .readOnly: disk.canBreakOff
            case .clock: clock != nil
            case .kill, .stop, .locked, .upstream: true
            }
        }
    }

    /// One round: load, a disturbance, the end, a start on the same state, and what is there then.
    func round(_ number: Int) async throws -> CrashTally {
        let plan = CrashPlan(seed, round: number, among: possible)
        var tally = CrashTally(round: plan.disturbance)
        let whistle = CrashWhistle()
        let load = Task { [load = load(number, whistle)] in await load() }
        do {
            try await pause(plan.before)
            try await disturb(plan, whistle, &tally)
            if !gate.running.hasEnded { try await end(plan, whistle, &tally) }
            await load.value
            try await restart(plan, &tally)
        } catch {
            whistle.blow()
            gate.running.signal(SIGCONT)
            gate.running.signal(SIGKILL)
            await load.value
            throw error
        }
        try await check(plan, &tally)
        return tally.named("\(seed), round \(number), \(plan.disturbance.rawValue)")
    }

    private func pause(_ milliseconds: Int) async throws { try await Task.sleep(for: .milliseconds(milliseconds)) }

    private func load(_ round: Int, _ whistle: CrashWhistle) -> @Sendable () async -> Void {
        let (seed, port, ledger, socket) = (seed, gate.port, ledger, scratch.file("operator.sock"))
        return {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<CrashStand.agents {
                    let chance = SeededChance(seed, UInt64(round), 1, UInt64(number))
                    group.addTask {
                        await onThread {
                            var agent = CrashAgent(
                                number: number, port: port, ledger: ledger, whistle: whistle, chance: chance)
                            agent.run()
                        }
                    }
                }
                for number in 0..<CrashStand.operators {
                    let chance = SeededChance(seed, UInt64(round), 2, UInt64(number))
                    group.addTask {
                        await onThread {
                            var person = CrashOperator(
                                socket: socket, ledger: ledger, whistle: whistle, chance: chance)
                            person.run()
                        }
                    }
                }
            }
        }
    }

    // MARK: The disturbance

    private func disturb(_ plan: CrashPlan, _ whistle: CrashWhistle, _ tally: inout CrashTally) async throws {
        let kinds = [plan.other, plan.disturbance].compactMap(\.self)
        var locking: Running?
        for kind in kinds {
            if kind == .locked { locking = try await lockStore() } else { try await begin(kind, plan, whistle) }
        }
        try await pause(plan.lasting)
        if plan.isKilledWithin, !gate.running.hasEnded { try await kill(whistle) }
        if plan.isStartedWithin { try await startWithin(&tally) }
        // A disk has no files open when it is mended.
        for kind in kinds { try await relieve(kind, plan, locking) }
        // Nothing could be removed from a disk that had broken off.
        if kinds.contains(.full), kinds.contains(.readOnly) { disk.makeRoom() }
        if !gate.running.hasEnded { try await pause(plan.after) }
    }

    private func begin(_ kind: Disturbance, _ plan: CrashPlan, _ whistle: CrashWhistle) async throws {
        switch kind {
        case .kill: try await kill(whistle)
        case .stop: gate.running.signal(SIGSTOP)
        case .full:
            evidence.failedToRecord()
            try disk.fill()
        case .readOnly:
            evidence.lostUnsynced()
            evidence.failedToRecord()
            // A sync that is under way while ext4 gives up may say that it has worked, and has not: a plain program loses a
            // block that way about once in a hundred times. No sync is under way in a process that stands still.
            let isRunning = !gate.running.hasEnded
            if isRunning { try await gate.running.standStill() }
            try await disk.breakOff()
            if isRunning { gate.running.signal(SIGCONT) }
        case .locked: break
        case .clock:
            for jump in plan.jumps {
                clock?.set(jump)
                try await pause(50)
            }
        case .upstream: try await upstream.die()
        }
    }

    private func relieve(_ kind: Disturbance, _ plan: CrashPlan, _ locking: Running?) async throws {
        switch kind {
        case .kill: break
        case .stop: gate.running.signal(SIGCONT)
        case .full: disk.makeRoom()
        case .readOnly: try await disk.mend()
        case .locked: try await locking?.killAndWait()
        // Before its authority was made no gate starts.
        case .clock: if !plan.keepsJump || clock.map({ $0.offset < -60_000 }) ?? false { clock?.set(0) }
        case .upstream: try await upstream.start()
        }
    }

    private func lockStore() async throws -> Running {
        let script = """
            import sqlite3, sys, time
            store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
            store.execute("BEGIN EXCLUSIVE")
            print("locked", flush=True)
            time.sleep(60)
            """
        let locking = try Running(Place.plainPython, ["-c", script, "\(gate.state)/holds.db"])
        try await waitUntil("the store is locked: \(locking.text)") { locking.output.contains("locked") }
        return locking
    }

    // MARK: The end, and the start after it

    private func kill(_ whistle: CrashWhistle) async throws {
        try await gate.die()
        whistle.blow()
    }

    private func end(_ plan: CrashPlan, _ whistle: CrashWhistle, _ tally: inout CrashTally) async throws {
        guard plan.isOrderly else { return try await kill(whistle) }
        gate.running.signal(SIGTERM)
        try await pause(50)
        whistle.blow()
        let ended = try await gate.running.finish()
        if ended.status != 0 { tally.find(.other, "SIGTERM ended it with \(ended.status): \(ended.errors)") }
    }

    /// A gate that cannot do its work may refuse to start; one that starts does no harm.
    private func startWithin(_ tally: inout CrashTally) async throws {
        do {
            try await gate.start()
        } catch {
            guard gate.running.hasEnded else { throw error }
            return tally.startsRefused += 1
        }
        tally.startsServed += 1
        let (port, ledger) = (gate.port, ledger)
        await onThread {
            let whistle = CrashWhistle()
            whistle.blow()
            var agent = CrashAgent(
                number: 0, port: port, ledger: ledger, whistle: whistle, chance: SeededChance(0))
            agent.probe()
        }
        try await gate.die()
    }

    private func restart(_ plan: CrashPlan, _ tally: inout CrashTally) async throws {
        try await verify(allowing: ["incomplete"], &tally)
        for moment in plan.killedStarts {
            try await gate.start(killedAfter: moment)
            try await verify(allowing: ["incomplete"], &tally)
        }
        try await gate.start()
        try await verify(allowing: [], &tally)
    }

    private func verify(allowing codes: Set<String>, _ tally: inout CrashTally) async throws {
        let verified = try await run(Place.tiergate, ["journal", "verify", "--json", "\(gate.state)/journal"])
        guard let report = CrashJSON(verified.output) else {
            return tally.find(.journal, "journal verify: \(verified.output)\(verified.errors)")
        }
        let found = report["findings"].list.compactMap { $0["code"].text }
        // A line that is being written while it is read has no end yet either; nobody calls now.
        if !Set(found).isSubset(of: codes) { tally.find(.journal, "journal verify: \(verified.output)") }
    }

    private func check(_ plan: CrashPlan, _ tally: inout CrashTally) async throws {
        try evidence.readUpstream()
        let socket = scratch.file("operator.sock")
        let holds: [CrashHold]? = await onThread {
            var all: [CrashHold] = []
            for states in [
                ["pending", "approved", "sending"], ["uncertain", "resolved", "rejected"], ["done"],
                ["expired", "stale"],
            ] {
                guard let some = CrashOperator.holds(states, limit: 1000, socket: socket) else { return nil }
                all += some
            }
            return all
        }
        guard let holds, holds.count < 4000 else {
            return tally.find(.other, "the holds cannot be listed after the start: \(gate.running.text)")
        }
        try evidence.readJournal()
        let span = clock?.span ?? (least: 0, most: 0)
        evidence.check(holds, mayHaveExpired: span.most - span.least > 20 * 3_600_000, &tally)
    }
}
