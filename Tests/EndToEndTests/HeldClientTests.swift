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

        func begin(_ clients: [Client], _ texts: [String], attempts: Int) throws -> [(Client, Running)] {
            try clients.map { client in
                let words = [Place.script("held_clients.py"), client.name, "\(attempts)"]
                return (client, try Running(Place.python, words + texts, environment: gate.proxy))
            }
        }

        /// What each said of each text.
        func said(_ running: [(Client, Running)]) async throws -> [(Client, [Document])] {
            var said: [(Client, [Document])] = []
            for (client, running) in running {
                let ended = try await running.finish(within: 120)
                #expect(ended.status == 0, "\(client.name): \(ended.errors)")
                said.append((client, try Document(ended.output).elements))
            }
            return said
        }

        /// The ids of those that wait for each client, the oldest first, once there are so many in all.
        func holds(_ count: Int) async throws -> [[String]] {
            var found: [Document] = []
            try await waitUntil("\(count) calls are held", every: .milliseconds(100)) {
                found = try await gate.holds("pending")
                return found.count == count
            }
            let byTarget = Dictionary(grouping: found) { $0["target"].string ?? "" }
            return byTarget.values.map { holds in
                holds.sorted { ($0["created"].string ?? "") < ($1["created"].string ?? "") }.compactMap {
                    $0["id"].string
                }
            }
        }
    }

    @Test("a held call is an exception that names the hold; approved it is collected, rejected the exception says why")
    func decided() async throws {
        let site = try await Site()
        let clients = HeldClientTests.clients
        let told = try await site.said(site.begin(clients, ["one", "two"], attempts: 1))
        let holds = try await site.holds(2 * clients.count)
        for (client, said) in told {
            #expect(said.count == 2)
            for said in said {
                let text = said["text"].string ?? ""
                #expect(said["made"].string == nil && said["error"].string != nil, "\(client.name): \(said)")
                let mark = client.shows == .sentence ? "NOT EXECUTED" : "NOT executed"
                #expect(text.contains(mark), "\(client.name): \(text)")
                #expect(holds.joined().contains(where: text.contains), "\(client.name) names no hold: \(text)")
            }
        }
        #expect(try site.upstream.requests.isEmpty)

        for ids in holds {
            try await site.gate.approve(try #require(ids.first))
            let rejected = try await site.gate.command(
                "reject", try #require(ids.last), "--reason", "wrong account", "--suggest", "ask for account 7")
            #expect(rejected.status == 0)
        }
        for (client, said) in try await site.said(site.begin(clients, ["one", "two"], attempts: 0)) {
            #expect(said.first?["error"].string == nil, "\(client.name): \(said.first?["text"].string ?? "")")
            let text = said.last?["text"].string ?? ""
            #expect(said.last?["error"].string != nil, "\(client.name)")
            switch client.shows {
            case .sentence:
                #expect(text.contains("wrong account") && text.contains("ask for account 7"), "\(client.name): \(text)")
            case .phrase: #expect(text.contains("Rejected h_"), "\(client.name): \(text)")
            }
        }
        #expect(try site.upstream.count("POST") == clients.count)
        try await site.gate.end()
    }

    @Test("clients that come back by themselves bring the result when the approval came between")
    func returning() async throws {
        let site = try await Site()
        let clients = HeldClientTests.clients.filter(\.returns)
        let running = try site.begin(clients, ["three"], attempts: 0)
        for id in try await site.holds(clients.count).joined() { try await site.gate.approve(id) }
        for (client, said) in try await site.said(running) {
            #expect(said.first?["error"].string == nil, "\(client.name): \(said.first?["text"].string ?? "")")
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
