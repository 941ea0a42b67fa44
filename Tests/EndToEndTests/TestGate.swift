import Foundation
import Testing

/// A gate of its own: the real program on a port of its own, with state, rules and operator socket in a scratch
/// directory.
final class TestGate {
    let scratch: Scratch
    private(set) var running: Running
    /// Where agents connect to; another one after a restart.
    private(set) var port = 0
    private var program: (path: String, arguments: [String])

    /// Names under `.test` lead to `upstream`.
    struct Settings {
        var rules: [String] = []
        var roots: [String] = []
        var resolve: [String: Int] = [:]
        var allow = "[127.0.0.0/8]"
        var wait = "300 ms"
        var hold = ""
        /// Further keys of `upstream`.
        var upstream = ""
        var more = ""
        /// Further keys of `operator`.
        var operators = ""
        var state: String?
        var environment: [String: String] = [:]
        /// What runs the program: in another network namespace, under another account. The program comes behind it.
        var launcher: [String] = []
        /// Further words of `serve`.
        var flags: [String] = []
        /// How many the gate may have; nil leaves it what the tests may.
        var descriptors: Int?
        /// Has the operator socket opened for it, as a service manager does.
        var isActivated = false
    }

    init(_ scratch: Scratch, _ settings: Settings) async throws {
        self.scratch = scratch
        let resolve = settings.resolve.map { "\"\($0)\": \"127.0.0.1:\($1)\"" }.sorted().joined(separator: ", ")
        let file = try scratch.write(
            "tiergate.yaml",
            """
            listen: 127.0.0.1:0
            state: \(settings.state ?? scratch.file("state"))
            rules: [\((settings.rules.isEmpty ? [scratch.file("rules")] : settings.rules).joined(separator: ", "))]
            operator: {socket: \(scratch.file("operator.sock"))\(settings.operators.isEmpty ? "" : ", ")\(settings.operators)}
            upstream: {roots: [\(settings.roots.joined(separator: ", "))], allow: \(settings.allow), resolve: {\(resolve)}\(settings.upstream.isEmpty ? "" : ", ")\(settings.upstream)}
            hold: {wait: \(settings.wait)\(settings.hold.isEmpty ? "" : ", ")\(settings.hold)}
            workers: 2
            \(settings.more)
            """)
        state = settings.state ?? scratch.file("state")
        let serve = ["serve", "--config", file] + settings.flags
        program =
            settings.launcher.first.map { ($0, settings.launcher.dropFirst() + serve) }
            ?? settings.descriptors.map { ("/usr/bin/prlimit", ["--nofile=\($0):\($0)", Place.tiergate] + serve) }
            ?? (Place.tiergate, serve)
        if settings.isActivated {
            let words = [Place.script("activate.py"), scratch.file("operator.sock"), program.path] + program.arguments
            program = (Place.plainPython, words)
        }
        environment = settings.environment
        running = try Running(program.path, program.arguments, environment: environment)
        try await greeted()
    }

    private let environment: [String: String]
    let state: String
    var authority: String { "\(state)/authority.pem" }

    private func greeted() async throws {
        let running = running
        try await waitUntil("the gate greets; it said: \(running.text)") {
            running.text.contains("operators at") || running.hasEnded
        }
        let greeting = running.text
        guard let start = greeting.firstRange(of: "http://127.0.0.1:")?.upperBound,
            let port = Int(greeting[start...].prefix { $0.isNumber })
        else { throw Failed(description: "the gate did not start: \(greeting)") }
        self.port = port
    }

    // MARK: Its life

    /// kill -9.
    func die() async throws { try await running.killAndWait() }

    func start() async throws {
        running = try Running(program.path, program.arguments, environment: environment)
        try await greeted()
    }

    /// Kills it at some moment of its start.
    func start(killedAfter milliseconds: Int) async throws {
        let short = try Running(program.path, program.arguments, environment: environment)
        try await Task.sleep(for: .milliseconds(milliseconds))
        try await short.killAndWait()
    }

    /// Ends it as a service manager does, then looks at what it leaves: the journal is whole, every call has one
    /// beginning and one end.
    func end(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        running.signal(SIGTERM)
        let ended = try await running.finish()
        #expect(ended.status == 0, "\(ended.errors)", sourceLocation: sourceLocation)
        try await checkJournal(sourceLocation: sourceLocation)
    }

    /// The set of rules is read again.
    func reload() { running.signal(SIGHUP) }

    // MARK: Its journal

    var journal: [Document] {
        get throws {
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(state)/journal")
            return try files.filter { $0.hasSuffix(".jsonl") }.sorted().flatMap {
                try documents(in: FileManager.default.contents(atPath: "\(state)/journal/\($0)") ?? Data())
            }
        }
    }

    func checkJournal(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let verified = try await run(Place.tiergate, ["journal", "verify", "\(state)/journal"])
        #expect(verified.status == 0, "\(verified.output)", sourceLocation: sourceLocation)
        var lines: [String: [String]] = [:]
        for line in try journal {
            guard let kind = line["kind"].string, kind == "call.open" || kind == "call.close" else { continue }
            lines[line["call"].string ?? "?", default: []].append(kind)
        }
        #expect(!lines.isEmpty, "no call is in the journal", sourceLocation: sourceLocation)
        for (call, kinds) in lines {
            #expect(kinds == ["call.open", "call.close"], "call \(call)", sourceLocation: sourceLocation)
        }
    }

    /// Waits for the closing line of a call that ended so.
    func closed(_ outcome: String, code: String? = nil) async throws {
        try await waitUntil("a call is closed as \(outcome) \(code ?? "")") {
            try journal.contains {
                $0["kind"].string == "call.close" && $0["outcome"].string == outcome
                    && (code == nil || $0["code"].string == code)
            }
        }
    }

    // MARK: Its operators

    /// Runs an operator's command, and reads what it prints with `--json`.
    @discardableResult
    func command(_ words: String...) async throws -> (status: Int32, document: Document) {
        let ended = try await run(
            Place.tiergate, words + ["--json", "--socket", scratch.file("operator.sock")])
        return (ended.status, try Document(ended.output))
    }

    func holds(_ state: String...) async throws -> [Document] {
        let arguments = state.isEmpty ? ["--all"] : state.flatMap { ["--state", $0] }
        let ended = try await run(
            Place.tiergate, ["held"] + arguments + ["--json", "--socket", scratch.file("operator.sock")])
        guard ended.status == 0 else { throw Failed(description: "held: \(ended.errors)") }
        return try Document(ended.output)["holds"].elements
    }

    /// The id of the only hold in this state, once there is one and an agent waits for it or not.
    func theHold(_ state: String = "pending", isAwaited: Bool? = nil) async throws -> String {
        var found: [Document] = []
        try await waitUntil("one hold is \(state); the gate said: \(running.text)", every: .milliseconds(50)) {
            found = try await holds(state)
            return found.count == 1 && (isAwaited == nil || found[0]["agent_waiting"].bool == isAwaited)
        }
        return try #require(found.first?["id"].string)
    }

    func state(of hold: String) async throws -> String? {
        try await command("show", hold).document["hold"]["state"].string
    }

    func approve(_ hold: String, now: Bool = false) async throws {
        let words = ["approve", hold, "--yes"] + (now ? ["--now"] : [])
        try await decide(words)
    }

    func reject(_ hold: String, because reason: String) async throws {
        try await decide(["reject", hold, "--reason", reason])
    }

    func resolve(_ hold: String, wasExecuted: Bool) async throws {
        try await decide(
            ["resolve", hold, wasExecuted ? "--executed" : "--not-executed", "--reason", "looked at the other side"])
    }

    private func decide(_ words: [String]) async throws {
        let ended = try await run(Place.tiergate, words + ["--json", "--socket", scratch.file("operator.sock")])
        guard ended.status == 0 else {
            throw Failed(description: "\(words) ended with \(ended.status): \(ended.output) \(ended.errors)")
        }
    }
}
