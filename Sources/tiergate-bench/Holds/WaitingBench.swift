import System

/// Thousands of held calls that wait at the same time: what each costs, and what those notice that pass.
enum WaitingBench {
    /// Bytes for each that waits.
    private static let memoryBound = 24.0 * 1024
    /// How much rate and processor time of passing calls may change.
    private static let changeBound = 0.1
    /// Passing calls are measured so often before, and again meanwhile.
    private static let windows = 5
    /// Those that an operator answers in the end; the others hang up.
    private static let rejected = 100

    static func run(_ words: [String]) -> CInt {
        Measurement.run(words, options: ["--calls", "--seconds", "--tiergate"]) { options, loop, directory in
            let calls = try options.count("--calls", or: 15_000, in: 100...60_000)
            let seconds = try options.seconds("--seconds", or: 2)
            guard EventLoop.descriptorLimit > calls + 200 else {
                throw BenchFailure(
                    "\(calls) connections need more than the \(EventLoop.descriptorLimit) descriptors that this user may "
                        + "have; raise `ulimit -n`, or ask for fewer with --calls")
            }
            var ports = Ports()
            let site = try Site(in: directory, ports: &ports)
            let origin = try Origin.start(site)
            defer { origin.stop() }
            let gate = try HeldGate(
                site, ports: &ports, program: options.text("--tiergate"), calls: calls, on: loop)
            defer { gate.program.stop() }
            try measure(gate, calls, seconds, on: loop)
        }
    }

    private static func measure(_ gate: HeldGate, _ calls: Int, _ seconds: Double, on loop: EventLoop) throws {
        let (route, operators) = (gate.peer.secure, gate.operators)
        Measurement.progress("passing calls, before")
        let before = try passing(gate, seconds, on: loop)
        let crowd = Crowd(route, on: loop)
        let empty = gate.program.residentBytes
        Measurement.progress("\(calls) calls are made that must wait")
        let began = Moment.now()
        try loop.finish {
            try await crowd.gather(calls, isAnswered: false) { .held($0) }
            try await wait(until: calls, operators, on: loop)
        }
        let gathering = Moment.now() - began
        try Interruption.pause(milliseconds: 1000)
        let memory = Double(gate.program.residentBytes - empty) / Double(calls)
        Measurement.progress("passing calls, while \(calls) wait")
        let during = try passing(gate, seconds, on: loop)
        let count = min(rejected, calls)
        try loop.finish {
            for hold in try await operators.pending(limit: count) {
                _ = try await operators.decide("reject", hold, reason: "measured")
            }
            try await wait(until: calls - count, operators, on: loop)
        }
        Measurement.progress("\(count) were rejected; the other agents hang up")
        let leaving = Moment.now()
        crowd.leave()
        try loop.finish { try await wait(until: 0, operators, on: loop) }
        tell(calls, gathering, memory, before, during)
        print("all others gone \(Decimal.text(Moment.now() - leaving, places: 2)) s after they hung up")
    }

    /// Until so many wait.
    private static func wait(until count: Int, _ operators: OperatorLine, on loop: EventLoop) async throws {
        let end = Moment.now() + 120
        while true {
            let waiting = try await operators.waiting()
            if waiting == count { return }
            guard Moment.now() < end else {
                throw BenchFailure(
                    "\(waiting) calls wait, and it should be \(count); does the gate accept as many connections?")
            }
            await loop.sleep(milliseconds: 50)
        }
    }

    private static func passing(
        _ gate: HeldGate, _ seconds: Double, on loop: EventLoop
    ) throws -> (rate: Spread, processor: Spread) {
        let client = LoadClient(gate.peer.secure, Workload(message: .small, connections: 32), on: loop)
        try loop.finish { await client.warmUp() }
        var (rates, processors): ([Double], [Double]) = ([], [])
        for _ in 0..<windows {
            let began = gate.program.processorSeconds
            let result = try loop.finish { await client.run(seconds: seconds) }
            let used = gate.program.processorSeconds - began
            guard result.failed == 0 else { throw BenchFailure("a passing call failed: \(result.failure ?? "?")") }
            rates.append(result.rate)
            processors.append(used / Double(max(1, result.answered)) * 1e6)
        }
        guard let rate = Spread(rates), let processor = Spread(processors) else { throw BenchFailure.interrupted }
        return (rate, processor)
    }

    private static func tell(
        _ calls: Int, _ gathering: Double, _ memory: Double, _ before: (rate: Spread, processor: Spread),
        _ during: (rate: Spread, processor: Spread)
    ) {
        func cell(_ spread: Spread) -> String {
            "\(Decimal.text(spread.median)) (\(Decimal.text(spread.least)) .. \(Decimal.text(spread.most)))"
        }
        var table = TextTable(head: ["passing calls, 32 connections", "requests/s", "CPU us/request"])
        table.rows.append(["none waits", cell(before.rate), cell(before.processor)])
        table.rows.append(["\(calls) wait", cell(during.rate), cell(during.processor)])
        print(table.text, terminator: "")
        var bounds = TextTable(head: ["\(calls) calls wait", "measured", "bound", "verdict"])
        func verdict(_ isMet: Bool) -> String { (isMet ? Bound.Verdict.pass : .miss).rawValue }
        bounds.rows.append([
            "memory a call, KB", Decimal.text(memory / 1024, places: 1),
            "<= \(Decimal.text(memoryBound / 1024, places: 0))",
            verdict(memory <= memoryBound),
        ])
        let slower = 1 - during.rate.median / before.rate.median
        let dearer = during.processor.median / max(before.processor.median, 0.001) - 1
        for (name, change) in [
            ("requests/s of passing calls, fall by %", slower), ("their CPU/request, rise by %", dearer),
        ] {
            bounds.rows.append([
                name, Decimal.text(change * 100, places: 1), "< \(Decimal.text(changeBound * 100, places: 0))",
                verdict(change < changeBound),
            ])
        }
        print(bounds.text, terminator: "")
        print("made in \(Decimal.text(gathering, places: 1)) s (\(Decimal.text(Double(calls) / gathering)) a second)")
    }
}
