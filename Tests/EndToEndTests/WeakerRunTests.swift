import Foundation
import Glibc
import Testing

/// Programs behind a gate without a namespace around them (`tiergate run --weaker`).
@Suite(.serialized, .enabled(if: Weaker.isPossible && Place.hasTools, Comment(rawValue: Weaker.isImpossible)))
struct WeakerRunTests {
    /// Every try of `weaker.py`; those that are led to the gate are answered by it, and by nobody else.
    private static let expected: [(attempt: String, result: String)] = [
        ("tcp-4", "gate"), ("tcp-6", "gate"), ("tcp-mapped", "gate"), ("tcp-odd-port", "gate"),
        ("tcp-blocking", "gate"), ("tcp-bound", "gate"), ("tcp-late-port", "gate"), ("tcp-deferred", "EPERM"),
        ("tcp-source-route", "EPERM"), ("loopback-4", "ECONNREFUSED"), ("loopback-6", "ECONNREFUSED"),
        ("loopback-any", "ECONNREFUSED"), ("loopback-mapped", "ECONNREFUSED"), ("udp-4", "EACCES"),
        ("udp-6", "EACCES"), ("udp-names", "EACCES"), ("raw", "EACCES"), ("packet", "EAFNOSUPPORT"),
        ("netlink", "EAFNOSUPPORT"), ("vsock", "EAFNOSUPPORT"), ("mptcp", "EPROTONOSUPPORT"),
        ("sctp", "EPROTONOSUPPORT"), ("fast-open", "ENOTSUP"), ("fast-open-message", "ENOTSUP"),
        ("unix", "ECONNREFUSED"), ("unix-abstract", "ECONNREFUSED"), ("unix-datagram", "EPROTONOSUPPORT"),
        ("pair", "1"), ("pair-datagram", "EPROTONOSUPPORT"), ("ring", "ENOSYS"), ("listen-everywhere", "EPERM"),
        ("listen-here", "listens"), ("listen-unbound", "EPERM"), ("hidden-file", "EACCES"),
        ("hidden-write", "EACCES"), ("hidden-truncate", "EACCES"), ("hidden-remove", "EACCES"),
        ("system-write", "EACCES"), ("gate-memory", "EACCES"), ("gate-environment", "EACCES"),
        ("swap", "reached 0"), ("orphan", "gate"), ("threads", "gate"),
    ]

    @Test("whatever a program tries lands in the gate or fails, from threads and orphans too")
    func tries() async throws {
        let jailed = try await Jailed(tls: false)
        let hidden = try jailed.scratch.write("home/secret", "of the home")
        if geteuid() == 0 { chown(hidden, uid_t(jailed.uid), gid_t(jailed.uid)) }
        try FileManager.default.copyItem(
            atPath: Place.script("weaker.py"), toPath: "\(jailed.project)/weaker.py")
        chmod("\(jailed.project)/weaker.py", 0o644)
        let ended = try await jailed.start(
            ["--weaker", "--hold.wait", "1 s"], "/usr/bin/python3", "weaker.py", "\(jailed.upstream.port)", hidden,
            jailed.scratch.file("operator/operator.sock")
        ).finish(within: 180)
        #expect(ended.errors.contains("the weaker way"), "\(ended.errors)")
        try #require(ended.status == 0, "\(ended.errors)")
        let results = try Document(ended.output)
        for (attempt, result) in Self.expected {
            let said = results[attempt].string ?? "nothing"
            // A bare address is held, or refused in words; the upstream says 200.
            let isOfGate = said.hasPrefix("HTTP/1.1 4") || said.hasPrefix("HTTP/1.1 5")
            #expect(result == "gate" ? isOfGate : said == result, "\(attempt): \(said)")
        }
        #expect(try jailed.upstream.requests.isEmpty)
        #expect(String(decoding: jailed.scratch.read("home/secret"), as: UTF8.self) == "of the home")
    }

    private static let callers: [[String]] = [
        ["curl", "-sS", "https://api.test/bytes/5000"],
        ["curl", "-sS", "--noproxy", "*", "https://api.test:8443/bytes/5000"],
        ["wget", "-6", "-q", "-O", "-", "https://api.test/bytes/5000"],
        [
            "/usr/bin/python3", "-c",
            "import sys, urllib.request as u; sys.stdout.buffer.write(u.urlopen('https://api.test/bytes/5000').read())",
        ],
        ["wget", "-q", "-O", "-", "https://api.test/bytes/5000"],
    ]

    @Test("calls by name go through the gate, which is trusted", arguments: callers)
    func intercepted(command: [String]) async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.start(["--weaker"], command).finish(within: 60)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.utf8.count >= 5000, "\(ended.output.prefix(300)) \(ended.errors)")
        #expect(try jailed.upstream.count("GET") == 1)
    }

    @Test("without its environment a program finds no name, and nobody else")
    func bare() async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.run(
            "env", "-i", "/usr/bin/curl", "-sS", "-m", "20", "https://api.test/bytes/5000", options: ["--weaker"])
        #expect(ended.status != 0)
        #expect(try jailed.upstream.requests.isEmpty)
    }

    @Test("a call is held until a person lets it go, and sent once")
    func held() async throws {
        let jailed = try await Jailed()
        let running = try jailed.start(["--weaker"], "curl", "-sS", "-d", "amount=1", "https://api.test/echo")
        let hold = try await jailed.hold(unless: running)
        #expect(try jailed.upstream.count("POST") == 0)
        try await jailed.approve(hold)
        let ended = try await running.finish(within: 60)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(try jailed.upstream.count("POST") == 1)
    }

    @Test("account, directory, files and exit status are what they were; the home is empty, and gone afterwards")
    func view() async throws {
        let jailed = try await Jailed()
        let script = """
            id -u; pwd; echo made > here; ls -A "$HOME" | grep -c secret; cat here; echo x > "$TMPDIR/own" && echo own
            echo "$HOME" >&2; exit 7
            """
        let ended = try await jailed.start(["--weaker"], "sh", "-c", script).finish(within: 60)
        #expect(ended.status == 7, "\(ended.errors)")
        #expect(ended.output == "\(jailed.uid)\n\(jailed.project)\n0\nmade\nown\n", "\(ended.errors)")
        let home = try #require(ended.errors.split(separator: "\n").last.map(String.init))
        #expect(home.contains("tiergate-run") && !FileManager.default.fileExists(atPath: home))
    }

    @Test("when the gate is killed nothing of the program is left, nor when the program ends")
    func ends() async throws {
        let jailed = try await Jailed()
        let mark = "7\(Int.random(in: 100_000...999_999))"
        let running = try jailed.start(["--weaker"], "sh", "-c", "setsid sleep \(mark) & sleep \(mark)")
        try await waitUntil("the program runs: \(running.text)") { Jailed.isRunning(mark) }
        try await running.killAndWait()
        try await waitUntil("the program is gone") { !Jailed.isRunning(mark) }
        let ended = try await jailed.run(
            "sh", "-c", "(setsid sh -c 'setsid sleep \(mark) &' &) >/dev/null 2>&1; sleep 0.5; exit 0",
            options: ["--weaker"])
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(!Jailed.isRunning(mark))
    }

    @Test("beside a gate that serves it is refused, with what to do; so is what only a mount could hide")
    func refused() async throws {
        let jailed = try await Jailed()
        let gate = try jailed.tiergate(
            ["serve", "--config", jailed.scratch.file("tiergate.yaml"), "--listen", "127.0.0.1:0"])
        try await waitUntil("the gate greets: \(gate.text)") { gate.text.contains("operators at") || gate.hasEnded }
        let joined = try await jailed.run("true", options: ["--weaker"])
        #expect(joined.status == 125)
        #expect(joined.errors.contains("give this run a --state of its own"), "\(joined.errors)")
        try await gate.killAndWait()
        let namespaces = try await jailed.run("true", options: ["--weaker", "--allow-userns"])
        #expect(namespaces.status == 125 && namespaces.errors.contains("do not go together"), "\(namespaces.errors)")
        let inside = "\(jailed.project)/state"
        let kept = try await jailed.run("true", options: ["--weaker", "--state", inside])
        #expect(kept.status == 125)
        #expect(kept.errors.contains("put state, rules and operator socket elsewhere"), "\(kept.errors)")
    }

    @Test("where the machine has no namespaces the weaker way is named, and goes")
    func instead() async throws {
        let jailed = try await Jailed()
        func limited(_ words: [String]) async throws -> Finished {
            try await jailed.asAccount(
                ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c"]
                    + ["echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"", "sh"] + words
            ).finish(within: 60)
        }
        let refused = try await limited(jailed.words(["true"]))
        #expect(refused.status == 125)
        #expect(refused.errors.contains("tiergate run --weaker"), "\(refused.errors)")
        let weaker = try await limited(
            jailed.words(["curl", "-sS", "https://api.test/bytes/5000"], options: ["--weaker"]))
        #expect(weaker.output.utf8.count >= 5000, "\(weaker.errors)")
    }

    @Test("of the table of escapes nothing of network, files or processes is open that is not named")
    func table() async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.tiergate(
            ["doctor", "--escape", "--weaker", "--json", "--config", jailed.scratch.file("tiergate.yaml")]
        ).finish(within: 120)
        let document = try Document(ended.output)
        let open = Set(
            document["results"].elements.filter { $0["open"].bool != false }.compactMap { $0["attempt"].string })
        // Without a namespace around it every process can be named, though nothing be done to it; and only who has power over
        // the bounding set of capabilities can empty it, of which nothing comes without new privileges.
        #expect(open.isSubset(of: ["pidfd_open of the gate", "capabilities"]), "\(ended.output)")
    }
}

enum Weaker {
    /// Whether Landlock is new enough; the rest every kernel of the kind has.
    static let isPossible: Bool = {
        guard Jailed.isPossible, let lists = FileManager.default.contents(atPath: "/sys/kernel/security/lsm") else {
            return Jailed.isPossible
        }
        return String(decoding: lists, as: UTF8.self).contains("landlock")
    }()
    static let isImpossible = "NOT TESTED: this kernel has no Landlock, without which --weaker keeps no files"
}
