import Foundation
import Glibc
import Testing

/// Programs of an ordinary account behind a gate by one command: what they keep, and where their calls go.
@Suite(.serialized, .enabled(if: Jailed.isPossible && Place.hasTools, Comment(rawValue: Jailed.isImpossible)))
struct RunTests {
    private static let statuses: [([String], Int32)] = [
        (["sh", "-c", "exit 3"], 3), (["sh", "-c", "kill -TERM $$"], 143), (["sh", "-c", "kill -SEGV $$"], 139),
        (["no-such-program"], 127), (["/etc/passwd"], 126), (["/no/such/program"], 127),
    ]

    @Test("the exit status is the program's, as a shell counts it", arguments: statuses)
    func status(command: [String], expected: Int32) async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.start([], command).finish(within: 60)
        #expect(ended.status == expected, "\(ended.errors)")
    }

    @Test(
        "account, directory and variables are kept; the project can be written, the rest only read, the home is empty")
    func view() async throws {
        let jailed = try await Jailed()
        try jailed.scratch.write("home/.bashrc", "secret")
        let script = """
            id -u; pwd; echo "$COLOUR"; echo made > here; ls -A "$HOME" | grep -vc pki; echo x > "$HOME/.bashrc"
            (echo x > /etc/tiergate-was-here) 2>/dev/null || echo refused; ls /tmp | wc -l; cat /proc/1/comm
            """
        let running = try jailed.tiergate(
            ["run", "--config", jailed.scratch.file("tiergate.yaml"), "--", "sh", "-c", script],
            environment: ["COLOUR": "green"])
        let ended = try await running.finish(within: 60)
        let lines = ended.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        try #require(lines.count == 7, "\(ended.output) \(ended.errors)")
        #expect(Array(lines[..<6]) == ["\(jailed.uid)", jailed.project, "green", "0", "refused", "1"])
        #expect(String(decoding: jailed.scratch.read("project/here"), as: UTF8.self) == "made\n")
        #expect(String(decoding: jailed.scratch.read("home/.bashrc"), as: UTF8.self) == "secret")
        let owner = try FileManager.default.attributesOfItem(atPath: jailed.scratch.file("project/here"))
        #expect((owner[.ownerAccountID] as? NSNumber)?.intValue == jailed.uid)
    }

    private static let callers: [[String]] = [
        ["curl", "-sS", "https://api.test/bytes/5000"],
        ["curl", "-sS", "--noproxy", "*", "https://api.test/bytes/5000"],
        ["env", "-i", "/usr/bin/curl", "-sS", "https://api.test/bytes/5000"],
        ["curl", "-sS", "https://api.test:8443/bytes/5000"],
        ["curl", "-sS", "-4", "https://api.test/bytes/5000"], ["curl", "-sS", "-6", "https://api.test/bytes/5000"],
        [
            "env", "HTTPS_PROXY=http://127.0.0.1:1", "curl", "-sS", "--noproxy", "api.test",
            "https://api.test/bytes/5000",
        ],
        [
            "/usr/bin/python3", "-c",
            "import sys, urllib.request as u; sys.stdout.buffer.write(u.urlopen('https://api.test/bytes/5000').read())",
        ],
    ]

    @Test("calls land in the gate, whatever the program does about proxies and its environment", arguments: callers)
    func intercepted(command: [String]) async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.start([], command).finish(within: 60)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(ended.output.utf8.count >= 5000, "\(ended.output.prefix(300)) \(ended.errors)")
        #expect(try jailed.upstream.count("GET") == 1)
    }

    @Test(
        "bare addresses reach nothing but the gate, which knows no name for them",
        arguments: ["http://192.0.2.7/", "http://192.0.2.7:61234/", "http://[2001:db8::7]/", "http://169.254.169.254/"])
    func bareAddresses(url: String) async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.run("curl", "-sS", "-m", "4", "-o", "body", "-w", "%{http_code}", url)
        // Refused in words, held and given up, or closed: never answered by somebody else.
        #expect(!ended.output.hasPrefix("2"), "\(ended.output) \(ended.errors)")
    }

    @Test("a call is held until a person lets it go, and sent once")
    func held() async throws {
        let jailed = try await Jailed()
        let running = try jailed.start([], "curl", "-sS", "-d", "amount=1", "https://api.test/echo")
        let hold = try await jailed.hold()
        #expect(try jailed.upstream.count("POST") == 0)
        try await jailed.approve(hold)
        let ended = try await running.finish(within: 60)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(try jailed.upstream.count("POST") == 1)
    }

    @Test("a static program, which knows nothing of this machine's libraries, is intercepted too")
    func staticProgram() async throws {
        let jailed = try await Jailed(tls: false)
        let built = try await EndToEndTests.run(
            Place.compiler, ["-static", "-o", "\(jailed.project)/static", Place.script("static.c")])
        try #require(built.status == 0, "\(built.errors)")
        chmod("\(jailed.project)/static", 0o755)
        let ended = try await jailed.run("./static", "192.0.2.7", "\(jailed.upstream.port)")
        #expect(!ended.output.contains("200 OK"), "\(ended.output)")
        #expect(
            ended.output.contains("HTTP/1.1 ") || ended.output.contains("closed"), "\(ended.output) \(ended.errors)")
        #expect(try jailed.upstream.requests.isEmpty)
    }

    @Test("a program before -- is refused: its words could not be told from options")
    func withoutDashes() async throws {
        let jailed = try await Jailed()
        let ended = try await jailed.tiergate(["run", "true", "--session", "x"]).finish(within: 60)
        #expect(ended.status == 2)
        #expect(ended.errors.contains("usage: tiergate run [options] -- COMMAND…"), "\(ended.errors)")
        let given = try await jailed.run("printf", "%s ", "--session", "--", "x", options: ["--session", "y"])
        #expect(given.output == "--session -- x ", "\(given.errors)")
    }

    @Test("a run ends with its program where whoever starts it ignores the ends of children, as the program then does")
    func ignoredChildren() async throws {
        let jailed = try await Jailed()
        let ignoring =
            "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
        let program = "import signal, sys; print(signal.getsignal(signal.SIGCHLD).name); sys.exit(3)"
        let words = ["/usr/bin/python3", "-c", ignoring] + jailed.words(["/usr/bin/python3", "-c", program])
        let ended = try await jailed.asAccount(words).finish(within: 60)
        #expect(ended.status == 3, "\(ended.errors)")
        #expect(ended.output == "SIG_IGN\n", "\(ended.errors)")
    }

    @Test("files of agents' tokens are out of reach in a shared directory; one that is not there yet is refused")
    func tokens() async throws {
        let jailed = try await Jailed()
        try jailed.scratch.write("project/token", "a secret of thirty-two characters\n")
        chmod("\(jailed.project)/token", 0o644)
        let options = ["--agents.tokens", "reviewer=\(jailed.project)/token"]
        let ended = try await jailed.run("sh", "-c", "wc -c < token; ls", options: options)
        #expect(ended.output == "0\ntoken\n", "\(ended.errors)")
        unlink("\(jailed.project)/token")
        let refused = try await jailed.run("true", options: options)
        #expect(refused.status == 125)
        #expect(refused.errors.contains("token is not there"), "\(refused.errors)")
    }

    @Test("when the gate is killed nothing of the program is left")
    func gateDies() async throws {
        let jailed = try await Jailed()
        let mark = "4\(Int.random(in: 100_000...999_999))"
        let running = try jailed.start([], "sh", "-c", "setsid sleep \(mark) & sleep \(mark)")
        try await waitUntil("the program runs: \(running.text)") { Jailed.isRunning(mark) }
        try await running.killAndWait()
        try await waitUntil("the program is gone") { !Jailed.isRunning(mark) }
    }

    @Test("what a program leaves running ends with it")
    func daemons() async throws {
        let jailed = try await Jailed()
        let mark = "5\(Int.random(in: 100_000...999_999))"
        let ended = try await jailed.run("sh", "-c", "setsid sleep \(mark) >/dev/null 2>&1 & exit 0")
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(!Jailed.isRunning(mark))
    }

    @Test("signals for the gate are the program's", arguments: [(SIGTERM, "TERM"), (SIGINT, "INT"), (SIGHUP, "HUP")])
    func signals(number: Int32, name: String) async throws {
        let jailed = try await Jailed()
        let running = try jailed.start(
            [], "sh", "-c", "trap 'echo got \(name); exit 9' \(name); echo ready; while :; do sleep 0.05; done")
        try await waitUntil("it is ready: \(running.text)") { running.output.contains("ready") }
        running.signal(number)
        let ended = try await running.finish(within: 60)
        #expect(ended.status == 9)
        #expect(ended.output.contains("got \(name)"))
    }

    @Test("what is shared can be read, or written too; what is not there is said")
    func shares() async throws {
        let jailed = try await Jailed()
        try jailed.scratch.write("data/file", "shared\n")
        let data = jailed.scratch.file("data")
        chmod(data, 0o777)
        let read = try await jailed.run(
            "sh", "-c", "cat \(data)/file; touch \(data)/new 2>/dev/null || echo refused",
            options: ["--share", "\(data):ro"])
        #expect(read.output == "shared\nrefused\n", "\(read.errors)")
        let written = try await jailed.run("sh", "-c", "touch \(data)/new && echo made", options: ["--share", data])
        #expect(written.output == "made\n", "\(written.errors)")
        let hidden = try await jailed.run("cat", "\(data)/file")
        #expect(hidden.status == 1)
        let missing = try await jailed.run("true", options: ["--share", "/no/such/place"])
        #expect(missing.status == 125)
        #expect(missing.errors.contains("there is no /no/such/place to share"))
        let home = try await jailed.run("true", options: ["--share", "/tmp"])
        #expect(home.status == 125, "what a jail hides cannot be shared as a whole")
    }

    @Test("a program that is in a hidden directory is named, with what to share")
    func hiddenProgram() async throws {
        let jailed = try await Jailed()
        try jailed.scratch.write("home/tool", "#!/bin/sh\necho here\n")
        chmod(jailed.scratch.file("home/tool"), 0o755)
        let hidden = try await jailed.run(jailed.scratch.file("home/tool"))
        #expect(hidden.status == 127)
        #expect(hidden.errors.contains("--share \(jailed.home):ro"), "\(hidden.errors)")
    }

    @Test("where the machine has no namespaces for ordinary accounts, that is said with what to do; a jail has none")
    func refused() async throws {
        let jailed = try await Jailed()
        let command = jailed.words(["true"])
        let limited = try await jailed.asAccount(
            ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c"]
                + ["echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"", "sh"] + command
        ).finish(within: 60)
        #expect(limited.status == 125)
        #expect(limited.errors.contains("sysctl user.max_user_namespaces="), "\(limited.errors)")
        // A share is at its real place in the jail; links that lead there may be in what is hidden.
        let program = URL(fileURLWithPath: Place.tiergate).resolvingSymlinksInPath().path
        let nested = try await jailed.run(
            program, "run", "--rules", jailed.scratch.file("rules"), "--", "true",
            options: ["--share", "\(program):ro"])
        #expect(nested.status == 125)
    }

    @Test("root is never in a jail", .enabled(if: geteuid() == 0, "only root can try"))
    func root() async throws {
        let jailed = try await Jailed()
        chmod(jailed.project, 0o755)
        chmod(jailed.scratch.path, 0o755)
        let base = [
            "run", "--state", jailed.scratch.file("roots"), "--operator.socket",
            "\(jailed.scratch.file("roots"))/o.sock",
        ]
        let throwaway = try await jailed.tiergate(base + ["--", "id", "-u"], as: false).finish(within: 60)
        #expect(
            (65_000...65_499).contains(Int(throwaway.output.trimmingCharacters(in: .newlines)) ?? 0), "\(throwaway)")
        let sudo = try await jailed.tiergate(base + ["--", "id", "-u"], environment: ["SUDO_UID": "64312"], as: false)
            .finish(within: 60)
        #expect(sudo.output == "64312\n", "\(sudo.errors)")
        let named = try await jailed.tiergate(base + ["--user", "64313", "--", "sh", "-c", "id -u; id -G"], as: false)
            .finish(within: 60)
        #expect(named.output == "64313\n64313\n", "\(named.errors)")
        let refused = try await jailed.tiergate(base + ["--user", "root", "--", "id", "-u"], as: false)
            .finish(within: 60)
        #expect(refused.status == 125)
        #expect(refused.output.isEmpty)
    }

    @Test("a shell at a terminal works as one expects: ^C, ^Z, jobs, the window's size, the terminal's name")
    func terminal() async throws {
        let jailed = try await Jailed()
        let words = geteuid() == 0 ? ["\(jailed.uid)"] : []
        let ended = try await Running(
            Place.plainPython,
            [Place.script("terminal.py"), jailed.project, Place.tiergate, jailed.scratch.file("tiergate.yaml")] + words,
            environment: ["HOME": jailed.home]
        ).finish(within: 120)
        #expect(ended.status == 0, "\(ended.output)\n\(ended.errors)")
    }
}

/// Several programs behind one gate that serves.
@Suite(.serialized, .enabled(if: Jailed.isPossible && Place.hasTools, Comment(rawValue: Jailed.isImpossible)))
struct JoinedRunTests {
    private func served(_ jailed: Jailed) async throws -> Running {
        let gate = try jailed.tiergate(
            ["serve", "--config", jailed.scratch.file("tiergate.yaml"), "--listen", "127.0.0.1:0"])
        try await waitUntil("the gate greets: \(gate.text)") { gate.text.contains("operators at") || gate.hasEnded }
        return gate
    }

    @Test("runs beside a gate that serves join it, each as a session of its own, and end with it")
    func join() async throws {
        let jailed = try await Jailed()
        let gate = try await served(jailed)
        let ended = try await jailed.run("curl", "-sS", "https://api.test/bytes/5000", options: ["--session", "one/a"])
        #expect(ended.output.utf8.count >= 5000, "\(ended.output.prefix(200)) \(ended.errors)")
        let mark = "6\(Int.random(in: 100_000...999_999))"
        let script = "curl -sS https://api.test/bytes/10 > got; exec sleep \(mark)"
        let waiting = try jailed.start(["--session", "two/b", "--autonomy", "constrained"], "sh", "-c", script)
        try await waitUntil("the second has called: \(waiting.text)") {
            jailed.scratch.read("project/got").count == 10 && Jailed.isRunning(mark)
        }
        let journal = try FileManager.default.contentsOfDirectory(atPath: jailed.scratch.file("state/journal"))
            .filter { $0.hasSuffix(".jsonl") }.map {
                String(decoding: jailed.scratch.read("state/journal/\($0)"), as: UTF8.self)
            }
            .joined()
        #expect(journal.contains("one/a") && journal.contains("two/b"))
        let levels = try await jailed.sessions().map { [$0["session"].string, $0["autonomy"].string] }
        #expect(levels == [["one/a", nil], ["two/b", "constrained"]])
        try await gate.killAndWait()
        let after = try await waiting.finish(within: 60)
        #expect(after.status == 125)
        #expect(after.errors.contains("the gate ended"), "\(after.errors)")
        try await waitUntil("the program is gone") { !Jailed.isRunning(mark) }
    }

    @Test(
        "a session that a run has is no other run's, and the first one's autonomy stays; once it ended the name is free"
    )
    func sameSession() async throws {
        let jailed = try await Jailed()
        let gate = try await served(jailed)
        let script = "curl -sS https://api.test/bytes/10 > got; while [ ! -e release ]; do sleep 0.1; done"
        let first = try jailed.start(["--session", "one", "--autonomy", "constrained"], "sh", "-c", script)
        try await waitUntil("the first has called: \(first.text)") { jailed.scratch.read("project/got").count == 10 }
        let second = try await jailed.run("true", options: ["--session", "one", "--autonomy", "full"])
        #expect(second.status == 125)
        #expect(second.errors.contains("a run with the session one is there already"), "\(second.errors)")
        #expect(try await jailed.sessions().map { $0["autonomy"].string } == ["constrained"])
        try jailed.scratch.write("project/release", "")
        #expect(try await first.finish(within: 60).status == 0)
        let third = try await jailed.run("true", options: ["--session", "one"])
        #expect(third.status == 0, "\(third.errors)")
        try await gate.killAndWait()
    }

    @Test("a gate without descriptors for another jail does not turn in circles, and takes it as soon as it has some")
    func outOfDescriptors() async throws {
        let jailed = try await Jailed()
        let gate = try await served(jailed)
        try await allow(jailed, gate, descriptors: 3)
        let waiting = try jailed.start([], "true")
        // Whoever turns in circles has used all of these seconds.
        let used = try jailThreadTime(gate)
        try await Task.sleep(for: .seconds(3))
        #expect(try jailThreadTime(gate) - used < 100)
        #expect(!waiting.hasEnded, "\(waiting.text)")
        try await allow(jailed, gate, descriptors: 1024)
        let ended = try await waiting.finish(within: 60)
        #expect(ended.status == 0, "\(ended.errors)")
        try await gate.killAndWait()
    }

    /// As the gate's account: not every root may set the limits of others.
    private func allow(_ jailed: Jailed, _ gate: Running, descriptors: Int) async throws {
        let words = ["/usr/bin/prlimit", "--pid", "\(gate.pid)", "--nofile=\(descriptors):"]
        let ended = try await jailed.asAccount(words).finish(within: 60)
        try #require(ended.status == 0, "\(ended.errors)")
    }

    /// Hundredths of a second that the thread which takes jails has run.
    private func jailThreadTime(_ gate: Running) throws -> Int {
        for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(gate.pid)/task") {
            let stat = try String(contentsOfFile: "/proc/\(gate.pid)/task/\(task)/stat", encoding: .utf8)
            guard stat.contains("(jails)"), let end = stat.lastIndex(of: ")") else { continue }
            // utime and stime, the twelfth and thirteenth behind the name.
            let fields = stat[end...].split(separator: " ").dropFirst().map(String.init)
            return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
        }
        throw Failed(description: "the gate has no thread for jails")
    }

    @Test("a level of autonomy that there is not is refused")
    func autonomy() async throws {
        let refused = try await Jailed().run("true", options: ["--autonomy", "6"])
        #expect(refused.status != 0)
        #expect(refused.errors.contains("supervised, constrained, monitored, full"), "\(refused.errors)")
    }

    @Test("settings that the running gate would not follow are refused")
    func settings() async throws {
        let jailed = try await Jailed()
        let gate = try await served(jailed)
        let ended = try await jailed.run("true", options: ["--hold.wait", "1 s"])
        #expect(ended.status == 125)
        #expect(ended.errors.contains("--hold.wait would do nothing"), "\(ended.errors)")
        try await gate.killAndWait()
    }

    @Test("beside another run's own gate a run is refused, and says what to do")
    func busy() async throws {
        let jailed = try await Jailed()
        let first = try jailed.start([], "sh", "-c", "curl -sS https://api.test/bytes/10 > got; sleep 30")
        try await waitUntil("the first has called: \(first.text)") { jailed.scratch.read("project/got").count == 10 }
        let second = try await jailed.run("true")
        #expect(second.status == 125)
        #expect(second.errors.contains("tiergate serve"), "\(second.errors)")
        try await first.killAndWait()
    }
}
