import Calls
import JSON
import Testing

@testable import Rules

@Suite("RuleImport: packs proposed from what services say of themselves")
struct RuleImportTests {
    private func pack(_ kind: RuleImport, _ text: String, _ options: RuleImport.Options = .init()) throws -> String {
        try kind.pack(from: RuleSource(path: "document", bytes: Array(text.utf8)), options)
    }

    private func refusal(_ kind: RuleImport, _ text: String, _ options: RuleImport.Options = .init()) -> [Diagnostic] {
        do throws(RuleImport.Refusal) {
            _ = try kind.pack(from: RuleSource(path: "document", bytes: Array(text.utf8)), options)
            return []
        } catch {
            return error.diagnostics
        }
    }

    /// The lines of one rule of a pack.
    private func rule(_ id: String, in pack: String) -> String {
        let lines = pack.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0 == "  - id: \(id)" }) else { return "" }
        return lines[start...].prefix { !$0.isEmpty }.joined(separator: "\n")
    }

    // MARK: OpenAPI

    private func api(_ paths: String, servers: String = "[{url: 'https://api.acme.test/v1'}]") -> String {
        "openapi: 3.1.0\ninfo: {title: Acme API, version: '2'}\nservers: \(servers)\npaths:\n\(paths)\n"
    }

    @Test(
        "tiers come from the method and the words of the name",
        arguments: [
            ("get", "/orders", "listOrders", "tier: 1 "), ("head", "/orders", "peek", "tier: 1 "),
            ("get", "/orders", "purgeOrders", "category: deletion "),
            ("delete", "/orders/{id}", "x", "category: deletion "),
            ("post", "/orders", "createOrder", "tier: 3 "), ("patch", "/orders/{id}", "updateOrder", "tier: 3 "),
            ("post", "/orders/search", "searchOrders", "tier: 1 "), ("post", "/orders", "getOrCreateOrder", "tier: 3 "),
            ("post", "/orders/{id}/refund", "x", "category: financial "),
            ("post", "/refunds", "x", "category: financial "),
            ("post", "/refunds/search", "searchRefund", "tier: 3 "),
            ("post", "/mail", "mail.send", "category: communication "),
            ("post", "/drafts", "createDraft", "tier: 2 "),
            ("post", "/users/{id}/api-keys", "x", "category: privilege "),
            ("post", "/apps/{id}/deploy", "x", "category: deploy "), ("post", "/jobs/{id}/run", "x", "tier: 4 "),
        ])
    func tiers(method: String, path: String, name: String, expected: String) throws {
        let text = try pack(.openAPI, api("  \(path):\n    \(method): {operationId: \(name)}"), .init(pack: "acme"))
        #expect(text.contains("    \(expected) # review: "), "\(text)")
        #expect(text.contains("hosts: api.acme.test\n"))
    }

    @Test("reads of one resource are one rule, and PUT and PATCH of one path another")
    func grouping() throws {
        let text = try pack(
            .openAPI,
            api(
                """
                  /pets: {get: {operationId: listPets}, post: {operationId: addPet}}
                  /pets/{pet-id}:
                    get: {operationId: getPet}
                    put: {operationId: replacePet}
                    patch: {operationId: updatePet}
                  /owners: {get: {operationId: listOwners}}
                """), .init(pack: "acme"))
        #expect(
            rule("acme.pets.read", in: text).contains(
                "match: {method: [GET, HEAD], path: [/v1/pets, \"/v1/pets/{pet_id}\"]}"))
        #expect(rule("acme.replace-pet", in: text).contains("method: [PUT, PATCH]"))
        #expect(rule("acme.owners.read", in: text).contains("path: /v1/owners"))
        #expect(rule("acme.update-pet", in: text).isEmpty)
    }

    @Test("where a name and a literal overlap the stricter rule counts, and the pack says so")
    func overlap() throws {
        let paths = "  /pets/find: {post: {operationId: findPets}}\n  /pets/{id}: {post: {operationId: touchPet}}"
        let text = try pack(.openAPI, api(paths), .init(pack: "acme"))
        #expect(rule("acme.find-pets", in: text).contains("# review: acme.touch-pet matches these calls too"))
        #expect(text.contains("pets/find\"}\n    expect: {tier: 3, rules: [acme.touch-pet]}"))
    }

    @Test("an action behind a colon is told from others by its end")
    func suffix() throws {
        let paths = "  '/models/{id}:predict': {post: {operationId: predict}}\n  '/models/{id}:drop': {post: {}}"
        let text = try pack(.openAPI, api(paths), .init(pack: "acme"))
        #expect(rule("acme.predict", in: text).contains("request.path.endsWith(':predict')"))
        #expect(text.contains("x1:drop\"}\n    expect: {tier: 4,"))
    }

    @Test(
        "hosts come from servers",
        arguments: [
            ("[{url: 'https://API.acme.test:8443/'}]", "hosts: api.acme.test\n"),
            ("[{url: 'https://{region}.acme.test/'}]", "hosts: \"*.acme.test\"\n"),
            ("[{url: 'https://{h}/', variables: {h: {default: eu.acme.test}}}]", "hosts: eu.acme.test\n"),
            ("[{url: 'https://a.acme.test/x'}, {url: 'https://b.acme.test/x'}]", "hosts: [a.acme.test, b.acme.test]\n"),
        ])
    func hosts(servers: String, expected: String) throws {
        #expect(try pack(.openAPI, api("  /a: {get: {}}", servers: servers)).contains(expected))
    }

    @Test("a description without a host needs one", arguments: ["[{url: /v1}]", "[]", "[{url: 'https://{any}/'}]"])
    func noHost(servers: String) throws {
        let found = refusal(.openAPI, api("  /a: {get: {}}", servers: servers))
        #expect(found.first?.help == "say which it is: --host api.example.com" && found.first?.span.line == 3)
        let given = RuleImport.Options(hosts: ["api.acme.test"])
        #expect(try pack(.openAPI, api("  /a: {get: {}}", servers: servers), given).contains("hosts: api.acme.test"))
    }

    @Test("JSON is read as YAML is, with escapes that YAML has not")
    func json() throws {
        let text = #"""
            {"openapi": "3.0.0", "info": {"title": "A\/B \ud83d\ude00"}, "servers": [{"url": "https:\/\/a.test"}],
             "paths": {"\/things": {"post": {"summary": "Deletes things"}}}}
            """#
        let pack = try pack(.openAPI, text)
        #expect(pack.contains("pack: a-b\n") && pack.contains("category: deletion  # review: its name says delete"))
    }

    @Test("texts of a description cannot become lines of the pack")
    func hostile() throws {
        let paths = #"  /a: {post: {operationId: "x\ntier: 1", summary: "a\"}\n    tier: 1 \u202E # "}}"#
        let text = try pack(.openAPI, api(paths), .init(pack: "acme"))
        #expect(!text.contains("\n    tier: 1") && !text.unicodeScalars.contains("\u{202E}"))
    }

    // MARK: MCP

    private func tool(_ name: String, _ annotations: String = "{}") -> String {
        #"{"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "\#(name)", "annotations": \#(annotations)}]}}"#
    }

    @Test(
        "annotations raise, and lower only where they are trusted",
        arguments: [
            ("read_file", "{}", "tier: 1 ", "tier: 1 "),
            ("read_file", #"{"readOnlyHint": false}"#, "tier: 3 ", "tier: 3 "),
            ("read_file", #"{"destructiveHint": true}"#, "tier: 4 ", "tier: 4 "),
            ("sort", #"{"readOnlyHint": true}"#, "tier: 3 ", "tier: 1 "),
            ("sort", #"{"readOnlyHint": true, "destructiveHint": true}"#, "tier: 4 ", "tier: 4 "),
            ("sort", #"{"destructiveHint": false, "openWorldHint": false}"#, "tier: 3 ", "tier: 2 "),
            ("sort", #"{"destructiveHint": false, "openWorldHint": true}"#, "tier: 3 ", "tier: 3 "),
            ("save_draft", "{}", "tier: 2 ", "tier: 2 "),
            ("save_draft", #"{"openWorldHint": true}"#, "tier: 3 ", "tier: 3 "),
            ("sendMail", #"{"readOnlyHint": true}"#, "category: communication ", "tier: 1 "),
        ])
    func annotations(name: String, annotations: String, expected: String, trusted: String) throws {
        let options = RuleImport.Options(pack: "files")
        #expect(try pack(.mcp, tool(name, annotations), options).contains("    \(expected) # review"))
        let trusting = RuleImport.Options(pack: "files", trustsAnnotations: true)
        #expect(try pack(.mcp, tool(name, annotations), trusting).contains("    \(trusted) # review"))
    }

    @Test("a list alone is read too, and the server may have a name of its own")
    func list() throws {
        let text = try pack(.mcp, #"[{"name": "a"}, {"name": "b*"}]"#, .init(pack: "p", server: "My Server"))
        #expect(text.contains("mcp: \"My Server\"\n") && text.contains("{server: \"My Server\", tool: a}"))
        #expect(text.contains("# review: the tool b* has a name that no rule can say"))
    }

    // MARK: ESCALATE.md

    private let convention = """
        # ESCALATE
        > A protocol.
        Prose: with: colons.

        ## TRIGGERS
        always_escalate:
          - delete_data   # for ever
          - any_payment_at_all
          - moon_phase
          - cost_exceeds_usd: 250.00
        auto_approve:
          - read_only_operations
        ---
        ## CHANNELS
        channels:
          - type: slack
            channel: "#ai-alerts"
            priority: 2
            timeout_minutes: 10
          - type: email
            address: ops@example.com
            priority: 1
            timeout_minutes: 15
        ## APPROVAL
        approval_timeout_minutes: 30
        on_timeout: escalate_to_killswitch
        """

    @Test("triggers, channels, timeouts and the threshold of ESCALATE.md have their place in a pack")
    func escalate() throws {
        let text = try pack(.escalateMD, convention)
        #expect(
            text.contains("{approvers: [ops], notify: [ai-alerts], decide_within: 30m, threshold: 250.00 USD}"))
        #expect(rule("escalate-md.deletion.method", in: text).contains("category: deletion"))
        #expect(rule("escalate-md.financial.tool", in: text).contains("category: financial"))
        #expect(text.contains("# review: the trigger moon_phase") && text.contains("# review: auto_approve has"))
        #expect(text.contains("# review: on_timeout is escalate_to_killswitch"))
        let waiting = try pack(.escalateMD, convention.replacing("approval_timeout_minutes: 30\n", with: ""))
        #expect(waiting.contains("decide_within: 25m"))
    }

    @Test("what a trigger names is held")
    func triggersHold() throws {
        let text = try pack(.escalateMD, convention)
        let (set, _) = RuleSet.load(
            [RuleSource(path: "e", bytes: Array(text.utf8))], digest: "", now: Sample.now)
        let judge = try #require(set)
        for (method, path) in [("DELETE", "/x"), ("POST", "/v1/userDelete"), ("POST", "/pay/bob"), ("PUT", "/refunds")]
        {
            #expect(judge.judge(Sample.call(method, "https://a.test\(path)"), at: Sample.now).tier.rawValue == 4)
        }
        #expect(judge.judge(Sample.call("POST", "https://a.test/refunds/search"), at: Sample.now).tier.rawValue == 3)
    }

    // MARK: Refusals

    @Test(
        "what cannot be read is refused with its line and a help",
        arguments: [
            (RuleImport.openAPI, "openapi: 3.0.0\npaths: ]", 2), (.openAPI, "swagger: '2.0'", 1),
            (.openAPI, "openapi: 3.0.0\npaths: {}", 2), (.openAPI, "a: 1", 1), (.openAPI, "", 1),
            (.openAPI, "{\"openapi\": \"3.0.0\",\n\"paths\": {},}", 2), (.openAPI, "a: &x 1", 1),
            (.mcp, "{\n  \"tools\": []}", 1), (.mcp, "{\"tools\": [\n{\"title\": \"x\"}]}", 2),
            (.mcp, "[{\"name\": \"a\"},\n{\"name\": \"a\"}]", 2), (.mcp, "[{\"name\": \"*\"}]", 1),
            (.mcp, "nothing", 1),
            (.escalateMD, "# ESCALATE\n", 1), (.escalateMD, "\nalways_escalate:\n  - moon_phase\n", 3),
            (.escalateMD, "always_escalate:\n  - delete_data\n  - cost_exceeds_usd: lots\n", 3),
            (.escalateMD, "always_escalate:\n  - delete_data\napproval_timeout_minutes: soon\n", 3),
        ])
    func refused(kind: RuleImport, text: String, line: Int) throws {
        let found = try #require(refusal(kind, text).first)
        #expect(found.severity == .error && found.span.line == line, "\(found.rendered)")
        #expect(found.help != nil || found.code == .notYAML || found.code == .notOneDocument, "\(found.rendered)")
    }
}
