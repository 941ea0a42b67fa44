import Glibc
import Jail
import System

/// What the way out of a jail costs: connecting and the first byte, beside plain loopback and without namespaces.
///
/// Whoever answers is the same thread of this process each time; the gate's own work is not in it (`proxy` has that).
enum JailBench {
    private enum Way: String, CaseIterable {
        case plain = "loopback"
        case jailed = "jail"
        case weaker = "without namespaces"
    }

    static func run(_ words: [String]) -> CInt {
        if let client = JailClient(words) { return client.run() }
        return Measurement.run(words, options: ["--connections", "--rounds"]) { options, _, directory in
            let connections = try options.count("--connections", or: 4000, in: 100...1_000_000)
            let rounds = try options.count("--rounds", or: 5, in: 1...100)
            var medians: [Way: [Double]] = [:]
            var nineties: [Way: [Double]] = [:]
            for round in 1...rounds {
                Measurement.progress("round \(round) of \(rounds)")
                // One after the other in each round, so that what else the machine does meets all of them.
                for way in Way.allCases {
                    let (median, ninety) = try measure(way, connections, directory)
                    medians[way, default: []].append(median)
                    nineties[way, default: []].append(ninety)
                }
            }
            var table = TextTable(head: ["connect and first byte", "median µs", "p90 µs", "more than loopback"])
            let plain = Spread(medians[.plain] ?? [])?.median ?? 0
            for way in Way.allCases {
                guard let median = Spread(medians[way] ?? []), let ninety = Spread(nineties[way] ?? []) else {
                    continue
                }
                table.rows.append([
                    way.rawValue, Decimal.text(median.median), Decimal.text(ninety.median),
                    Decimal.text(median.median - plain),
                ])
            }
            print(table.text, terminator: "")
        }
    }

    private static func measure(
        _ way: Way, _ connections: Int, _ directory: ScratchDirectory
    ) throws -> (median: Double, ninety: Double) {
        let executable = Paths.real("/proc/self/exe") ?? ""
        let project = directory.file("project")
        try Files.makeDirectory(project, mode: 0o777)
        chmod(project, 0o777)
        let result = "\(project)/result"
        unlink(result)
        func client(_ address: String, _ port: UInt16) -> [String] {
            [executable, "jail", "client", address, "\(port)", "\(connections)", result]
        }
        if way == .plain {
            let (listener, port) = try JailServer.onLoopback()
            let server = try JailServer([listener])
            defer { server.end() }
            let program = try Program("client", client("127.0.0.1", port), in: directory)
            while !program.hasEnded { usleep(1000) }
        } else {
            var settings = JailSettings(
                command: client("192.0.2.7", 80).map { Array($0.utf8) },
                environment: ProgramEnvironment.inherited(replacing: []), directory: project, homes: [])
            if geteuid() == 0 { settings.account = .init(uid: 65_534, gid: 65_534) }
            settings.shares = [.init(path: executable, isReadOnly: true)]
            if way == .weaker {
                let own = directory.file("own")
                try Files.makeDirectory(own, mode: 0o777)
                settings.weakerIn = own
            }
            let jail = try Jail.start(settings)
            let supervisor = jail.supervisor
            let server = try JailServer(jail.listeners.streams) { _ = supervisor?.destination(from: $0) }
            defer { server.end() }
            jail.go()
            var failure: JailFailure?
            events: while true {
                switch jail.next() {
                case .ended: break events
                case .failed(let reason): failure = reason
                case .ready, .stopped: continue
                }
            }
            _ = jail.status()
            if let failure { throw failure }
        }
        let figures = String(decoding: try Files.read(result), as: UTF8.self).split(separator: " ").compactMap {
            Double($0)
        }
        guard figures.count == 2 else { throw BenchFailure("the client has measured nothing") }
        return (figures[0], figures[1])
    }
}
