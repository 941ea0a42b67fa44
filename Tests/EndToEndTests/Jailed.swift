import Foundation
import Glibc
import Testing

/// `tiergate run` as an ordinary account starts it, in a project of its own, before an upstream under `api.test`.
final class Jailed {
    /// No account of this machine; only root can lend it.
    private static let uid = 64_311

    let scratch: Scratch
    let upstream: Upstream
    let certificates: Certificates
    var project: String { scratch.file("project") }
    var home: String { scratch.file("home") }
    private var config: String { scratch.file("tiergate.yaml") }
    private var socket: String { scratch.file("operator/operator.sock") }
    var uid: Int { geteuid() == 0 ? Jailed.uid : Int(geteuid()) }

    /// - Parameter script: the upstream, in `Clients`.
    init(tls: Bool = true, script: String = "upstream.py") async throws {
        scratch = try Scratch()
        certificates = try await Certificates(scratch)
        upstream = try await Upstream(
            scratch, tls ? try await certificates.leaf(["api.test", "other.test"]) : nil, script: script)
        try scratch.write("rules/world.yaml", World.rules)
        try scratch.write(
            "tiergate.yaml",
            """
            state: \(scratch.file("state"))
            rules: [\(scratch.file("rules"))]
            operator: {socket: \(socket)}
            upstream: {roots: [\(certificates.root)], allow: [127.0.0.0/8], resolve: {"**.test": "127.0.0.1:\(upstream.port)"}}
            hold: {wait: 20 s}
            workers: 1

            """)
        for name in ["project", "home", "state", "operator"] {
            try FileManager.default.createDirectory(atPath: scratch.file(name), withIntermediateDirectories: false)
            chmod(scratch.file(name), 0o700)
            if geteuid() == 0 { chown(scratch.file(name), UInt32(Jailed.uid), UInt32(Jailed.uid)) }
        }
        // Below it everything that is not for the account says so itself.
        chmod(scratch.path, 0o711)
        for name in ["rules", "tiergate.yaml", "rules/world.yaml"] { chmod(scratch.file(name), 0o755) }
        chmod(certificates.root, 0o644)
    }

    /// Whether jails can be made here, as the tests' own account.
    static let isPossible: Bool = {
        guard Place.has("/usr/bin/setpriv"), Place.has(Place.tiergate) else { return false }
        let words = geteuid() == 0 ? Jailed.asAccount : []
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words + ["unshare", "--user", "--net", "--mount", "--pid", "--fork", "true"]
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
    static let isImpossible =
        "NOT TESTED: this machine lets ordinary accounts have no user namespaces (or has no setpriv): no jails"

    private static let asAccount = [
        "/usr/bin/setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups",
    ]

    /// Starts any command of tiergate in the project.
    func tiergate(_ words: [String], environment: [String: String] = [:], as account: Bool = true) throws -> Running {
        let who = account && geteuid() == 0 ? Jailed.asAccount : []
        return try Running(
            "/usr/bin/env", ["-C", project] + who + [Place.tiergate] + words,
            environment: ["HOME": home].merging(environment) { _, given in given })
    }

    func start(_ options: [String] = [], _ command: String...) throws -> Running {
        try start(options, command)
    }

    func start(_ options: [String] = [], _ command: [String]) throws -> Running {
        try tiergate(["run", "--config", config] + options + ["--"] + command)
    }

    /// The command line that runs a program in a jail.
    func words(_ command: [String], options: [String] = []) -> [String] {
        [Place.tiergate, "run", "--config", config] + options + ["--"] + command
    }

    /// Starts any program outside, in the project.
    func asAccount(_ words: [String]) throws -> Running {
        let who = geteuid() == 0 ? Jailed.asAccount : []
        return try Running("/usr/bin/env", ["-C", project] + who + words, environment: ["HOME": home])
    }

    /// Starts a program in a jail after root has changed the gate's view of the machine's files.
    func before(_ change: String, _ command: [String]) throws -> Running {
        let words = Jailed.asAccount + words(command)
        return try Running(
            "/usr/bin/env",
            ["-C", project, "unshare", "--mount", "sh", "-c", "\(change) && exec \"$@\"", "sh"] + words,
            environment: ["HOME": home])
    }

    /// Runs a program in a jail to its end.
    func run(_ command: String..., options: [String] = []) async throws -> Finished {
        try await start(options, command).finish(within: 60)
    }

    /// The only hold that waits for a decision, once there is one.
    ///
    /// - Parameter caller: nothing is waited for any more once it has ended.
    func hold(unless caller: Running? = nil) async throws -> String {
        var found: [Document] = []
        try await waitUntil("one call is held: \(caller?.text ?? "")", every: .milliseconds(50)) {
            if let caller, caller.hasEnded { throw Failed(description: "it ended without a held call: \(caller.text)") }
            let words = ["held", "--json", "--state", "pending", "--socket", socket]
            let ended = try await EndToEndTests.run(Place.tiergate, words)
            guard ended.status == 0 else { return false }
            found = try Document(ended.output)["holds"].elements
            return found.count == 1
        }
        return try #require(found.first?["id"].string)
    }

    /// As operators see them.
    func sessions() async throws -> [Document] {
        try Document(await EndToEndTests.run(Place.tiergate, ["sessions", "--json", "--socket", socket]).output)[
            "sessions"
        ]
        .elements
    }

    func approve(_ hold: String) async throws { try await decide("approve", hold, "--yes") }

    func reject(_ hold: String) async throws { try await decide("reject", hold, "--reason", "not on a Friday") }

    private func decide(_ verb: String, _ hold: String, _ more: String...) async throws {
        let ended = try await EndToEndTests.run(Place.tiergate, [verb, hold, "--socket", socket] + more)
        #expect(ended.status == 0, "\(ended.errors)")
    }

    /// Whether a process with this in its command line is left on the machine.
    static func isRunning(_ mark: String) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { name in
            guard Int(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            return line.split(separator: 0).contains { $0.elementsEqual(mark.utf8) }
        }
    }
}
