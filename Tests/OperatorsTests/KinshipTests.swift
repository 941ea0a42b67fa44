import Calls
import Glibc
import Holds
import HoldsTesting
import OperatorsTesting
import System
import Testing

@testable import Operators

/// No agent lets its own calls go, with processes that are really there.
@Suite(.serialized) struct KinshipTests {
    private static let canUnshare =
        geteuid() == 0 && access("/usr/bin/unshare", X_OK) == 0 && (try? unshared("true")) == 0

    @discardableResult
    private static func unshared(_ words: String...) throws -> Int32 {
        try SystemProgram.run(
            "unshare", ["--user", "--map-root-user", "--pid", "--fork"] + words, input: nil, isQuiet: true)
    }

    @Test("an agent's account decides nothing that its session called; what it shares with the gate is ADVISORY's")
    func account() {
        let kinship = Kinship(owner: 990, accounts: [1001])
        let agent = Operator(uid: 1001, name: "agent")
        #expect(kinship.objection(to: agent, on: SessionID("uid-1001"))?.contains("agent (uid 1001)") == true)
        #expect(kinship.objection(to: agent, on: SessionID("uid-1001/cgroup-7")) != nil)
        #expect(kinship.objection(to: agent, on: SessionID("uid-10011")) == nil)
        #expect(kinship.objection(to: agent, on: SessionID("mailer")) == nil)
        #expect(kinship.objection(to: Operator(uid: 990, name: "gate"), on: SessionID("uid-990")) == nil)
        #expect(kinship.objection(to: agent) != nil)
        #expect(kinship.objection(to: Operator(uid: 1002, name: "ada")) == nil)
    }

    @Test("this process is a person's; one that is gone is nobody's; what is not visible has no number")
    func processes() throws {
        let kinship = Kinship(namespaces: Set(ProcessPlace.Namespace.allCases))
        #expect(kinship.objection(to: getpid()) == nil)
        #expect(kinship.objection(to: 0) == nil)
        let child = try ChildProcess("/bin/true", [])
        _ = child.finish(within: 60_000)
        #expect(kinship.objection(to: child.pid)?.contains("gone") == true)
    }

    @Test("what an agent's process started is the agent, however deep; others are not")
    func tree() throws {
        let processes = AgentProcesses()
        let kinship = Kinship(processes: processes)
        let child = try ChildProcess("/bin/sh", ["-c", "sleep 60 & wait"])
        defer { child.end() }
        #expect(kinship.objection(to: child.pid) == nil)
        processes.add(getpid())
        #expect(kinship.objection(to: child.pid)?.contains("started by \(getpid())") == true)
        #expect(kinship.objection(to: getpid()) == nil)
        processes.add(getpid())
        processes.remove(getpid())
        #expect(kinship.objection(to: child.pid) != nil)
        processes.remove(getpid())
        #expect(kinship.objection(to: child.pid) == nil)
    }

    @Test(
        "a program in other namespaces that opens the socket is refused by name, and so is one that the gate's run started",
        .enabled(if: canUnshare && access("/usr/bin/curl", X_OK) == 0, "root, unshare and curl are needed"))
    func agentProcess() async throws {
        let processes = AgentProcesses()
        let bench = try await SocketBench(kinship: Kinship(processes: processes))
        defer { bench.stop() }
        let hold = try await bench.hold()
        func approve(_ launcher: [String]) throws -> String {
            let curl = [
                "/usr/bin/curl", "-s", "-m", "60", "--unix-socket", bench.path, "-X", "POST", "-H",
                "If-Match: \"\(hold.digest)\"", "http://x/v1/holds/\(hold.id)/approve",
            ]
            let words = launcher + curl
            let answer = try SystemProgram.answer(
                of: words[0].split(separator: "/").last.map(String.init) ?? "", Array(words.dropFirst()), input: [],
                patience: 90_000)
            return String(decoding: answer.output, as: UTF8.self)
        }
        let jailed = try approve(["unshare", "--user", "--map-root-user", "--pid", "--fork"])
        #expect(jailed.contains("\"own_call\"") && jailed.contains("namespace"), "\(jailed)")
        let nested = try approve(["unshare", "--pid", "--fork"])
        #expect(nested.contains("another pid namespace"), "\(nested)")
        processes.add(getpid())
        let child = try approve([])
        #expect(child.contains("\"own_call\"") && child.contains("started by \(getpid())"), "\(child)")
        #expect(try await bench.gate.gate.hold(hold.id).state == .pending)
        processes.remove(getpid())
        #expect(try approve([]).contains("\"state\":\"approved\""))
    }
}
