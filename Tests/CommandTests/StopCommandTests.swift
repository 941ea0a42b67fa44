import Calls
import Holds
import HoldsTesting
import JSON
import OperatorsTesting
import Testing

@testable import tiergate

@Suite struct StopCommandTests {
    let bench: SocketBench
    let paper = Paper()

    init() async throws { bench = try await SocketBench() }

    private func run(_ words: String...) throws -> tiergate.ExitStatus {
        let terminal = Terminal(
            Environment(["TIERGATE_SOCKET": bench.path], executable: ""), write: { [paper] in paper.write($0, $1) })
        guard case .run(let invocation) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        else { throw UsageError(message: "no command", help: "") }
        return invocation.command.run(invocation)
    }

    @Test("kill without a word stops everything, and says how many holds it ended")
    func kill() async throws {
        defer { bench.stop() }
        _ = try await bench.hold()
        #expect(try run("kill") == .ok)
        #expect(paper.output.hasPrefix("everything is killed.\n1 hold that waited will not be sent."))
        #expect(bench.gate.gate.stops.map(\.scope) == [.everything])
    }

    @Test("what is stopped stands above the list of what is held")
    func listed() throws {
        defer { bench.stop() }
        #expect(try run("freeze", "agent:bot", "--reason", "odd refunds") == .ok)
        #expect(paper.output.hasPrefix("agent:bot is frozen."))
        #expect(try run("held") == .ok)
        let output = paper.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(output.contains("FROZEN: agent:bot was frozen by "))
        #expect(output.contains(": odd refunds, at "))
        #expect(output.contains("nothing is held"))
    }

    @Test("resume needs a scope and a reason, and says what is stopped still")
    func resume() throws {
        defer { bench.stop() }
        _ = try run("kill")
        _ = try run("kill", "agent:bot")
        #expect(throws: UsageError.self) { try run("resume") }
        #expect(try run("resume", "everything") == .usage)
        #expect(bench.gate.gate.stops.count == 2)
        #expect(try run("resume", "everything", "--reason", "clear") == .ok)
        #expect(paper.output.contains("everything goes on. It was killed by "))
        #expect(paper.output.contains("KILLED: agent:bot was killed by "))
        #expect(try run("resume", "everything", "--reason", "clear") == .refused)
    }

    @Test("as JSON each says what is stopped now")
    func json() throws {
        defer { bench.stop() }
        #expect(try run("kill", "session:bot/1", "--json") == .ok)
        let root = try paper.json()
        #expect(root["stop"]?["state"]?.text == "killed")
        #expect(root["stops"]?[0]?["scope"]?.text == "session:bot/1")
        #expect(root["killed_holds"]?.integer == 0)
    }

    @Test("a scope that is none is refused with what one looks like")
    func scope() throws {
        defer { bench.stop() }
        #expect(try run("kill", "bot") == .usage)
        #expect(paper.errors.contains("agent:NAME"))
        #expect(bench.gate.gate.stops.isEmpty)
    }
}
