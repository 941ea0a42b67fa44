import Audit
import Client
import Crypto
import Glibc
import JSON
import Jail
import Operators
import Proxy
import Rules
import Stores
import Synchronization
import System

/// The demonstration: everything real and on this machine, in a directory that is gone afterwards.
struct Demo {
    private let terminal: Terminal
    private let decision: String?
    private let isKept: Bool
    private let directory: String

    init(_ terminal: Terminal, decision: String?, isKept: Bool) throws {
        self.terminal = terminal
        self.decision = decision
        self.isKept = isKept
        directory = try Files.makeTemporaryDirectory("tiergate-demo", in: terminal.environment["TMPDIR"])
    }

    func run() throws -> ExitStatus {
        defer { if !isKept { Files.remove(directory) } }
        let api = try SampleAPI(authority: StateDirectory(opening: "\(directory)/api").authority(for: "the sample API"))
        let apiLoop = try EventLoop()
        apiLoop.spawn { await api.serve(on: apiLoop) }
        try WorkerThread.spawn("sample-api") { apiLoop.run { apiLoop.isStopping } }
        defer { apiLoop.spawn { apiLoop.drain() } }

        say(
            "A sample agent now works with a payment API through a gate: what is tier 1 or 2 passes, the rest waits for "
                + "you.")
        let status = try jailIsPossible() ? workInJail(api) : workByProxy(api)
        return try report(api, status)
    }

    // MARK: Two ways in

    /// Whether a program can be run in a jail here, by trying.
    private func jailIsPossible() throws -> Bool {
        var attempt = JailSettings(
            command: [terminal.environment.executable, "version"].map { Array($0.utf8) }, environment: [],
            directory: "/", homes: [terminal.environment.home])
        guard let account = try? RunAccount(named: nil, sudo: nil) else { return false }
        attempt.account = account.ofJail
        attempt.shares = [.init(path: terminal.environment.executable, isReadOnly: true)]
        guard let jail = try? Jail.start(attempt) else { return false }
        while true {
            switch jail.next() {
            case .ready:
                jail.end()
                _ = jail.status()
                return true
            case .failed, .ended:
                _ = jail.status()
                return false
            case .stopped: continue
            }
        }
    }

    /// As one starts any agent: `tiergate run -- agent`.
    private func workInJail(_ api: SampleAPI) throws -> Int32 {
        say("It runs in a jail (`tiergate run -- …`) that leads nowhere but to the gate.\n")
        let settings = try settings(for: api)
        let executable = terminal.environment.executable
        var words = [
            "run", "--session", "demo", "--state", settings.state, "--operator.socket", settings.operatorSocket,
            "--workers", "1", "--upstream.allow", "127.0.0.0/8", "--share", "\(executable):ro",
        ]
        for directory in settings.rules { words += ["--rules", directory] }
        for root in settings.upstreamRoots { words += ["--upstream.roots", root] }
        for override in settings.upstreamResolve {
            words += ["--upstream.resolve", "\(override.pattern)=\(override.address)"]
        }
        return try watch(ChildProcess(executable, words + ["--", executable, "demo-agent"]))
    }

    /// Where this machine lets nobody make namespaces: the agent is told of a proxy.
    private func workByProxy(_ api: SampleAPI) throws -> Int32 {
        let gate = try GateProcess(settings(for: api))
        let failure = Mutex<String?>(nil)
        let ended = Semaphore()
        let ready = Semaphore()
        try WorkerThread.spawn("gate") {
            do { try gate.run(signals: nil) { ready.signal() } } catch { failure.withLock { $0 = "\(error)" } }
            ready.signal()
            ended.signal()
        }
        ready.wait()
        if let failure = failure.withLock({ $0 }) { throw DemoFailure(description: failure) }
        let address = gate.assembly.server.addresses[0]
        say("No jail is possible here (`tiergate doctor` says why), so it is told of a proxy at \(address).\n")
        defer {
            gate.assembly.server.stop()
            ended.wait()
        }
        return try watch(
            ChildProcess(
                terminal.environment.executable,
                ["demo-agent", "--proxy", address.description, "--trust", "\(directory)/gate/authority.pem"]))
    }

    private func settings(for api: SampleAPI) throws -> Settings {
        var settings = Settings.ofUser(terminal.environment, exists: { _ in false })
        settings.listen = [.ip(.v4(0x7F00_0001), port: 0)]
        settings.state = "\(directory)/gate"
        settings.operatorSocket = "\(directory)/operator.sock"
        settings.workers = 1
        settings.upstreamRoots = ["\(directory)/api/authority.pem"]
        settings.upstreamAllow = AddressRange("127.0.0.0/8").map { [$0] } ?? []
        let address = api.address.description
        settings.upstreamResolve =
            NameOverride(pattern: SampleAPI.host, address: address).map {
                [Settings.Override(pattern: SampleAPI.host, address: address, value: $0)]
            } ?? []
        return settings
    }

    // MARK: The held call

    private func watch(_ child: ChildProcess) throws -> Int32 {
        let client = OperatorClient(socket: "\(directory)/operator.sock")
        while true {
            if let status = child.status() { return status }
            // Until the gate is there nothing can be held.
            if let hold = (try? client.holds(states: ["pending"]))?.holds.first { try decide(hold, client) }
            usleep(50_000)
        }
    }

    private func decide(_ hold: HoldView, _ client: OperatorClient) throws {
        terminal.print("")
        terminal.print(terminal.styled("  HELD    \(hold.summaries.first ?? hold.target)", .bold))
        terminal.print("          why       \(hold.reason)")
        for consequence in hold.consequences { terminal.print("          then      \(consequence)") }
        terminal.print("          request   \(hold.method) \(hold.target), in the name of \(hold.principal)")
        terminal.print("          hold      \(hold.id), digest \(hold.digest.prefix(16))…")
        terminal.print("")
        switch try decision ?? ask() {
        case "approve":
            _ = try client.approve(hold.id, digest: hold.digest, reason: "shown in the demonstration")
            say("\n  you     approved: the gate sends exactly what you saw, once.\n")
        default:
            _ = try client.reject(hold.id, digest: hold.digest, reason: "rejected in the demonstration")
            say("\n  you     rejected: nothing is sent, and the agent is told so.\n")
        }
    }

    private func ask() throws -> String {
        while true {
            terminal.prompt("  you     let it go? [a]pprove or [r]eject: ")
            guard let line = readLine() else {
                say("(nobody is at the terminal; rejecting. Use --decide approve to let it go.)")
                return "reject"
            }
            switch line.lowercased().first {
            case "a", "y": return "approve"
            case "r", "n": return "reject"
            case _: continue
            }
        }
    }

    // MARK: What is left

    private func report(_ api: SampleAPI, _ status: Int32) throws -> ExitStatus {
        guard status == 0 else {
            terminal.fail("the sample agent ended with \(status)")
            return .failed
        }
        let journal = try JournalVerifier.verify("\(directory)/gate/journal", expecting: [])
        say("")
        say("  The API saw \(api.payouts) payout\(api.payouts == 1 ? "" : "s").")
        say("  The journal has \(journal.lines) lines, \(journal.isIntact ? "intact" : "NOT intact"):")
        for line in try lines() { terminal.print("    " + line) }
        say("")
        if isKept { say("  Kept in \(directory).") }
        say("  Next: `tiergate serve` runs your own gate; `tiergate help` lists what else there is.")
        return journal.isIntact ? .ok : .failed
    }

    /// The journal in a person's words.
    private func lines() throws -> [String] {
        var result: [String] = []
        for file in try Files.list("\(directory)/gate/journal", endings: [".jsonl"]) {
            for line in try Files.read(file).split(separator: 0x0A) {
                guard let root = try? JSONDocument.parse(Array(line)).root, let kind = root["kind"]?.text else {
                    continue
                }
                let facts = ["method", "target", "tier", "disposition", "decision", "by", "outcome", "status"]
                let told = facts.compactMap { name -> String? in
                    guard let value = root[Text(name)] else { return nil }
                    return value.text?.string ?? value.number.map { "\(name) \($0)" }
                }
                result.append("\(kind.string.padded(to: 13)) \(told.joined(separator: "  "))")
            }
        }
        return result
    }

    private func say(_ text: String) { terminal.print(text) }
}

/// Why the demonstration cannot go on.
struct DemoFailure: Error, CustomStringConvertible {
    let description: String
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }
}
