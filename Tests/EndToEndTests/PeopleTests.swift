import Foundation
import Glibc
import Testing

/// Who decides: people of groups, never the agent itself, and signatures where several people share an account.
@Suite(
    .serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)),
    .enabled(if: Account.canBeOthers, Comment(rawValue: Account.areMissing)))
struct PeopleTests {
    private static let agent = Account(uid: 23_401)
    private static let ada = Account(uid: 23_402)

    private static let rules = """
        tiergate: 1
        pack: people
        version: 1.0.0
        hosts: ["**.test"]
        rules:
          - {id: people.read, match: {method: GET}, tier: read-only, summary: Read}
          - {id: people.act, match: {method: POST}, tier: external, summary: Act, approvers: [finance]}
          - id: people.delete
            match: {method: DELETE}
            category: deletion
            summary: Delete
            approvers: [finance]
            quorum: 2

        """

    private static let groups = "groups: {finance: [uid:23401, uid:23402, signer:ada, signer:bob]}\n"

    private struct Stand {
        let scratch: Scratch
        let upstream: Upstream
        let gate: TestGate
        var socket: String { scratch.file("operator.sock") }

        init() async throws {
            scratch = try Scratch()
            upstream = try await Upstream(scratch, nil)
            try scratch.write("rules/people.yaml", PeopleTests.rules)
            let groups = try scratch.write("groups.yaml", PeopleTests.groups)
            var settings = TestGate.Settings(resolve: ["**.test": upstream.port])
            settings.more = """
                operators: {groups: \(groups), allowed_signers: \(scratch.file("allowed_signers"))}
                agents: {accounts: [\(PeopleTests.agent.uid)]}
                """
            gate = try await TestGate(scratch, settings)
            // Whom the file of groups names need not be in operator.group; he has to be able to open the socket.
            chmod(scratch.path, 0o711)
            chmod(scratch.file("operator.sock"), 0o666)
        }

        func digest(of hold: String) async throws -> String {
            try #require(try await gate.command("show", hold).document["hold"]["digest"].string)
        }

        /// One step over the socket as another account.
        func post(_ account: Account, _ hold: String, _ step: String = "approve") async throws -> String {
            let ended = try await account.start(
                Place.curl,
                [
                    "-sS", "--unix-socket", socket, "-X", "POST", "-H", "If-Match: \"\(try await digest(of: hold))\"",
                    "http://x/v1/holds/\(hold)/\(step)",
                ]
            ).finish()
            return ended.output + ended.errors
        }
    }

    @Test("an agent that opens the socket lets nothing of its own go, though a group has it; another of the group does")
    func selfApproval() async throws {
        let stand = try await Stand()
        let held = try await Self.agent.curl(stand.gate, "-d", "pay=1", "http://api.test/echo")
        #expect(held.hasPrefix("HTTP/1.1 503 Held"), "\(held)")
        let hold = try await stand.gate.theHold()
        for step in ["approve", "claim"] {
            let refused = try await stand.post(Self.agent, hold, step)
            #expect(refused.contains("\"own_call\"") && refused.contains("uid 23401"), "\(refused)")
        }
        // The same with root's number, out of namespaces of its own.
        if Jailed.isPossible {
            let digest = try await stand.digest(of: hold)
            let jailed = try await run(
                "/usr/bin/unshare",
                [
                    "--user", "--map-root-user", "--pid", "--fork", Place.curl, "-sS", "--unix-socket", stand.socket,
                    "-X", "POST", "-H", "If-Match: \"\(digest)\"", "http://x/v1/holds/\(hold)/approve",
                ])
            #expect(jailed.output.contains("\"own_call\""), "\(jailed.output) \(jailed.errors)")
        }
        let approved = try await stand.post(Self.ada, hold)
        #expect(approved.contains("\"state\":\"approved\""), "\(approved)")
        let sent = try await Self.agent.curl(stand.gate, "-d", "pay=1", "http://api.test/echo")
        #expect(sent.hasPrefix("HTTP/1.1 200"), "\(sent)")
        #expect(try stand.upstream.count("POST") == 1)
        try await stand.gate.end()
    }

    @Test(
        "a jailed program does not find the socket, and files that say who decides are not where it may write",
        .enabled(if: Jailed.isPossible, Comment(rawValue: Jailed.isImpossible)))
    func jailed() async throws {
        let jailed = try await Jailed(tls: false)
        let socket = jailed.scratch.file("operator/operator.sock")
        let ended = try await jailed.run("curl", "-sS", "--unix-socket", socket, "http://x/v1/holds")
        #expect(ended.status == 7, "\(ended.output) \(ended.errors)")
        let list = try jailed.scratch.write("project/allowed_signers", "")
        chmod(list, 0o644)
        let refused = try await jailed.run("true", options: ["--operators.allowed_signers", list])
        #expect(refused.status == 125 && refused.errors.contains("says who decides"), "\(refused.errors)")
    }

    @Test("root speaks for a group when the file says so; the file is read at SIGHUP, and a broken one changes nothing")
    func reload() async throws {
        let stand = try await Stand()
        let (gate, scratch) = (stand.gate, stand.scratch)
        _ = try await gate.curl("-d", "pay=1", "http://api.test/echo")
        let hold = try await gate.theHold()
        let refused = try await gate.command("claim", hold)
        #expect(
            refused.status == 4
                && refused.document["decisions"].elements.first?["error"]["code"].string == "not_entitled")
        try scratch.write("groups.yaml", "groups: {finance: [no-such-account-here]}\n")
        gate.reload()
        try await waitUntil("the gate refuses the file") { gate.running.text.contains("the groups in force stay") }
        #expect(gate.running.text.contains("there is no account no-such-account-here"))
        #expect(try await stand.post(Self.ada, hold, "claim").contains("\"claim\":{\"by\":\"23402\""))
        try scratch.write("groups.yaml", "groups: {finance: [root]}\n")
        gate.reload()
        try await waitUntil("the gate takes the file") { gate.running.text.contains("1 group loaded") }
        #expect(try await stand.post(Self.ada, hold).contains("\"not_entitled\""))
        try await gate.approve(hold)
        try await gate.end()
    }

    @Test(
        "two signers behind one account are two people, one with a key in an agent; both keys are in the journal",
        .enabled(if: Place.has("/usr/bin/ssh-keygen"), "ssh-keygen is not installed (openssh-client)"))
    func signers() async throws {
        let stand = try await Stand()
        let (gate, scratch) = (stand.gate, stand.scratch)
        let examined = try await run(
            Place.tiergate, ["doctor", "--json", "--config", scratch.file("tiergate.yaml"), "--socket", stand.socket])
        let checks = try Document(examined.output)["checks"].elements
        func result(_ subject: String) -> String? {
            checks.first { $0["subject"].string == subject }?["result"].string
        }
        #expect(result("groups") == "ok" && result("signers") == "failed")
        var list = ""
        for name in ["ada", "bob"] {
            let made = try await run(
                "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", scratch.file("key-\(name)")])
            try #require(made.status == 0, "\(made.errors)")
            list += "\(name) \(String(decoding: scratch.read("key-\(name).pub"), as: UTF8.self))"
        }
        try scratch.write("allowed_signers", list)
        _ = try await gate.curl("-X", "DELETE", "http://api.test/echo")
        let hold = try await gate.theHold()
        let socket = scratch.file("agent.sock")
        func approve(_ words: String...) async throws -> (status: Int32, document: Document) {
            let ended = try await run(
                Place.tiergate, ["approve", hold, "--yes", "--json", "--socket", stand.socket] + words,
                environment: ["SSH_AUTH_SOCK": socket])
            return (
                ended.status, try #require(try Document(ended.output)["decisions"].elements.first, "\(ended.errors)")
            )
        }
        #expect(try await approve().document["error"]["code"].string == "not_entitled")
        let bare = try await approve("--sign", "--key", scratch.file("key-ada"))
        #expect(bare.status == 4 && bare.document["error"]["code"].string == "bad_signature")
        let first = try await approve("--sign", "--key", scratch.file("key-ada"), "--signer", "ada")
        #expect(first.status == 0 && first.document["hold"]["state"].string == "pending")
        #expect(first.document["hold"]["missing"].string == "1 more of finance agree")
        let again = try await approve("--sign", "--key", scratch.file("key-ada.pub"), "--signer", "ada")
        #expect(again.document["error"]["code"].string == "voted_already")
        let forged = try await approve("--sign", "--key", scratch.file("key-ada"), "--signer", "bob")
        #expect(forged.document["error"]["code"].string == "bad_signature")
        let missing = try await approve("--sign", "--key", scratch.file("no-key"), "--signer", "bob")
        #expect(missing.status == 1)
        // Bob's private key is nowhere but in his agent.
        let agent = try Running("/usr/bin/ssh-agent", ["-D", "-a", socket])
        try await waitUntil("ssh-agent listens: \(agent.text)") { FileManager.default.fileExists(atPath: socket) }
        let added = try await run(
            "/usr/bin/ssh-add", ["-q", scratch.file("key-bob")], environment: ["SSH_AUTH_SOCK": socket])
        try #require(added.status == 0, "\(added.errors)")
        unlink(scratch.file("key-bob"))
        let second = try await approve("--sign", "--key", scratch.file("key-bob.pub"), "--signer", "bob")
        #expect(second.status == 0 && second.document["hold"]["state"].string == "approved")
        withExtendedLifetime(agent) {}
        try await gate.end()
        let lines = try gate.journal.filter { ["hold.vote", "hold.decided"].contains($0["kind"].string) }
            .compactMap { $0["by"].string }
        #expect(lines.count == 2)
        for (name, line) in zip(["ada", "bob"], lines) {
            #expect(line.contains("signed by \(name) with SHA256:"), "\(line)")
        }
    }
}
