import Foundation
import JSON
import Testing

@testable import tiergate

@Suite("tiergate rules: what people who write rules call")
struct RulesCommandTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString)")
    private let paper = Paper()

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    private func write(_ name: String, _ text: String) throws -> String {
        let file = directory.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path()
    }

    private func run(_ words: String...) throws -> tiergate.ExitStatus { try run(words) }

    private func run(_ words: [String], on other: Paper? = nil) throws -> tiergate.ExitStatus {
        let paper = other ?? paper
        let terminal = Terminal(Environment([:], executable: ""), write: { paper.write($0, $1) })
        guard case .run(let invocation) = try ArgumentParser(commands: Command.all, terminal: terminal).parse(words)
        else { throw UsageError(message: "no command", help: "") }
        return invocation.command.run(invocation)
    }

    private func remove() { try? FileManager.default.removeItem(at: directory) }

    private let pack = """
        tiergate: 1
        pack: acme
        version: 1
        hosts: [api.acme.test]
        rules:
          - id: acme.pay
            match: {host: api.acme.test, method: POST, path: "/pay/{who}"}
            tier: 2
            escalate: {4: "int(body.amount) > 100"}
            summary: "Pay {{ params.who }}"
        tests:
          - call: {method: POST, url: https://api.acme.test/pay/bob, form: {amount: 5}}
            expect: {tier: 2, rules: [acme.pay]}

        """

    @Test("check prints SARIF with the place of each mistake")
    func sarif() throws {
        defer { remove() }
        let file = try write("a.yaml", pack.replacing("int(body.amount) > 100", with: "int(body.amount)"))
        #expect(try run("rules", "check", "--sarif", directory.path()) == .failed)
        let root = try JSONDocument.parse(Array(paper.output.utf8)).root
        let result = try #require(root["runs"]?[0]?["results"]?.elements.first { $0["level"]?.text == "error" })
        #expect(result["ruleId"]?.text == "R0231")
        let place = try #require(result["locations"]?[0]?["physicalLocation"])
        #expect(place["artifactLocation"]?["uri"]?.text?.string.hasSuffix("a.yaml") == true && !file.isEmpty)
        #expect(place["region"]?["startLine"]?.integer == 9 && place["region"]?["startColumn"]?.integer == 20)
    }

    @Test("test --coverage names what the tests leave out, and passes when they leave out nothing")
    func coverage() throws {
        defer { remove() }
        _ = try write("a.yaml", pack)
        #expect(try run("rules", "test", directory.path()) == .ok)
        #expect(try run("rules", "test", "--coverage", directory.path()) == .failed)
        #expect(paper.output.contains("acme.pay: escalate 4 never true"))
        let more =
            "  - call: {method: POST, url: https://api.acme.test/pay/bob, form: {amount: 500}}\n    expect: {tier: 4}\n"
        _ = try write("a.yaml", pack + more)
        #expect(try run("rules", "test", "--coverage", directory.path()) == .ok)
        #expect(paper.output.contains("1 of 1 rules hit, every condition both ways"))
    }

    @Test("explain shows the value of every part of a condition")
    func explain() throws {
        defer { remove() }
        _ = try write("a.yaml", pack)
        let words = ["--header", "content-type: application/x-www-form-urlencoded", "--body", "amount=250"]
        #expect(
            try run(
                "rules", "explain", "POST", "https://api.acme.test/pay/eve", words[0], words[1], words[2], words[3],
                "--rules", directory.path()) == .ok)
        #expect(paper.output.contains("decides: acme.pay"))
        #expect(paper.output.contains("int(body.amount) > 100 = true") && paper.output.contains("body.amount = 250"))
        #expect(try run("rules", "explain", "POST", "--rules", directory.path()) == .usage)
    }

    @Test("explain cuts a part that is very long, and --json has it whole")
    func explainLong() throws {
        defer { remove() }
        let names = (0..<40).map { "'name-\($0)'" }.joined(separator: ", ")
        _ = try write("a.yaml", pack.replacing("int(body.amount) > 100", with: "params.who in [\(names)]"))
        let words = ["rules", "explain", "POST", "https://api.acme.test/pay/eve", "--rules", directory.path()]
        #expect(try run(words) == .ok)
        #expect(paper.output.contains("more bytes⟩ = false") && !paper.output.contains("name-39"))
        #expect(try run(words + ["--json"]) == .ok)
        #expect(paper.output.contains("name-39"))
    }

    @Test("import proposes a pack that loads and whose tests hold")
    func importPack() throws {
        defer { remove() }
        let description = try write(
            "api.yaml",
            """
            openapi: 3.0.0
            info: {title: Acme}
            servers: [{url: https://api.acme.test}]
            paths:
              /pets: {get: {operationId: listPets}, post: {operationId: addPet}}
              /pets/{id}: {delete: {operationId: removePet}, post: {operationId: sendPet}}
            """)
        let tools = try write("tools.json", #"{"tools": [{"name": "read_it"}, {"name": "delete_it"}]}"#)
        let convention = try write("ESCALATE.md", "# ESCALATE\nalways_escalate:\n  - delete_data\n")
        for (kind, file) in [("openapi", description), ("mcp", tools), ("escalate-md", convention)] {
            let other = Paper()
            #expect(try run(["rules", "import", kind, file, "--pack", "acme"], on: other) == .ok)
            _ = try write("packs/a.yaml", other.output)
            let packs = directory.appending(path: "packs").path()
            #expect(try run("rules", "check", packs) == .ok, "\(kind)")
            #expect(try run("rules", "test", "--coverage", packs) == (kind == "escalate-md" ? .failed : .ok), "\(kind)")
        }
    }

    @Test("import says what it cannot read, and where")
    func importRefused() throws {
        defer { remove() }
        let file = try write("api.json", "{\"openapi\": \"3.0.0\",\n oops}")
        #expect(try run("rules", "import", "openapi", file) == .failed)
        #expect(paper.errors.contains("api.json:2:2") && paper.errors.contains("help: "))
        #expect(try run("rules", "import", "openapi", file, "--json") == .failed)
        #expect(paper.output.contains("\"code\":\"R0110\""))
        #expect(try run("rules", "import", "opnapi", file) == .usage)
        #expect(paper.errors.contains("did you mean openapi?"))
        #expect(try run("rules", "import", "openapi", file, "--pack", "No Name") == .usage)
        #expect(try run("rules", "import", "openapi", file + ".not") == .usage)
    }

    @Test("diff says which calls are loosened, and ends with a status for it")
    func diff() throws {
        defer { remove() }
        let old = try write("old/a.yaml", pack)
        let new = try write("new/a.yaml", pack.replacing("tier: 2\n", with: "tier: 1\n"))
        #expect(try run("rules", "diff", old, old) == .ok)
        #expect(try run("rules", "diff", old, new) == .failed)
        #expect(paper.output.contains("loosened POST https://api.acme.test/pay/bob"))
        #expect(try run("rules", "diff", new, old) == .ok)
        #expect(paper.output.contains("tightened"))
    }

    @Test("fmt tidies blanks, and --check only says so")
    func format() throws {
        defer { remove() }
        let file = try write("a.yaml", pack.replacing("version: 1\n", with: "version: 1  \n\n\n"))
        #expect(try run("rules", "fmt", "--check", directory.path()) == .failed)
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("version: 1  "))
        #expect(try run("rules", "fmt", directory.path()) == .ok)
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("version: 1\n\nhosts"))
        #expect(try run("rules", "fmt", "--check", directory.path()) == .ok)
    }

    @Test("schema prints JSON Schema")
    func schema() throws {
        defer { remove() }
        #expect(try run("rules", "schema") == .ok)
        let root = try JSONDocument.parse(Array(paper.output.utf8)).root
        #expect(root["properties"]?["rules"] != nil)
    }

    @Test("a pack claims once it is granted, until its file changes")
    func grant() throws {
        defer { remove() }
        _ = try write("packs/a.yaml", pack)
        let calls = try write(
            "calls.jsonl",
            #"{"id": 1, "method": "POST", "url": "https://api.acme.test/pay/bob", "headers": {"content-type": "application/x-www-form-urlencoded"}, "body": "amount=5"}"#
        )
        let packs = directory.appending(path: "packs").path()
        func tier() throws -> Int64? {
            _ = try run("rules", "eval", "--json", "--rules", packs, "--calls", calls)
            // Each verdict is the last line of what was written so far.
            let line = paper.output.split(separator: "\n").last { $0.hasPrefix("{") } ?? ""
            return try JSONDocument.parse(Array(line.utf8)).root["tier"]?.integer
        }
        #expect(try tier() == 2)
        _ = try write("packs/GRANTS", "# nobody yet\n")
        #expect(try tier() == 3)
        #expect(try run("rules", "grant", "acm", packs) == .failed)
        #expect(try run("rules", "grant", "acme", packs) == .ok)
        #expect(try tier() == 2)
        _ = try write("packs/a.yaml", pack + "# changed\n")
        #expect(try tier() == 3)
        #expect(try run("rules", "grant", "--own", "acme", packs) == .ok)
        _ = try write("packs/a.yaml", pack + "# changed again\n")
        #expect(try tier() == 2)
    }
}
