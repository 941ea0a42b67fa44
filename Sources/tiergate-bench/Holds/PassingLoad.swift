import System

/// Calls that pass, on 32 connections: through the gate, or straight to the origin to see what the client does to both.
struct PassingLoad {
    let name: String
    let route: Route
    /// The gate's; nil where there is none on the way.
    let program: Program?

    /// Over several windows.
    struct Found {
        let name: String
        let rate: Spread
        /// Microseconds a request.
        let processor: Spread?
        let foreign: Spread
    }

    func measure(_ windows: Int, _ seconds: Double, on loop: EventLoop) throws -> Found {
        let client = LoadClient(route, Workload(message: .small, connections: 32), on: loop)
        try loop.finish { await client.warmUp() }
        var (rates, processors, foreign): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<windows {
            let began = Usage(of: program)
            let result = try loop.finish { await client.run(seconds: seconds) }
            let used = Usage(of: program) - began
            guard result.failed == 0, result.answered > 0 else {
                throw BenchFailure("a passing call failed: \(result.failure ?? "no answer")")
            }
            rates.append(result.rate)
            foreign.append(used.foreign / result.seconds)
            if let processor = used.peer { processors.append(processor / Double(result.answered) * 1e6) }
        }
        guard let rate = Spread(rates), let others = Spread(foreign) else { throw BenchFailure.interrupted }
        return Found(name: name, rate: rate, processor: Spread(processors), foreign: others)
    }
}
