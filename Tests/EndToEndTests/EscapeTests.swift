import Foundation
import Glibc
import Testing

/// Ways out of a jail, and programs written to find one.
@Suite(.serialized, .enabled(if: Jailed.isPossible && Place.hasTools, Comment(rawValue: Jailed.isImpossible)))
struct EscapeTests {
    @Test("every attempt of the table is closed")
    func table() async throws {
        let jailed = try await Jailed()
        let running = try jailed.tiergate(
            ["doctor", "--escape", "--json", "--config", jailed.scratch.file("tiergate.yaml")])
        let ended = try await running.finish(within: 120)
        let document = try Document(ended.output)
        let open = document["results"].elements.filter { $0["open"].bool != false }
        for attempt in open { print("OPEN: \(attempt["attempt"].string ?? "?"): \(attempt["reason"].string ?? "?")") }
        #expect(open.isEmpty, "\(open.compactMap { $0["attempt"].string })")
        #expect((document["attempts"].integer ?? 0) >= 100)
        #expect(ended.status == 0, "\(ended.errors)")
    }

    @Test("the attempts are real: without a jail many of them succeed")
    func control() async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.tiergate(["escape-attempts", "--json"]).finish(within: 120)
        #expect((try Document(ended.output)["open"].integer ?? 0) >= 10, "\(ended.output)")
        #expect(ended.status == 1)
    }

    @Test("a bomb of namespaces makes none, or where it may few, and reaches nothing", arguments: [false, true])
    func namespaces(areAllowed: Bool) async throws {
        let jailed = try await Jailed(tls: false)
        try FileManager.default.copyItem(
            atPath: Place.script("hostile_namespaces.py"), toPath: "\(jailed.project)/bomb.py")
        chmod("\(jailed.project)/bomb.py", 0o644)
        let ended = try await jailed.run(
            "/usr/bin/python3", "bomb.py", "\(jailed.upstream.port)", options: areAllowed ? ["--allow-userns"] : [])
        #expect(ended.status == 0, "\(ended.errors)")
        let words = ended.output.split(whereSeparator: \.isWhitespace)
        try #require(words.count == 4, "\(ended.output) \(ended.errors)")
        #expect((words[1] != "0") == areAllowed, "\(ended.output)")
        #expect(words[3] == "0", "\(ended.output)")
        #expect(try jailed.upstream.requests.isEmpty)
    }

    @Test("descriptors that two programs in jails hand each other over a shared directory lead nowhere else")
    func descriptors() async throws {
        let jailed = try await Jailed(tls: false)
        let common = jailed.scratch.file("common")
        let secret = try jailed.scratch.write("home/secret", "of the home")
        chmod(secret, 0o644)
        try FileManager.default.createDirectory(atPath: common, withIntermediateDirectories: false)
        chmod(common, 0o777)
        try FileManager.default.copyItem(
            atPath: Place.script("hostile_descriptors.py"), toPath: "\(jailed.project)/smuggle.py")
        chmod("\(jailed.project)/smuggle.py", 0o644)
        let port = "\(jailed.upstream.port)"
        let taker = try jailed.start(
            ["--share", common], "/usr/bin/python3", "smuggle.py", "take", common, port, secret)
        let other = jailed.scratch.file("state/other")
        let giver = try jailed.start(
            ["--share", common, "--state", other, "--operator.socket", "\(other)/operator.sock"], "/usr/bin/python3",
            "smuggle.py", "give", common, port)
        let took = try await taker.finish(within: 90)
        _ = try await giver.finish(within: 90)
        #expect(took.output.contains("taken 5"), "\(took.output) \(took.errors) \(giver.text)")
        #expect(took.output.contains("joined network False"))
        #expect(took.output.contains("joined users False"))
        #expect(took.output.contains("reached False"))
        #expect(took.output.contains("escaped False"))
        #expect(took.output.contains("done"))
        #expect(try jailed.upstream.requests.isEmpty)
    }

    @Test(
        "a secret in names stays: whoever asks whatever, no question of it leaves the machine",
        .enabled(if: geteuid() == 0, "only root can put a name server of its own before the gate"))
    func names() async throws {
        let jailed = try await Jailed()
        let log = try jailed.scratch.write("questions", "")
        let server = try Running(Place.plainPython, [Place.script("questions.py"), "127.7.7.7", log])
        try await waitUntil("the name server listens: \(server.text)") { server.output.contains("ready") }
        let resolver = try jailed.scratch.write("resolv.conf", "nameserver 127.7.7.7\n")
        chmod(resolver, 0o644)
        try FileManager.default.copyItem(atPath: Place.script("hostile_names.py"), toPath: "\(jailed.project)/names.py")
        chmod("\(jailed.project)/names.py", 0o644)
        let command = "/usr/bin/python3 names.py; curl -sS -m 15 http://known.example/ >/dev/null; exit 0"
        let ended = try await jailed.before(
            "mount --bind \(resolver) $(readlink -f /etc/resolv.conf)", ["sh", "-c", command]
        ).finish(within: 120)
        #expect(ended.output.contains("asked"), "\(ended.output) \(ended.errors)")
        let questions = String(decoding: jailed.scratch.read("questions"), as: UTF8.self)
        let tunnel = "tunnel".utf8.map { String($0, radix: 16) }.joined()
        #expect(!questions.contains(tunnel), "\(questions.prefix(500))")
    }
}
