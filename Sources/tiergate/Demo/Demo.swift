import Audit
import Client
import Crypto
import Glibc
import JSON
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
        var template = Array("\(terminal.environment["TMPDIR"] ?? "/tmp")/tiergate-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw IOError.system("mkdtemp", errno) }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    func run() throws -> ExitStatus {
        defer { if !isKept { Files.remove(directory) } }
        let api = try SampleAPI(authority: StateDirectory(opening: "\(directory)/api").authority(for: "the sample API"))
        let apiLoop = try EventLoop()
        apiLoop.spawn { await api.serve(on: apiLoop) }
        try WorkerThread.spawn("sample-api") { apiLoop.run { apiLoop.isStopping } }
        defer { apiLoop.spawn { apiLoop.drain() } }

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
        if let failure = failure.withLock({ $0 }) {
            terminal.fail(failure)
            return .failed
        }
        let address = gate.assembly.server.addresses[0]
        say("The gate listens at \(address) with \(gate.assembly.server.rules.current.ruleCount) shipped rules.")
        say(
            "A sample agent now works with a payment API through it: what is tier 1 or 2 passes, the rest waits for you.\n"
        )
        let status = try watch(agent: address, gate)
        gate.assembly.server.stop()
        ended.wait()
        return try report(api, status)
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

    private func watch(agent address: SocketAddress, _ gate: GateProcess) throws -> Int32 {
        let child = try ChildProcess(
            terminal.environment.executable,
            ["demo-agent", "--proxy", address.description, "--trust", "\(directory)/gate/authority.pem"])
        let client = OperatorClient(socket: "\(directory)/operator.sock")
        while true {
            if let status = child.status() { return status }
            if let hold = try client.holds(states: ["pending"]).holds.first { try decide(hold, client) }
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

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }
}
