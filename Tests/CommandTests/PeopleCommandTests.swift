import Calls
import Holds
import HoldsTesting
import JSON
import Operators
import OperatorsTesting
import System
import Testing

@testable import tiergate

/// Commands for several people, against a gate that is there.
@Suite struct PeopleCommandTests {
    let paper = Paper()
    private let me = Accounts.name(of: Accounts.effectiveUser)

    private func run(_ bench: SocketBench, _ words: String..., home: String = "/nowhere") throws -> tiergate.ExitStatus
    {
        let terminal = Terminal(
            Environment(["TIERGATE_SOCKET": bench.path, "HOME": home], executable: ""),
            write: { [paper] in paper.write($0, $1) })
        guard case .run(let invocation) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        else { throw UsageError(message: "no command", help: "") }
        return invocation.command.run(invocation)
    }

    @Test("taken on, passed on, given back, given time, asked; lists and screens say so")
    func steps() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let id = hold.id.description
        #expect(try run(bench, "claim", id) == .ok)
        #expect(paper.output.contains("\(id) is yours to look at. Others see"))
        #expect(try run(bench, "held") == .ok)
        #expect(paper.output.contains("\(me) looks at it"))
        #expect(try run(bench, "handover", id, "--to", me) == .ok)
        #expect(try run(bench, "handover", id) == .ok)
        #expect(paper.output.contains("Nobody has taken it on now."))
        #expect(try run(bench, "extend", id, "--for", "3 d", "--reason", "Monday") == .ok)
        #expect(try run(bench, "ask", id, "--question", "Which invoice?") == .ok)
        #expect(try run(bench, "show", id) == .ok)
        #expect(paper.output.contains("question   Which invoice? (\(me), at "))
        #expect(try await bench.gate.gate.hold(hold.id).deliberation.questions.map(\.text) == ["Which invoice?"])
    }

    @Test("what is missing or wrong is said before anything is asked")
    func usage() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let id = try await bench.hold().id.description
        #expect(try run(bench, "claim", id, "--json") == .ok)
        #expect(try paper.json()["decisions"]?[0]?["hold"]?["claim"]?["by"]?.text?.string == me)
        #expect(try run(bench, "extend", id) == .usage)
        #expect(try run(bench, "extend", id, "--for", "soon") == .usage)
        #expect(try run(bench, "ask", id) == .usage)
        #expect(try run(bench, "approve", id, "--yes", "--key", "k") == .usage)
        #expect(paper.errors.contains("--key goes with --sign"))
        #expect(try run(bench, "extend", id, "--for", "1 s") == .failed)
        #expect(try run(bench, "handover", id, "--to", "no-such-account-here") == .failed)
        #expect(try run(bench, "approve", id, "--yes", "--sign") == .failed)
        #expect(paper.errors.contains("there is no key in /nowhere/.ssh"))
    }

    @Test(
        "--sign finds the usual key, and signs what is shown",
        .enabled(if: SystemProgram.path(of: "ssh-keygen") != nil, "ssh-keygen is not installed (openssh-client)"))
    func sign() async throws {
        let home = try Files.makeTemporaryDirectory("tiergate-home")
        defer { Files.remove(home) }
        try Files.makeDirectory("\(home)/.ssh", mode: 0o700)
        let made = try SystemProgram.answer(
            of: "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", "\(home)/.ssh/id_ed25519"], input: [],
            patience: 60_000)
        try #require(made.status == 0)
        let list = "\(home)/allowed_signers"
        try Files.replace(list, with: Array("\(me) ".utf8) + Files.read("\(home)/.ssh/id_ed25519.pub"))
        let bench = try await SocketBench(signatures: SignatureCheck(file: list, patience: 60_000))
        defer { bench.stop() }
        let hold = try await bench.hold(.sample(), .sample(terms: Terms(needsSignature: true)))
        let id = hold.id.description
        #expect(try run(bench, "approve", id, "--yes") == .refused)
        #expect(paper.errors.contains("`tiergate approve \(id) --sign` signs with your SSH key"))
        #expect(try run(bench, "approve", id, "--yes", "--now", "--reason", "seen", "--sign", home: home) == .ok)
        #expect(try run(bench, "show", id) == .ok)
        #expect(paper.output.contains("signed     by \(me), SHA256:"))
        let other = try await bench.hold(.sample(body: "2"))
        #expect(try run(bench, "reject", other.id.description, "--reason", "no", "--sign", home: home) == .ok)
        #expect(try run(bench, "reopen", other.id.description, "--sign", home: home) == .ok)
    }
}
