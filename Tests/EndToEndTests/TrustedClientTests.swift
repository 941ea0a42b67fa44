import Foundation
import Testing

/// Whom the usual clients trust who are told what `tiergate ca env` prints, and who are told nothing.
///
/// The small ones run with the suite; `deploy/prove trust` has the large ones too.
@Suite(.serialized, .enabled(if: Place.hasClients, Comment(rawValue: Place.clientsAreMissing)))
struct TrustedClientTests {
    static let isWhole = ProcessInfo.processInfo.environment["TIERGATE_TRUST"] == "all"
    static let clients = TrustedClient.usual + (isWhole ? TrustedClient.heavy : [])

    /// What `tiergate ca env` says of this gate, with the port that the kernel chose for it.
    private func told(_ world: World, _ more: String...) async throws -> Document {
        let words = ["ca", "env", "--json", "--config", world.scratch.file("tiergate.yaml")] + more
        let ended = try await run(Place.tiergate, words)
        #expect(ended.status == 0, "\(ended.errors)")
        return try Document(
            ended.output.replacing("127.0.0.1:0", with: "127.0.0.1:\(world.gate.port)")
                .replacing("Port=0", with: "Port=\(world.gate.port)"))
    }

    private func variables(_ told: Document, where isWanted: (String) -> Bool = { _ in true }) -> [String: String] {
        // A home of nobody's: settings of whoever runs the tests say nothing here.
        var variables = ["HOME": "/nonexistent"]
        for (name, value) in told["environment"].members where isWanted(name) { variables[name] = value.string }
        return variables
    }

    private func isProxy(_ name: String) -> Bool { name.lowercased().hasSuffix("_proxy") || name.hasPrefix("NODE_USE") }

    @Test("a client that is told trusts the gate, and one that is told only of the proxy does not")
    func environment() async throws {
        let world = try await World()
        let told = try await told(world)
        for client in Self.clients {
            try #require(client.isThere, "\(client.words("")[0]) is missing; deploy/packages names what to install")
            let before = try world.upstream.requests.count
            let url = "https://api.test/echo/\(client.name)"
            let blind = try await asked(client.words(url), variables(told, where: isProxy))
            #expect(blind.status != 0, "\(client.name) was not told whom to trust")
            #expect(try world.upstream.requests.count == before, "\(client.name)")

            let ended = try await asked(client.words(url), variables(told))
            #expect(ended.status == 0, "\(client.name): \(ended.errors)")
            let answer = client.name == "git" ? "refs/heads/main" : "/echo/\(client.name)"
            #expect(ended.output.contains(answer), "\(client.name): \(ended.output)")
            #expect(try world.upstream.requests.count > before, "\(client.name)")
        }
        try await world.gate.end()
    }

    @Test(
        "bound over the machine's own files, the gate is trusted by programs that are told nothing",
        .enabled(if: canBind, "only an account that may mount can bind"))
    func binds() async throws {
        let world = try await World()
        let told = try await told(world)
        let binds = told["binds"].elements.map { ($0["source"].string ?? "", $0["target"].string ?? "") }
        #expect(!binds.isEmpty)
        // Of a mount namespace of its own: this machine's files stay as they are.
        let mounts = binds.map { "mount -o bind,ro '\($0.0)' '\($0.1)' && " }.joined()
        let words = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", "\(mounts)exec \"$@\"", "sh"]
        for client in Self.clients where client.readsMachine {
            let before = try world.upstream.requests.count
            var environment = variables(told, where: isProxy)
            if client.name == "java" {
                // Not of trust: Java learns of a proxy in no other way.
                environment["JAVA_TOOL_OPTIONS"] = (told["environment"]["JAVA_TOOL_OPTIONS"].string ?? "")
                    .split(separator: " ").filter { $0.contains(".proxy") }.joined(separator: " ")
            }
            let ended = try await asked(words + client.words("https://api.test/echo/\(client.name)"), environment)
            #expect(ended.status == 0, "\(client.name): \(ended.errors)")
            #expect(try world.upstream.requests.count > before, "\(client.name)")
        }
        try await world.gate.end()
    }

    @Test("files for agents under other accounts are made where the operator says, and every agent may read them")
    func elsewhere() async throws {
        let world = try await World()
        let told = try await told(world, "--to", world.scratch.file("shared/trust"))
        let file = told["environment"]["SSL_CERT_FILE"].string ?? ""
        #expect(file == world.scratch.file("shared/trust/bundle.crt"))
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o644)
    }

    @Test("what a shell is told, it takes over: eval \"$(tiergate ca env)\"")
    func shell() async throws {
        let world = try await World()
        let ended = try await run(
            "/bin/sh",
            [
                "-c",
                """
                eval "$("$0" ca env --config "$1")" && export https_proxy=http://127.0.0.1:$2 &&
                exec "$3" -sSf https://api.test/echo/shell
                """,
                Place.tiergate, world.scratch.file("tiergate.yaml"), "\(world.gate.port)", Place.curl,
            ])
        #expect(ended.status == 0 && ended.output.contains("/echo/shell"), "\(ended.errors)")
    }

    @Test(
        "Chromium trusts the gate by the database in its home, and not without it",
        .enabled(if: isWhole && Place.has(chromium), "deploy/prove trust installs Chromium"))
    func browser() async throws {
        let world = try await World()
        let told = try await told(world)
        let database = try #require(told["files"]["nss_database"].string, "certutil is missing")
        for isTold in [false, true] {
            let home = world.scratch.file("home-\(isTold)")
            try FileManager.default.createDirectory(atPath: "\(home)/.pki", withIntermediateDirectories: true)
            if isTold {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(home)/.pki/nssdb", withDestinationPath: database)
            }
            let browser = try Running(
                Self.chromium,
                [
                    "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(home)/profile",
                    "--proxy-server=http://127.0.0.1:\(world.gate.port)", "--dump-dom",
                    "https://api.test/echo/chromium",
                ], environment: ["HOME": home])
            let ended = try await browser.finish(within: 120)
            let isShown = ended.output.contains("\"path\"") && ended.output.contains("/echo/chromium")
            #expect(isShown == isTold, "\(ended.output.prefix(2000)) \(ended.errors.suffix(2000))")
        }
    }

    private static let chromium = "/usr/bin/chromium"
    private static let canBind = SmallDisks.isPossible && Place.has("/usr/bin/unshare")

    private func asked(_ words: [String], _ environment: [String: String]) async throws -> Finished {
        try await Running(words[0], Array(words.dropFirst()), environment: environment).finish(within: 120)
    }
}
