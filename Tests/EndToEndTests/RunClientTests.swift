import Foundation
import Testing

/// What people run behind `tiergate run` as they run it: nothing in it knows of the gate.
@Suite(.serialized, .enabled(if: Jailed.isPossible && Place.hasTools, Comment(rawValue: Jailed.isImpossible)))
struct RunClientTests {
    /// Calls one after another, each of which is held.
    private static let calls = """
        set -eu
        /usr/bin/python3 - <<'END'
        import json, urllib.request
        with urllib.request.urlopen("https://api.test/echo?from=python", data=b"amount=1") as answer:
            print("python", answer.status, json.load(answer)["begins"])
        END
        curl -sS -o /dev/null -w 'shell %{http_code} amount=2\\n' -d amount=2 'https://api.test/echo?from=shell'

        """

    /// For machines that have it.
    private static let node = """
        \(Place.node) --input-type=module - <<'END'
        const answer = await fetch("https://api.test/echo?from=node", { method: "POST", body: "amount=3" })
        console.log("node", answer.status, (await answer.json()).begins)
        END

        """

    /// git asks first what is there, which passes; what it sends then is held.
    private static let push = """
        set -eu
        git init -q --initial-branch=main work
        cd work
        echo content > file
        git add file
        git -c user.name=Agent -c user.email=agent@example.com commit -q -m 'A change'
        git push --progress https://api.test/pushed.git main
        echo "git $(git rev-parse main)"

        """

    @Test("Python, Node, a shell's curl and git push: each call waits for a person outside, and is then sent once")
    func approved() async throws {
        let hasNode = Place.has(Place.node)
        let jailed = try await Jailed(script: "git_server.py")
        try jailed.scratch.write("project/work.sh", Self.calls + (hasNode ? Self.node : "") + Self.push)
        let running = try jailed.start([], "bash", "work.sh")
        let callers = ["python", "shell"] + (hasNode ? ["node"] : [])
        let paths = callers.map { "/echo?from=\($0)" } + ["/pushed.git/git-receive-pack"]
        for (number, path) in paths.enumerated() {
            let hold = try await jailed.hold(unless: running)
            #expect(try jailed.upstream.count("POST") == number, "nothing is sent before it is approved")
            try await jailed.approve(hold)
            try await waitUntil("\(path) is sent: \(running.text)") { try jailed.upstream.count("POST", path) == 1 }
        }
        let ended = try await running.finish(within: 60)
        #expect(ended.status == 0, "\(ended.errors)")
        let pushed = try await run(
            Place.system("git"),
            ["-c", "safe.directory=*", "--git-dir", jailed.scratch.file("pushed.git"), "rev-parse", "main"])
        let told = callers.enumerated().map { "\($1) 200 amount=\($0 + 1)" } + ["git \(pushed.output)"]
        #expect(ended.output == told.joined(separator: "\n"), "\(ended.errors)")
        #expect(ended.errors.contains("* [new branch]"), "\(ended.errors)")
        #expect(try jailed.upstream.count("POST") == paths.count)
    }

    @Test(
        "a push above git's buffer (http.postBuffer, 1 MiB) is decided once: the gate answers the empty one before it"
    )
    func large() async throws {
        let jailed = try await Jailed(script: "git_server.py")
        let push = Self.push.replacing("echo content >", with: "head -c 2000000 /dev/urandom >")
        try jailed.scratch.write("project/work.sh", push)
        let running = try jailed.start([], "bash", "work.sh")
        try await jailed.approve(try await jailed.hold(unless: running))
        let ended = try await running.finish(within: 60)
        #expect(ended.status == 0, "\(ended.errors)")
        let lengths = try jailed.upstream.requests.filter { $0["method"].string == "POST" }.map {
            $0["length"].integer ?? 0
        }
        #expect(lengths.count == 1 && lengths[0] > 2_000_000, "\(lengths)")
    }

    @Test("git push that is rejected says so, and nothing is pushed")
    func rejected() async throws {
        let jailed = try await Jailed(script: "git_server.py")
        try jailed.scratch.write("project/work.sh", Self.push)
        let running = try jailed.start([], "bash", "work.sh")
        try await jailed.reject(try await jailed.hold(unless: running))
        let ended = try await running.finish(within: 60)
        #expect(ended.status != 0)
        #expect(ended.errors.contains("remote: NOT EXECUTED. A person rejected"), "\(ended.errors)")
        #expect(ended.errors.contains("[remote rejected] main -> main (Rejected h_"), "\(ended.errors)")
        #expect(try jailed.upstream.count("POST") == 0)
    }
}
