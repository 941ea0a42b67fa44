import System

/// From an operator's word to the first byte of the call at its upstream.
enum DecisionBench {
    /// Milliseconds.
    private static let bound = 2.0

    /// What is timed, each over all calls.
    private struct Times: Sendable {
        /// From the decision to the call's first byte at the upstream.
        var sent = Latencies()
        /// From the decision to the whole answer at the agent.
        var answered = Latencies()
        var disk = Latencies()
    }

    static func run(_ words: [String]) -> CInt {
        Measurement.run(words, options: ["--calls", "--tiergate"]) { options, loop, directory in
            let calls = try options.count("--calls", or: 500, in: 1...1_000_000)
            var ports = Ports()
            let site = try Site(in: directory, ports: &ports)
            let upstream = try TimedUpstream(site)
            upstream.serve(on: loop)
            let gate = try HeldGate(
                site, ports: &ports, program: options.text("--tiergate"), calls: calls, on: loop)
            defer { gate.program.stop() }
            let (operators, route) = (gate.operators, gate.peer.secure)
            Measurement.progress("\(calls) calls, one after the other: held, approved, sent")
            let times = try loop.finish {
                try await measure(calls, route, operators, upstream, DiskSync(in: directory), on: loop)
            }
            try tell(times)
            print("the gate made \(upstream.connections) connections to the upstream for \(calls) calls")
        }
    }

    private static func measure(
        _ calls: Int, _ route: Route, _ operators: OperatorLine, _ upstream: TimedUpstream, _ disk: DiskSync,
        on loop: EventLoop
    ) async throws -> Times {
        let agent = try await HTTPConnection.open(route, to: Route.usualName, on: loop)
        var times = Times()
        for number in 0..<calls {
            try await agent.send(route.bytes(of: .held(number), to: Route.usualName))
            let hold = try await waiting(operators, on: loop)
            let decided = try await operators.decide("approve", hold, reason: "measured")
            let status = try await agent.answer()
            guard status == 200, let arrived = upstream.arrived else {
                throw BenchFailure("an approved call was answered with \(status)")
            }
            times.sent.append(from: decided, to: arrived)
            times.answered.append(from: decided, to: .now())
            try disk.time(into: &times.disk)
        }
        return times
    }

    /// The one hold that there is, once its agent waits for it.
    private static func waiting(_ operators: OperatorLine, on loop: EventLoop) async throws -> OperatorLine.Pending {
        let end = Moment.now() + 10
        while Moment.now() < end {
            if let hold = try await operators.pending(limit: 2).first, hold.isAwaited { return hold }
            await loop.sleep(milliseconds: 1)
        }
        throw BenchFailure("a call that must be held is not")
    }

    private static func tell(_ times: Times) throws(BenchFailure) {
        var table = TextTable(head: ["", "p50 ms", "p99 ms", "most ms"])
        for (name, values) in [
            ("approval to the call's first byte upstream", times.sent),
            ("approval to the agent's answer", times.answered),
            ("beside it: 512 bytes written and synced", times.disk),
        ] {
            let figures = [0.5, 0.99, 1].map { values.percentile($0).map { Decimal.text($0 / 1000, places: 2) } ?? "-" }
            table.rows.append([name] + figures)
        }
        guard let tail = times.sent.percentile(0.99) else { throw BenchFailure("nothing was measured") }
        print(table.text, terminator: "")
        let verdict: Bound.Verdict = tail / 1000 <= bound ? .pass : .miss
        print(
            "p99 to the first byte: \(Decimal.text(tail / 1000, places: 2)) ms, bound <= \(bound) ms: \(verdict.rawValue)"
        )
    }
}
