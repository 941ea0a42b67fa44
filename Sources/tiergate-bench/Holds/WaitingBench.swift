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
            let loads = [
                PassingLoad(name: "gate", route: gate.peer.secure, program: gate.program),
                PassingLoad(name: "direct", route: Peer.direct(site).secure, program: nil),
            ]
            try measure(gate, loads, calls, seconds, on: loop)
        }
    }

    private static func measure(
        _ gate: HeldGate, _ loads: [PassingLoad], _ calls: Int, _ seconds: Double, on loop: EventLoop
    ) throws {
        let (route, operators) = (gate.peer.secure, gate.operators)
        Measurement.progress("passing calls, before (load average \(Machine.load))")
        let before = try loads.map { try $0.measure(windows, seconds, on: loop) }
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
        let during = try loads.map { try $0.measure(windows, seconds, on: loop) }
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
        tell(calls, memory, before, during)
        print("made in \(Decimal.text(gathering, places: 1)) s (\(Decimal.text(Double(calls) / gathering)) a second)")
        print("all others gone \(Decimal.text(Moment.now() - leaving, places: 2)) s after they hung up")
    }

    /// Until so many wait.
    private static func wait(until count: Int, _ operators: OperatorLine, on loop: EventLoop) async throws {
        let end = Moment.now() + 120
        while true {
            let waiting = try await operators.waiting()
            if waiting == count { return }
            guard Moment.now() < end else { throw BenchFailure("\(waiting) calls wait, and it should be \(count)") }
            await loop.sleep(milliseconds: 50)
        }
    }

    private static func tell(
        _ calls: Int, _ memory: Double, _ before: [PassingLoad.Found], _ during: [PassingLoad.Found]
    ) {
        var table = TextTable(head: ["passing calls, c32", "requests/s", "CPU us/request", "others' CPUs"])
        for (found, name) in before.map({ ($0, "none waits") }) + during.map({ ($0, "\(calls) wait") }) {
            table.rows.append([
                "\(found.name), \(name)", ProxyReport.cell(found.rate, Metric.rate.text),
                found.processor.map { ProxyReport.cell($0, Metric.processor.text) } ?? "-",
                ProxyReport.cell(found.foreign, Metric.foreign.text),
            ])
        }
        var bounds = TextTable(head: ["gate", "measured", "bound", "verdict"])
        func verdict(_ isMet: Bool) -> String { (isMet ? Bound.Verdict.pass : .miss).rawValue }
        bounds.rows.append([
            "memory of a waiting call, KB", Metric.memory.text(memory), "<= \(Metric.memory.text(memoryBound))",
            verdict(memory <= memoryBound),
        ])
        if let old = before.first, let new = during.first, let was = old.processor, let isNow = new.processor {
            let changes = [
                ("requests/s of passing calls, fall in %", 1 - new.rate.median / old.rate.median),
                ("CPU/request of passing calls, rise in %", isNow.median / max(was.median, 0.001) - 1),
            ]
            for (name, change) in changes {
                bounds.rows.append([
                    name, Decimal.text(change * 100, places: 1), "< \(Decimal.text(changeBound * 100, places: 0))",
                    verdict(change < changeBound),
                ])
            }
        }
        print("\(table.text)\n\(bounds.text)", terminator: "")
    }
}
