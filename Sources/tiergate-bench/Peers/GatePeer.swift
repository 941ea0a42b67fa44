import Glibc

/// Tiergate itself with one worker: TLS to agents with leaves that it mints, rules from a file, bodies judged, journal
/// and store on disk.
struct GatePeer: Sendable {
    static let name = "gate"

    let peer: Peer
    let operatorSocket: String

    /// - Parameters:
    ///   - program: nil is the one beside this program.
    ///   - hold: settings of holds, as YAML of one line.
    init(_ site: Site, ports: inout Ports, program: String?, hold: String = "{}") throws(BenchFailure) {
        let program = if let program { program } else { try GatePeer.sibling() }
        guard access(program, X_OK) == 0 else {
            throw BenchFailure("there is no program \(program); name it with --tiergate")
        }
        let port = try ports.next()
        let directory = site.directory
        try directory.write("gate/rules/bench.yaml", GatePeer.rules)
        operatorSocket = directory.file("gate/operator.sock")
        let configuration = try directory.write(
            "gate/tiergate.yaml",
            """
            listen: 127.0.0.1:\(port)
            state: \(directory.file("gate/state"))
            rules: [\(directory.file("gate/rules"))]
            operator: {socket: \(operatorSocket)}
            authority: {certificate: \(site.certificates.peers.root), key: \(site.certificates.peers.rootKey)}
            upstream:
              roots: [\(site.certificates.origin.root)]
              allow: [127.0.0.0/8]
              resolve: {"**.test": 127.0.0.1}
            hold: \(hold)
            workers: 1

            """)
        peer = Peer(
            name: GatePeer.name, secure: site.secure(.tunnel, port), plain: site.plain(.plainProxy, port),
            version: Peer.version([program, "version"], in: directory)
        ) { () throws(BenchFailure) in
            directory.clear("gate/state")
            return try Program("gate", [program, "serve", "--config", configuration], in: directory)
        }
    }

    private static func sibling() throws(BenchFailure) -> String {
        var path = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else {
            throw BenchFailure("where this program is cannot be read; name the gate with --tiergate")
        }
        let own = String(decoding: path.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return own.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/tiergate"
    }

    private static let rules = """
        tiergate: 1
        pack: bench
        version: 1.0.0
        hosts: ["**.test"]
        rules:
          - id: bench.read
            match: {method: [GET, HEAD]}
            tier: read-only
            summary: "Read {{ request.path }}"
          - id: bench.write
            match: {method: POST, path: /post}
            tier: reversible
            summary: "Write {{ body.id }}"
          - id: bench.hold
            match: {method: POST, path: "/hold/{number}"}
            tier: external
            summary: "Send {{ body.id }}"
          - id: bench.deny
            match: {path: "/deny/**"}
            block: true
            reason: not in this measurement

        """
}
