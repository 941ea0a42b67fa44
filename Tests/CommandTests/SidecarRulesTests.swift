import System
import Testing

@testable import tiergate

@Suite struct SidecarRulesTests {
    private static let deploy =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/deploy"

    @Test(
        "the files that are shipped are what the command prints",
        arguments: [
            (SidecarRules.Variant.redirect, "sidecar.nft"), (.tproxy, "sidecar-tproxy.nft"),
            (.host, "sidecar-host.nft"),
        ])
    func files(variant: SidecarRules.Variant, file: String) throws {
        var rules = SidecarRules()
        rules.variant = variant
        #expect(String(decoding: try Files.read("\(Self.deploy)/\(file)"), as: UTF8.self) == rules.text)
    }

    @Test("accounts, ports and links are where the rules say them")
    func values() throws {
        let text = try printed(
            "--uid", "4711", "--port", "1", "--names-port", "2", "--agent-uid", "5", "--interface", "net1")
        #expect(text.contains("meta skuid 4711 return") && !text.contains("1337"))
        #expect(text.contains("redirect to :1\n") && text.contains("redirect to :2\n"))
        #expect(text.contains("device \"net1\"") && text.contains("meta skuid { 5 } drop"))
        #expect(try !printed().contains("netdev"))
    }

    @Test(
        "what cannot be meant is refused, with a help",
        arguments: [
            ["--uid", "nobody-of-this-name"], ["--uid", "0"], ["--variant", "ebpf"], ["--port", "0"],
            ["--names-port", "70000"], ["--interface", "a\" drop"], ["--interface", "a-name-that-is-too-long"],
            ["--agent-uid", "1337"], ["--agent-uid", "root"],
        ])
    func refused(words: [String]) throws {
        let paper = Paper()
        #expect(try run(words + ["--print"], paper) == .usage)
        #expect(paper.errors.contains("error: ") && paper.errors.contains("help: "))
        #expect(paper.output.isEmpty)
    }

    private func printed(_ words: String...) throws -> String {
        let paper = Paper()
        #expect(try run(words + ["--print"], paper) == .ok)
        return paper.output
    }

    private func run(_ words: [String], _ paper: Paper) throws -> tiergate.ExitStatus {
        let terminal = Terminal(Environment([:], executable: ""), write: { paper.write($0, $1) })
        let parser = ArgumentParser(commands: Command.all, terminal: terminal)
        guard case .run(let invocation) = try parser.parse(["sidecar", "init"] + words) else {
            throw UsageError(message: "not to be run", help: "")
        }
        return invocation.command.run(invocation)
    }
}
