import Foundation
import Testing

/// A held call is never taken for a done one, its text reaches whoever reads the exception, and the result is collected
/// afterwards: by the packages themselves, each against a small server of its API.
@Suite(.serialized, .enabled(if: Place.hasClients, Comment(rawValue: Place.clientsAreMissing)))
struct HeldClientTests {
    private struct Client {
        /// A function of `held_clients.py`.
        let name: String
        let host: String
        /// What of a refusal is in the exception's text: the sentence, or where the client shows nothing else the phrase.
        let shows: Shown
        /// Comes back by itself.
        var returns = false

        enum Shown { case sentence, phrase }
    }

    private static let clients = [
        Client(name: "requests", host: "api.test", shows: .phrase),
        Client(name: "httpx", host: "api.test", shows: .phrase),
        Client(name: "aiohttp", host: "api.test", shows: .phrase),
        Client(name: "dynamodb", host: "dynamodb.us-east-1.amazonaws.com", shows: .sentence, returns: true),
        // It comes back too, and so soon, whatever Retry-After says, that no short wait of a test lasts until an approval.
        Client(name: "stripe", host: "api.stripe.com", shows: .sentence),
        Client(name: "openai", host: "api.openai.com", shows: .sentence, returns: true),
        Client(name: "anthropic", host: "api.anthropic.com", shows: .sentence, returns: true),
        Client(name: "github", host: "api.github.com", shows: .sentence, returns: true),
        Client(name: "slack", host: "slack.com", shows: .sentence),
        Client(name: "kubernetes", host: "cluster.test", shows: .sentence),
    ]

    private static let hosts = Array(Set(clients.map(\.host))).sorted()

    private static let rules = """
        tiergate: 1
        pack: clients
        version: 1.0.0
        hosts: [\(hosts.joined(separator: ", "))]
        rules:
          - {id: clients.act, match: {method: POST}, tier: external, summary: "Act on {{ request.path }}"}

        """

    private struct Site {
        let upstream: Upstream
        let gate: TestGate

        init() async throws {
            let scratch = try Scratch()
            let certificates = try await Certificates(scratch)
            upstream = try await Upstream(
                scratch, try await certificates.leaf(HeldClientTests.hosts), script: "held_api.py")
            try scratch.write("rules/clients.yaml", HeldClientTests.rules)
            let port = upstream.port
            gate = try await TestGate(
                scratch,
                TestGate.Settings(
                    roots: [certificates.root],
                    resolve: Dictionary(uniqueKeysWithValues: HeldClientTests.hosts.map { ($0, port) })))
        }

        func begin(_ clients: [Client], _ text: String, attempts: Int? = nil) throws -> [(Client, Running)] {
            let words = attempts.map { ["\($0)"] } ?? []
            return try clients.map { client in
                let script = [Place.script("held_clients.py"), client.name, "\(text)-\(client.name)"]
                return (client, try Running(Place.python, script + words, environment: gate.proxy))
            }
        }

        /// All at once, and what each said.
        func run(_ text: String, attempts: Int? = 1) async throws -> [(Client, Document)] {
            try await said(begin(HeldClientTests.clients, text, attempts: attempts))
        }

        func said(_ running: [(Client, Running)]) async throws -> [(Client, Document)] {
            var said: [(Client, Document)] = []
            for (client, running) in running {
                let ended = try await running.finish(within: 120)
                #expect(ended.status == 0, "\(client.name): \(ended.errors)")
                said.append((client, try Document(ended.output)))
            }
            return said
        }

        /// As many as there are clients, once all are there.
        func holds(_ count: Int) async throws -> [String] {
            var ids: [String] = []
            try await waitUntil("\(count) calls are held", every: .milliseconds(100)) {
                ids = try await gate.holds("pending").compactMap { $0["id"].string }
                return ids.count == count
            }
            return ids
        }
    }

    private func expectTold(_ said: [(Client, Document)], _ sentence: String, _ phrase: String, ids: [String]) {
        for (client, said) in said {
            let text = said["text"].string ?? ""
            #expect(said["made"].string == nil && said["error"].string != nil, "\(client.name): \(said)")
            #expect(text.contains(client.shows == .sentence ? sentence : phrase), "\(client.name): \(text)")
            #expect(ids.contains(where: text.contains), "\(client.name) does not name the hold: \(text)")
        }
    }

    @Test("a held call is an exception that names the hold; the same call collects the result after the approval")
    func approved() async throws {
        let site = try await Site()
        let told = try await site.run("one")
        let ids = try await site.holds(HeldClientTests.clients.count)
        expectTold(told, "NOT EXECUTED", "NOT executed", ids: ids)
        #expect(try site.upstream.requests.isEmpty)
        for id in ids { try await site.gate.approve(id) }
        for (client, said) in try await site.run("one") {
            #expect(said["error"].string == nil, "\(client.name): \(said["text"].string ?? "")")
        }
        #expect(try site.upstream.count("POST") == HeldClientTests.clients.count)
        try await site.gate.end()
    }

    @Test(
        "a rejected call is an exception with the reason and what would be accepted, wherever the client shows a text")
    func rejected() async throws {
        let site = try await Site()
        _ = try await site.run("two")
        let ids = try await site.holds(HeldClientTests.clients.count)
        for id in ids {
            let (status, _) = try await site.gate.command(
                "reject", id, "--reason", "wrong account", "--suggest", "ask for account 7")
            #expect(status == 0)
        }
        let told = try await site.run("two", attempts: nil)
        for (client, said) in told {
            let text = said["text"].string ?? ""
            #expect(said["error"].string != nil, "\(client.name)")
            switch client.shows {
            case .sentence:
                #expect(text.contains("wrong account") && text.contains("ask for account 7"), "\(client.name): \(text)")
            case .phrase: #expect(text.contains("Rejected h_"), "\(client.name): \(text)")
            }
        }
        #expect(try site.upstream.requests.isEmpty)
        try await site.gate.end()
    }

    @Test("clients that come back by themselves bring the result when the approval came between")
    func returning() async throws {
        let site = try await Site()
        let clients = HeldClientTests.clients.filter(\.returns)
        let running = try site.begin(clients, "three")
        for id in try await site.holds(clients.count) { try await site.gate.approve(id) }
        for (client, said) in try await site.said(running) {
            #expect(said["error"].string == nil, "\(client.name): \(said["text"].string ?? "")")
        }
        #expect(try site.upstream.count("POST") == clients.count)
        try await site.gate.end()
    }

    @Test(
        "so does Java's client, which shows the status and the text",
        .enabled(if: Place.has(Place.system("java")), "there is no Java"))
    func java() async throws {
        let world = try await World(tls: false)
        func post() async throws -> String {
            let ended = try await run(
                Place.system("java"),
                [
                    "-Dhttp.proxyHost=127.0.0.1", "-Dhttp.proxyPort=\(world.gate.port)", Place.script("Held.java"),
                    "http://api.test/echo", "text",
                ])
            #expect(ended.status == 0, "\(ended.errors)")
            return ended.output
        }
        let told = try await post()
        let hold = try await world.gate.theHold()
        #expect(told.hasPrefix("503 ") && told.contains("NOT EXECUTED") && told.contains(hold), "\(told)")
        try await world.gate.approve(hold)
        #expect(try await post().hasPrefix("200 "))
        #expect(try world.upstream.count("POST") == 1)
        try await world.gate.end()
    }
}
