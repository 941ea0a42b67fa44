import Foundation
import Testing

/// What `git push` shows of a push that waits for a person, or was rejected: small ones and those above git's buffer.
@Suite(.serialized, .enabled(if: Place.hasTools && Place.has(Place.system("git")), "git or another tool is missing"))
struct GitPushTests {
    private struct Repository {
        let scratch: Scratch
        let upstream: Upstream
        let gate: TestGate

        init(bytes: Int) async throws {
            scratch = try Scratch()
            upstream = try await Upstream(scratch, nil, script: "git_server.py")
            try scratch.write("rules/world.yaml", World.rules)
            gate = try await TestGate(scratch, TestGate.Settings(resolve: ["**.test": upstream.port]))
            try scratch.write("work/small", "content")
            try Sample.bytes(bytes).write(to: URL(fileURLWithPath: scratch.file("work/file")))
            for words in [
                ["init", "-q", "--initial-branch=main"], ["add", "."],
                ["-c", "user.name=Agent", "-c", "user.email=agent@example.com", "commit", "-q", "-m", "A change"],
            ] {
                let ended = try await git(words)
                guard ended.status == 0 else { throw Failed(description: "git \(words): \(ended.errors)") }
            }
        }

        func git(_ words: [String]) async throws -> (status: Int32, errors: String) {
            let ended = try await run(
                Place.system("git"), ["-c", "core.compression=0", "-C", scratch.file("work")] + words,
                environment: ["http_proxy": "http://127.0.0.1:\(gate.port)"])
            return (ended.status, ended.errors)
        }

        func push() async throws -> (status: Int32, errors: String) {
            try await git(["push", "http://api.test/pushed.git", "main"])
        }
    }

    @Test(
        "a held push fails with the reason and the whole text, and the same push goes through when it is approved",
        arguments: [100, 2_000_000])
    func held(bytes: Int) async throws {
        let repository = try await Repository(bytes: bytes)
        let told = try await repository.push()
        let hold = try await repository.gate.theHold()
        #expect(told.status != 0)
        #expect(told.errors.contains("[remote rejected] main -> main (Held for approval \(hold)"), "\(told.errors)")
        #expect(told.errors.contains("remote: NOT EXECUTED."), "\(told.errors)")
        #expect(!told.errors.contains("up-to-date") && !told.errors.contains("RPC failed"), "\(told.errors)")
        #expect(try repository.upstream.count("POST") == 0)
        try await repository.gate.approve(hold)
        let pushed = try await repository.push()
        #expect(pushed.status == 0 && pushed.errors.contains("* [new branch]"), "\(pushed.errors)")
        #expect(try repository.upstream.count("POST") == 1)
        try await repository.gate.end()
    }

    @Test("a rejected push says why")
    func rejected() async throws {
        let repository = try await Repository(bytes: 100)
        _ = try await repository.push()
        try await repository.gate.reject(try await repository.gate.theHold(), because: "not to main")
        let told = try await repository.push()
        #expect(told.status != 0 && told.errors.contains("remote: NOT EXECUTED. A person rejected"), "\(told.errors)")
        #expect(told.errors.contains("not to main"), "\(told.errors)")
        #expect(try repository.upstream.count("POST") == 0)
        try await repository.gate.end()
    }
}
