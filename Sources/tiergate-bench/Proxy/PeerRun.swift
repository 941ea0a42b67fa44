import Crypto
import Glibc
import System

/// One peer in one run: started with fresh state for each sort of load, and ended.
struct PeerRun {
    let peer: Peer
    let number: Int
    let loop: EventLoop
    /// A load's.
    let seconds: Double
    /// Connections whose memory is looked at.
    let idle: Int

    func measure(into figures: inout Figures, notes: inout [String]) throws {
        if !peer.judgesNothing {
            try measureIdle(.idleSecure, peer.secure, into: &figures)
            if let plain = peer.plain { try measureIdle(.idlePlain, plain, into: &figures) }
        }
        let program = try started()
        defer { program?.stop() }
        for load in ProxyLoad.allCases {
            guard let workload = load.workload else { continue }
            try measure(load, workload, program, into: &figures, notes: &notes)
        }
    }

    // MARK: Loads

    private func measure(
        _ load: ProxyLoad, _ workload: Workload, _ program: Program?, into figures: inout Figures,
        notes: inout [String]
    ) throws {
        let (loop, seconds) = (loop, seconds)
        let client = LoadClient(peer.secure, workload, on: loop)
        try loop.finish { await client.warmUp() }
        let usage = Usage(of: program)
        let result = try loop.finish { await client.run(seconds: seconds) }
        let used = Usage(of: program) - usage
        if result.failed > 0 {
            notes.append(
                "\(peer.name), \(load.rawValue), run \(number + 1): \(result.failed) of \(result.failed + result.answered)"
                    + " failed, the first: \(result.failure ?? "?")")
        }
        guard result.answered > 0 else { return }
        figures.add(result.rate, load, peer.name, .rate, run: number)
        figures.add(result.latencies.percentile(0.5), load, peer.name, .median, run: number)
        figures.add(result.latencies.percentile(0.99), load, peer.name, .tail, run: number)
        figures.add(used.foreign / result.seconds, load, peer.name, .foreign, run: number)
        guard let processor = used.peer else { return }
        figures.add(processor / Double(result.answered) * 1e6, load, peer.name, .processor, run: number)
    }

    private func measureIdle(_ load: ProxyLoad, _ route: Route, into figures: inout Figures) throws {
        guard let program = try started() else { return }
        defer { program.stop() }
        let crowd = Crowd(route, on: loop)
        let idle = idle
        // What the first connection of this sort makes is no memory of each.
        try loop.finish { try await crowd.gather(1, isAnswered: true) { _ in .small } }
        try Interruption.pause(milliseconds: 300)
        let before = program.residentBytes
        try loop.finish { try await crowd.gather(idle, isAnswered: true) { _ in .small } }
        try Interruption.pause(milliseconds: 500)
        let grown = program.residentBytes - before
        figures.add(Double(grown) / Double(max(1, idle - 1)), load, peer.name, .memory, run: number)
        crowd.leave()
    }

    // MARK: The start

    private static let startTime = 30.0

    /// Fresh, once it answers as it should.
    private func started() throws -> Program? {
        let program = try peer.start()
        let end = Moment.now() + PeerRun.startTime
        while true {
            if let program, program.hasEnded { throw BenchFailure("\(peer.name) ended: \(program.lastWords)") }
            do {
                guard try status(of: .small) == 200 else { throw BenchFailure("\(peer.name) does not answer with 200") }
                break
            } catch {
                guard Moment.now() < end else {
                    throw BenchFailure("\(peer.name) does not answer: \(error). \(program?.lastWords ?? "")")
                }
                try Interruption.pause(milliseconds: 20)
            }
        }
        for (message, expected) in [(Message.large, 200), (.write, 200), (.denied, peer.judgesNothing ? 404 : 403)] {
            let status = try status(of: message)
            guard status == expected else {
                throw BenchFailure(
                    "\(peer.name) answers \(message.method) \(message.path) with \(status), not \(expected)")
            }
        }
        return program
    }

    private func status(of message: Message) throws -> Int {
        let (loop, route) = (loop, peer.secure)
        return try loop.finish {
            let connection = try await HTTPConnection.open(route, to: Route.usualName, on: loop)
            try await connection.send(route.bytes(of: message, to: Route.usualName))
            return try await connection.answer()
        }
    }
}
