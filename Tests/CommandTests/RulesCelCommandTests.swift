import Foundation
import Testing

@testable import tiergate

@Suite("tiergate rules cel")
struct RulesCelCommandTests {
    private let paper = Paper()

    private func run(_ words: String...) throws -> tiergate.ExitStatus {
        let terminal = Terminal(Environment([:], executable: ""), write: { [paper] in paper.write($0, $1) })
        guard case .run(let invocation) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        else { throw UsageError(message: "no command", help: "") }
        return invocation.command.run(invocation)
    }

    @Test("the value of an expression is printed as an expression, or with its type")
    func values() throws {
        #expect(try run("rules", "cel", "[1 + 1, 2u].map(x, string(x))") == .ok)
        #expect(paper.output == "['2', '2']\n")
        #expect(try run("rules", "cel", "1 + 1", "--json") == .ok)
        #expect(paper.output.hasSuffix("{\"value\":{\"t\":\"int\",\"v\":\"2\"}}\n"))
    }

    @Test("what is wrong is shown with its place", arguments: ["1 + 'a'", "{'a': 1}.b", "nope", "1 +"])
    func refusals(source: String) throws {
        #expect(try run("rules", "cel", source) == .failed)
        #expect(paper.errors.contains("^"))
    }

    @Test("an expression is needed, and only one of both")
    func usage() throws {
        #expect(try run("rules", "cel") == .usage)
        #expect(try run("rules", "cel", "1", "--cases", "x") == .usage)
        #expect(try run("rules", "cel", "--cases", "/no/such/file") == .usage)
        #expect(try run("rules", "cel", "body.a", "--body", "/no/such/file") == .usage)
    }

    @Test("a line of cases gives a line")
    func cases() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "tiergate-\(UUID().uuidString).jsonl")
        try """
        {"id": "a", "expr": "x * 2", "type_env": [{"name": "x", "type": "int"}], "bindings": {"x": {"t": "int", "v": "4"}}}
        {"id": "b", "expr": "1 / 0"}
        {"id": "c", "expr": "[1]", "check_only": true}
        nonsense
        """.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try run("rules", "cel", "--cases", file.path) == .ok)
        let lines = paper.output.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0] == #"{"id":"a","value":{"t":"int","v":"8"}}"#)
        #expect(lines[1] == #"{"id":"b","error":"division by zero"}"#)
        #expect(lines[2] == #"{"id":"c","type":"list(int)"}"#)
        #expect(lines[3].hasPrefix(#"{"error":"the line is not JSON"#))
    }
}
