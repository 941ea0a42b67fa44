import Calls
import Holds
import HoldsTesting
import JSON
import Operators
import OperatorsTesting
import Synchronization
import System
import Testing

@testable import tiergate

/// What a command wrote, instead of a terminal.
final class Paper: Sendable {
    private let written = Mutex<[Int32: [UInt8]]>([:])

    func write(_ bytes: [UInt8], _ descriptor: Int32) { written.withLock { $0[descriptor, default: []] += bytes } }

    func text(_ descriptor: Int32) -> String {
        String(decoding: written.withLock { $0[descriptor] ?? [] }, as: UTF8.self)
    }

    var output: String { text(1) }
    var errors: String { text(2) }

    func json() throws -> JSONNode { try JSONDocument.parse(Array(output.utf8)).root }
}

@Suite struct OperatorCommandTests {
    let bench: SocketBench
    let paper = Paper()

    init() async throws { bench = try await SocketBench() }

    /// Runs a command line against the bench's gate.
    private func run(_ words: String...) throws -> tiergate.ExitStatus {
        let invocation = try self.invocation(words)
        return invocation.command.run(invocation)
    }

    private func invocation(_ words: [String]) throws -> Invocation {
        let terminal = Terminal(
            Environment(["TIERGATE_SOCKET": bench.path], executable: ""), write: { [paper] in paper.write($0, $1) })
        guard case .run(let invocation) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        else { throw UsageError(message: "no command", help: "") }
        return invocation
    }

    /// Approves with somebody at the terminal who types these lines.
    private func approving(_ words: [String], typing lines: [String]) throws -> tiergate.ExitStatus {
        let rest = Mutex(lines)
        let prompt = Prompt(isPossible: true) { [paper] question in
            paper.write(Array(question.utf8), 2)
            return rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
        let invocation = try invocation(["approve"] + words)
        return DecisionRun(invocation: invocation, action: .approve, prompt: prompt) {
            gate, id, digest throws(OperatorFailure) in try gate.approve(id, digest: digest)
        }.run()
    }

    private func state(_ hold: Hold) async throws -> String { try await bench.gate.gate.hold(hold.id).state.name }

    static let mild = Verdict.sample(tier: .external, category: nil)

    @Test("held and show, as text and as JSON")
    func looking() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold()
        #expect(try run("held") == .ok)
        #expect(paper.output.contains("\(hold.id)  4 "))
        #expect(try run("show", String(hold.id.description.prefix(7))) == .ok)
        #expect(paper.output.contains("\(hold.id) waits for a decision."))
        #expect(try run("completion", "ids") == .ok)
        #expect(paper.output.contains("\(hold.id)\tpending: Send 5.00 USD to ch_1\n"))
    }

    @Test("the JSON is the socket's own", arguments: [["held", "--json"], ["show", "h_", "--json"]])
    func json(words: [String]) async throws {
        defer { bench.stop() }
        let hold = try await bench.hold()
        let invocation = try invocation(words)
        #expect(invocation.command.run(invocation) == .ok)
        let document = try paper.json()
        let shown = document["holds"]?[0] ?? document["hold"]
        #expect(shown?["id"]?.text?.string == hold.id.description)
        let path = words[0] == "held" ? "/v1/holds" : "/v1/holds/h_"
        #expect(try paper.output == bench.request("GET", path).body + "\n")
    }

    @Test("tier 3 is approved by its whole id, after it was shown")
    func mildApproval() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), Self.mild)
        #expect(try run("approve", hold.id.description, "--reason", "fine") == .ok)
        #expect(paper.output.contains("  POST https://api.stripe.com/v1/refunds"))
        #expect(paper.output.contains("\(hold.id) is approved. Nobody is waiting"))
        #expect(try await state(hold) == "approved")
    }

    @Test("--now sends without the agent")
    func now() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), Self.mild)
        #expect(try run("approve", hold.id.description, "--now") == .ok)
        #expect(bench.sentNow == [hold.id])
    }

    @Test(
        "tier 4 and what is flagged ask for something typed where somebody types, and for --yes elsewhere",
        arguments: [Verdict.sample(), .sample(tier: .external, flags: [.injection])])
    func grave(verdict: Verdict) async throws {
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), verdict)
        let id = hold.id.description
        #expect(try run("approve", id) == .usage)
        #expect(paper.errors.contains("asks for a typed confirmation"))
        #expect(try run("approve", id, "--json") == .usage)
        #expect(try approving([id], typing: ["yes"]) == .failed)
        #expect(try approving([id], typing: []) == .failed)
        #expect(try await state(hold) == "pending")
        #expect(try run("approve", id, "--yes") == .ok)
        #expect(try await state(hold) == "approved")
    }

    @Test("the end of the id, or the amount, is what has to be typed", arguments: [true, false])
    func typed(isAmount: Bool) async throws {
        defer { bench.stop() }
        let hold = try await bench.hold()
        let ending = String(hold.id.description.suffix(4))
        #expect(try approving([hold.id.description], typing: [isAmount ? "5.00 USD" : ending]) == .ok)
        #expect(paper.errors.contains("type the end of its id, \(ending), or the amount, 5.00 USD."))
        #expect(try await state(hold) == "approved")
    }

    @Test("several grave calls are not let go by one --yes; several mild ones are")
    func several() async throws {
        defer { bench.stop() }
        let (first, second) = (try await bench.hold(.sample(body: "1")), try await bench.hold(.sample(body: "2")))
        #expect(try run("approve", first.id.description, second.id.description, "--yes") == .usage)
        #expect(try await state(first) == "pending")
        let third = try await bench.hold(.sample(body: "3"), Self.mild)
        let fourth = try await bench.hold(.sample(body: "4"), Self.mild)
        #expect(try run("approve", third.id.description, fourth.id.description) == .ok)
        #expect(try await state(fourth) == "approved")
    }

    @Test("the beginning of an id, or nothing, is a choice at a terminal and an error elsewhere")
    func choosing() async throws {
        defer { bench.stop() }
        let first = try await bench.hold(.sample(body: "1"), Self.mild)
        let prefix = String(first.id.description.dropFirst(2).prefix(5))
        #expect(try run("approve", prefix) == .usage)
        #expect(paper.errors.contains("it may be \(first.id)"))
        #expect(try run("approve") == .usage)
        #expect(try approving([prefix], typing: ["n"]) == .failed)
        #expect(try approving(["zzzz"], typing: []) == .failed)
        let second = try await bench.hold(.sample(body: "2"), Self.mild)
        #expect(try approving([], typing: ["3"]) == .failed)
        #expect(try approving([], typing: ["2", "n"]) == .failed)
        #expect(try await state(first) == "pending")
        #expect(try approving([], typing: ["2", "y"]) == .ok)
        // The newest first: the second in the list is the first that came.
        #expect(try await state(first) == "approved")
        #expect(try await state(second) == "pending")
        #expect(try approving([], typing: ["y", "y"]) == .ok)
        #expect(try await state(second) == "approved")
    }

    @Test("a digest that was seen before is the one that is decided about")
    func digest() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), Self.mild)
        let id = hold.id.description
        #expect(try run("approve", id, "--digest", GateBench.hash([9]).description) == .refused)
        #expect(try run("approve", id, "--digest", "12") == .usage)
        #expect(try run("approve", id, id, "--digest", hold.digest.description) == .usage)
        #expect(try await state(hold) == "pending")
        #expect(try run("approve", id, "--digest", hold.digest.description) == .ok)
    }

    @Test("a question and a suggestion need what they need, and are told")
    func asked() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold()
        let id = hold.id.description
        #expect(try run("ask", id) == .usage)
        #expect(try run("ask", id, "--question", "Which customer?") == .ok)
        #expect(paper.output.contains("\(id) has a question for its agent. The agent is told so when it comes"))
        #expect(try run("show", id) == .ok)
        #expect(paper.output.contains("Which customer?") && paper.output.contains("not answered yet"))

        let file = "/tmp/tiergate-patch-\(id).json"
        #expect(try run("reject", id, "--reason", "no", "--suggest-patch", file) == .usage)
        for (patch, status) in [("[1]", tiergate.ExitStatus.failed), (#"[{"op":"remove","path":"/a"}]"#, .ok)] {
            try Files.replace(file, with: Array(patch.utf8))
            defer { Files.remove(file) }
            let words = ["reject", id, "--reason", "no", "--suggest", "without a", "--suggest-patch", file]
            let invocation = try invocation(words)
            #expect((invocation.command.run(invocation) == .ok) == (status == .ok))
        }
        #expect(try run("show", id) == .ok)
        #expect(paper.output.contains("without a") && paper.output.contains(#""op":"remove""#))
    }

    @Test("reject, reopen and resolve need what they need, and do it")
    func others() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold()
        let id = hold.id.description
        #expect(try run("reject", id) == .usage)
        #expect(try run("reject", id, "--reason", "too much") == .ok)
        #expect(try await state(hold) == "rejected")
        #expect(try run("reopen", id) == .ok)
        #expect(try await state(hold) == "pending")
        #expect(try run("resolve", id, "--reason", "x") == .usage)
        #expect(try run("resolve", id, "--executed", "--not-executed", "--reason", "x") == .usage)
        #expect(try run("resolve", id, "--executed") == .usage)
        #expect(try run("resolve", id, "--executed", "--reason", "x") == .refused)
        #expect(try run("approve", id, "--yes") == .ok)
        let held = try await bench.gate.hold(.sample(), .sample())
        guard let permit = try await bench.gate.gate.begin(held), let sending = permit.hold else {
            Issue.record("no permit")
            return
        }
        try await bench.gate.gate.loseTrack(sending, cause: "reset")
        #expect(try run("resolve", id, "--not-executed", "--reason", "looked") == .ok)
        #expect(try await state(hold) == "resolved")
    }

    @Test("the status says why not, and one failure among several does not stop the others")
    func failures() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), Self.mild)
        #expect(try run("approve", "h_zzzzzzzzzzzz", hold.id.description) == .failed)
        #expect(try await state(hold) == "approved")
        #expect(try run("approve", hold.id.description) == .refused)
        #expect(paper.errors.contains("was approved by"))
        #expect(try run("show", "zzz") == .failed)
        #expect(try run("held", "--limit", "0") == .usage)
        #expect(try run("held", "--state", "pendign") == .usage)
        #expect(paper.errors.contains("did you mean pending?"))
        #expect(try run("held", "--socket", bench.path + ".none") == .unreachable)
        #expect(paper.errors.contains("help: start one with `tiergate serve`"))
    }

    @Test("in JSON every decision has its report or its error")
    func jsonDecisions() async throws {
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), Self.mild)
        #expect(try run("approve", "h_zzzzzzzzzzzz", hold.id.description, "--json") == .failed)
        let decisions = try paper.json()["decisions"]
        #expect(decisions?[0]?["error"]?["code"]?.text == "unknown_hold")
        #expect(decisions?[0]?["id"]?.text == "h_zzzzzzzzzzzz")
        #expect(decisions?[1]?["hold"]?["state"]?.text == "approved")
    }
}
