import Foundation

/// A client as its users run it, that is told nothing but what `tiergate ca env` prints.
struct TrustedClient: Sendable {
    let name: String
    /// The program and its arguments for one GET; git asks for a repository.
    let words: @Sendable (_ url: String) -> [String]
    /// Reads a bundle of the machine's: binding ours over it is enough.
    var readsMachine = false

    private static func script(_ name: String) -> String { Place.script("trust/\(name)") }

    /// Those that every run of the suite asks.
    static let usual: [TrustedClient] =
        [
            TrustedClient(name: "curl", words: { [Place.curl, "-sSf", $0] }, readsMachine: true),
            TrustedClient(
                name: "wget", words: { [Place.system("wget"), "--tries=1", "-qO-", $0] }, readsMachine: true),
            TrustedClient(
                name: "git",
                words: { [Place.system("git"), "ls-remote", $0.replacing("/echo/", with: "/git/")] },
                readsMachine: true),
            TrustedClient(name: "node", words: { [Place.node, Place.script("agent.mjs"), "GET", $0] }),
        ]
        + ["urllib", "requests", "httpx", "aiohttp"].map { library in
            TrustedClient(name: library, words: { [Place.python, script("fetch.py"), library, $0] })
        }

    /// Those of `deploy/prove trust`, which installs them.
    static let heavy: [TrustedClient] = [
        TrustedClient(
            name: "java",
            words: { ["/usr/lib/jvm/java-17-openjdk-amd64/bin/java", script("Fetch.java"), $0] }, readsMachine: true),
        TrustedClient(name: "go", words: { [Place.system("go"), "run", script("fetch.go"), $0] }, readsMachine: true),
        TrustedClient(
            name: "rust",
            words: { [Place.root.appendingPathComponent(".build/trust/rust/release/fetch").path, $0] },
            readsMachine: true),
    ]

    var isThere: Bool { Place.has(words("")[0]) }
}
