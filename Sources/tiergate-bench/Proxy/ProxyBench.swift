import System

/// The gate beside other proxies, in the same runs on the same machine.
enum ProxyBench {
    private static let others = ["haproxy", "nginx", "envoy", "squid", "mitmproxy"]

    static func run(_ words: [String]) -> CInt {
        let options = ["--runs", "--seconds", "--idle", "--peers", "--json", "--tiergate", "--envoy", "--mitmdump"]
        return Measurement.run(words, options: options) { options, loop, directory in
            let runs = try options.count("--runs", or: 7, in: 1...1000)
            let seconds = try options.seconds("--seconds", or: 3)
            let idle = try options.count("--idle", or: 1000, in: 2...10_000)
            var ports = Ports()
            let site = try Site(in: directory, ports: &ports)
            let peers = try peers(options, site, &ports)
            let origin = try Origin.start(site)
            defer { origin.stop() }
            let report = try measure(peers, runs, seconds, idle, on: loop)
            print(report.text, terminator: "")
            if let file = options.text("--json") {
                try ScratchDirectory.write(String(decoding: report.json, as: UTF8.self) + "\n", to: file)
            }
        }
    }

    /// The gate, no peer at all, and those that are asked for and there.
    private static func peers(_ options: Options, _ site: Site, _ ports: inout Ports) throws -> [Peer] {
        let gate = try GatePeer(site, ports: &ports, program: options.text("--tiergate"))
        var peers = [gate.peer, Peer.direct(site)]
        let wanted = options.list("--peers") ?? others
        for name in wanted where name != "none" {
            let peer: Peer? =
                switch name {
                case "haproxy": try HAProxy.peer(site, ports: &ports)
                case "nginx": try Nginx.peer(site, ports: &ports)
                case "envoy": try Envoy.peer(site, ports: &ports, program: options.text("--envoy"))
                case "squid": try Squid.peer(site, ports: &ports)
                case "mitmproxy": try Mitmproxy.peer(site, ports: &ports, program: options.text("--mitmdump"))
                default:
                    throw Options.Misuse(
                        description: "\(name) is no peer; there are \(others.joined(separator: ", ")) and none")
                }
            if let peer {
                peers.append(peer)
            } else {
                Measurement.progress("\(name) is not on this machine, and is left out")
            }
        }
        return peers
    }

    private static func measure(
        _ peers: [Peer], _ runs: Int, _ seconds: Double, _ idle: Int, on loop: EventLoop
    ) throws -> ProxyReport {
        var figures = Figures()
        var notes: [String] = []
        for run in 0..<runs {
            // Each peer comes first once, so that what the machine does over time is nobody's alone.
            for place in peers.indices {
                let peer = peers[(place + run) % peers.count]
                Measurement.progress("run \(run + 1) of \(runs): \(peer.name) (load average \(Machine.load))")
                do {
                    try PeerRun(peer: peer, number: run, loop: loop, seconds: seconds, idle: idle)
                        .measure(into: &figures, notes: &notes)
                } catch {
                    // Without the gate or without the origin there is nothing to compare.
                    if Interruption.isAsked || peer.name == GatePeer.name || peer.judgesNothing { throw error }
                    notes.append("\(peer.name), run \(run + 1): \(error)")
                }
            }
        }
        return ProxyReport(figures: figures, peers: peers, runs: runs, seconds: seconds, notes: notes)
    }
}
