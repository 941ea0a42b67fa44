import Foundation
import Glibc
import Testing

/// Calls that a person changes before they go, and calls that are sent only while what they change is as it was.
@Suite(
    .serialized, .enabled(if: Place.hasTools, Comment(rawValue: Place.toolsAreMissing)),
    .enabled(if: Account.canBeOthers, Comment(rawValue: Account.areMissing)))
struct EditTests {
    /// Has a group of its own name on every Debian.
    private static let daemon = Account(uid: 1)

    private static let rules = """
        tiergate: 1
        pack: ledger
        version: 1.0.0
        hosts: ["**.test"]
        rules:
          - {id: ledger.read, match: {method: GET}, tier: read-only, summary: Read}
          - {id: ledger.act, match: {method: POST}, tier: external, summary: Act}
          - id: ledger.never
            match: {method: POST}
            when: "has(body.amount) && body.amount > 100000"
            block: true
            summary: Never
          - id: ledger.change
            match: {method: PATCH}
            tier: external
            summary: Change
            observe: {get: "/v1/charges/{{ body.charge }}", fields: [amount, status, internal_secret]}

        """

    private struct Stand {
        let scratch: Scratch
        let upstream: Upstream
        let gate: TestGate

        init() async throws {
            scratch = try Scratch()
            upstream = try await Upstream(scratch, nil, script: "ledger.py")
            try scratch.write("rules/ledger.yaml", EditTests.rules)
            var settings = TestGate.Settings(resolve: ["**.test": upstream.port])
            settings.operators = "group: daemon"
            gate = try await TestGate(scratch, settings)
            chmod(scratch.path, 0o711)
            chmod(scratch.file("operator.sock"), 0o666)
        }

        func edit(_ hold: String, _ words: String...) async throws -> (status: Int32, document: Document) {
            let ended = try await run(
                Place.tiergate, ["edit", hold] + words + ["--json", "--socket", scratch.file("operator.sock")])
            return (ended.status, try Document(ended.output))
        }

        /// By somebody else than the one who edits.
        func approve(_ hold: String, _ body: String = "{}") async throws -> String {
            let digest = try #require(try await gate.command("show", hold).document["hold"]["digest"].string)
            return try await EditTests.daemon.start(
                Place.curl,
                [
                    "-sS", "--unix-socket", scratch.file("operator.sock"), "-H", "If-Match: \"\(digest)\"",
                    "--data-binary", body, "http://x/v1/holds/\(hold)/approve",
                ]
            ).finish().output
        }

        /// Behind the gate's back.
        func change(_ path: String) async throws {
            _ = try await run(Place.curl, ["-sS", "http://127.0.0.1:\(upstream.port)\(path)"])
        }

        func sent(_ method: String) throws -> [Document] {
            try upstream.requests.filter { $0["method"].string == method }
        }

        /// Once it has been looked at.
        func seen(_ hold: String) async throws -> Document {
            var seen = Document(nil)
            try await waitUntil("it was looked at") {
                seen = try await gate.command("show", hold).document["seen"][0]
                return seen["path"].string != nil
            }
            return seen
        }
    }

    @Test("a JSON call is changed, let go by somebody else, and sent once as it was changed; its agent is told how")
    func json() async throws {
        let stand = try await Stand()
        let gate = stand.gate
        func post(_ token: String) async throws -> Answer {
            try await gate.curl(
                "http://api.test/v1/refunds", "-H", "Authorization: Bearer t", "-H", "X-Request-Id: \(token)", "--json",
                #"{ "amount": 2500, "n": 1.50 }"#)
        }
        #expect(try await post("one").status == 503)
        let hold = try await gate.theHold()
        let forbidden = try await stand.edit(hold, "--set", "amount=100001")
        #expect(forbidden.document["decisions"][0]["error"]["code"].string == "edit_blocked")
        let edited = try await stand.edit(hold, "--set", "amount=1500")
        #expect(edited.status == 0)
        let shown = try await gate.command("show", hold).document["hold"]
        #expect(shown["edits"][0]["changes"][0].string == "amount: 2500 → 1500")
        let own = try await gate.command("approve", hold, "--yes")
        #expect(own.status == 4)
        let told = try await post("two")
        #expect(told.status == 503 && told.text.contains("A person changed what will be sent: amount: 2500 → 1500"))
        #expect(try await stand.approve(hold).contains("\"state\":\"approved\""))
        #expect(try stand.sent("POST").isEmpty)
        let answer = try await post("three")
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.field("tiergate-edited") == hold)
        #expect(answer.field("tiergate-changes") == "amount: 2500 -> 1500")
        let sent = try stand.sent("POST")
        #expect(sent.map { $0["begins"].string } == [#"{ "amount": 1500, "n": 1.50 }"#])
        #expect(sent.first?["fields"].field("x-request-id") == "three")
        #expect(sent.first?["fields"].field("authorization") == "Bearer t")
        let lines = try gate.journal.filter { $0["kind"].string == "hold.edit" }
        #expect(lines.count == 1, "\(lines)")
        try await gate.end()
    }

    @Test("a form is changed by its fields, and sent without its agent; one with a signature over it is not changed")
    func form() async throws {
        let stand = try await Stand()
        let gate = stand.gate
        #expect(try await gate.curl("http://api.test/a", "-d", "sum=2500&note=a%7eb&to=x").status == 503)
        let hold = try await gate.theHold()
        #expect(try await stand.edit(hold, "--field", "sum=1500", "--header", "prefer=wait").status == 0)
        #expect(try await stand.approve(hold, #"{"now":true}"#).contains("approved"))
        try await waitUntil("it was sent") { try stand.sent("POST").count == 1 }
        #expect(try stand.sent("POST")[0]["begins"].string == "sum=1500&note=a%7eb&to=x")
        #expect(try stand.sent("POST")[0]["fields"].field("prefer") == "wait")
        try await waitUntil("it is done") { try await gate.state(of: hold) == "done" }
        let collected = try await gate.curl("http://api.test/a", "-d", "sum=2500&note=a%7eb&to=x")
        #expect(collected.status == 200 && collected.field("tiergate-edited") == hold)

        #expect(try await gate.curl("http://api.test/b", "-H", "Content-MD5: x", "-d", "a=1").status == 503)
        let signed = try await gate.theHold()
        let refused = try await stand.edit(signed, "--field", "a=2")
        let reason = refused.document["decisions"][0]["error"]["message"].string ?? ""
        #expect(refused.status != 0 && reason.contains("Content-MD5"), "\(reason)")
        try await gate.end()
    }

    @Test("what a call changes is shown before; when it differs at the moment of sending, a person sees it again")
    func drift() async throws {
        let stand = try await Stand()
        let gate = stand.gate
        func patch() async throws -> Answer {
            try await gate.curl(
                "http://api.test/v1/charges/ch_1", "-X", "PATCH", "-H", "Authorization: Bearer t", "--json",
                #"{"charge":"ch_1","amount":1500}"#)
        }
        #expect(try await patch().status == 503)
        let hold = try await gate.theHold()
        let seen = try await stand.seen(hold)
        #expect(seen["fields"][0]["before"].string == "2500" && seen["fields"][0]["after"].string == "1500")
        #expect(seen["fields"][2]["before"].string?.contains("redacted") == true)
        let look = try #require(try stand.sent("GET").first)
        #expect(look["path"].string == "/v1/charges/ch_1" && look["fields"].field("authorization") == "Bearer t")
        try await stand.change("/set?status=paid")
        try await gate.approve(hold)
        #expect(try await patch().status == 503)
        let stale = try await gate.command("show", hold).document
        #expect(stale["hold"]["state"].string == "stale")
        let cause = stale["hold"]["cause"].string ?? ""
        #expect(cause.contains(#"status of /v1/charges/ch_1 was "open" and is "paid" now"#), "\(cause)")
        #expect(stale["seen"][0]["fields"][1]["before"].string == "\"paid\"")
        #expect(try stand.sent("PATCH").isEmpty)
        try await gate.approve(hold)
        #expect(try await patch().status == 200)
        let sent = try stand.sent("PATCH")
        #expect(sent.count == 1 && sent.first?["fields"].field("if-match") == "\"2\"")
        try await gate.end()
    }

    @Test("a token that came too late for its upstream spends nothing; another that has to be asked for does")
    func renewed() async throws {
        let stand = try await Stand()
        let gate = stand.gate
        func base64(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacing("=", with: "").replacing("+", with: "-")
                .replacing("/", with: "_")
        }
        func post(_ credential: String, _ attempt: String) async throws -> Answer {
            try await gate.curl(
                "http://api.test/stale", "-H", "Authorization: Bearer \(credential)", "-H", "X-Request-Id: \(attempt)",
                "-d", "a=1")
        }
        func token(_ ends: Int) -> String {
            [#"{"alg":"HS256"}"#, #"{"iss":"i","sub":"s","exp":\#(ends)}"#, "signature"].map(base64)
                .joined(separator: ".")
        }
        #expect(try await post(token(4_000_000_000), "first").status == 503)
        let hold = try await gate.theHold()
        try await gate.approve(hold)
        #expect(try await post(token(4_000_000_000), "late").status == 401)
        try await waitUntil("the approval is there again") { try await gate.state(of: hold) == "approved" }
        #expect(try await post(token(4_000_000_001), "fresh").status == 200)
        #expect(try await gate.state(of: hold) == "done")
        #expect(try stand.sent("POST").count == 2)

        // Another opaque token is somebody else, as far as anybody can tell: the 401 is the answer.
        #expect(try await post("opaque", "first").status == 503)
        let other = try await gate.theHold()
        try await gate.approve(other)
        #expect(try await post("opaque", "late").status == 401)
        #expect(try await gate.state(of: other) == "done")
        try await gate.end()
    }

    @Test("what could be looked at and cannot be any more is not sent; what never could is a person's to decide")
    func unseen() async throws {
        let stand = try await Stand()
        let gate = stand.gate
        func patch(_ charge: String) async throws -> Answer {
            try await gate.curl(
                "http://api.test/v1/charges/\(charge)", "-X", "PATCH", "--json", #"{"charge":"\#(charge)"}"#)
        }
        #expect(try await patch("ch_1").status == 503)
        let hold = try await gate.theHold()
        _ = try await stand.seen(hold)
        try await stand.change("/gone")
        try await gate.approve(hold)
        #expect(try await patch("ch_1").status == 503)
        #expect(try await gate.state(of: hold) == "stale")
        try await gate.reject(hold, because: "enough")

        #expect(try await patch("ch_2").status == 503)
        let blind = try await gate.theHold()
        #expect(try await stand.seen(blind)["failure"].string == "the upstream answered 500")
        try await gate.approve(blind)
        #expect(try await patch("ch_2").status == 200)
        #expect(try stand.sent("PATCH").count == 1)
        try await gate.end()
    }
}
