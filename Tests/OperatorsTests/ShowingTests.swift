import Calls
import Holds
import HoldsTesting
import JSON
import Testing

@testable import Operators

@Suite struct SecretNamesTests {
    @Test(
        "names of credentials are known wherever they stand",
        arguments: [
            "Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "X-Api-Key", "x-goog-api-key",
            "private-token",
            "client_secret", "MasterUserPassword", "accessToken", "SecretAccessKey", "X-Amz-Security-Token",
            "SecretString",
        ])
    func hidden(name: String) {
        #expect(SecretNames.hides(Text(name), isInBody: true))
        #expect(SecretNames.hides(Text(name), isInBody: false))
    }

    @Test(
        "others are shown",
        arguments: ["amount", "max_tokens", "keyboard", "Content-Type", "Idempotency-Key", "author"])
    func shown(name: String) {
        #expect(!SecretNames.hides(Text(name), isInBody: true))
        #expect(!SecretNames.hides(Text(name), isInBody: false))
    }

    @Test(
        "a key in a query opens doors, in a body it names an object",
        arguments: ["key", "signature", "X-Amz-Signature"])
    func place(name: String) {
        #expect(SecretNames.hides(Text(name), isInBody: false))
        #expect(!SecretNames.hides(Text(name), isInBody: true))
    }
}

@Suite struct RequestViewTests {
    private func rows(_ body: String) throws -> [String] {
        guard case .rows(let rows, "json", _) = RequestView(.sample(body: body)).body else {
            Issue.record("not JSON")
            return []
        }
        return rows.shown.map { "\($0.name)=\($0.value) (\($0.kind))" }
    }

    @Test(
        "a JSON body is shown value by value, each where it stands",
        arguments: [
            (
                #"{"a":{"b":[1,"x",true,null]},"c":{},"d":[]}"#,
                [
                    "a.b[0]=1 (number)", "a.b[1]=x (string)", "a.b[2]=true (bool)", "a.b[3]=null (null)",
                    "c={} (object)", "d=[] (array)",
                ]
            ),
            (#"{"n":1.50e3,"s":"1.50"}"#, ["n=1.50e3 (number)", "s=1.50 (string)"]),
            (#"{"a.b":1,"":2,"[0]":3}"#, [#"["a.b"]=1 (number)"#, #"[""]=2 (number)"#, #"["[0]"]=3 (number)"#]),
            (
                #"{"password":"hunter2","card":{"token":{"x":"abc"}}}"#,
                ["password=⟨redacted, 7 bytes⟩ (redacted)", "card.token.x=⟨redacted, 3 bytes⟩ (redacted)"]
            ),
            (#"{"to":"a\u202eb"}"#, ["to=a⟨U+202E⟩b (string)"]), ("[]", ["=[] (array)"]), ("7", ["=7 (number)"]),
        ] as [(String, [String])])
    func json(body: String, rows: [String]) throws { #expect(try self.rows(body) == rows) }

    @Test("rows and values are limited, and say of how many")
    func limits() throws {
        let many = "[" + (0..<500).map { "\($0)" }.joined(separator: ",") + "]"
        guard case .rows(let rows, _, _) = RequestView(.sample(body: many)).body else {
            Issue.record("no rows")
            return
        }
        #expect(rows.shown.count == 200)
        #expect(rows.total == 500)
        let long = try self.rows(#"{"a":"\#(String(repeating: "x", count: 5000))"}"#)
        #expect(long.first?.hasSuffix("x…⟨3000 more bytes⟩ (string)") == true)
    }

    @Test("query and fields are shown without their secrets")
    func secrets() {
        let view = RequestView(
            .sample(
                query: [Parameter("key", "AIza"), Parameter("expand", "all")],
                fields: ["Authorization": "Bearer sk_live_1", "Accept": "*/*", "X-Api-Key": "k", "Cookie": "a=b"]))
        #expect(view.url == "https://api.stripe.com/v1/refunds")
        #expect(view.query.shown.map(\.value) == ["⟨redacted, 4 bytes⟩", "all"])
        #expect(
            view.fields.shown.map(\.value) == [
                "⟨redacted, 16 bytes⟩", "*/*", "⟨redacted, 1 bytes⟩", "⟨redacted, 3 bytes⟩",
            ])
    }

    @Test("a form, text without a reader, bytes, and nothing")
    func forms() {
        let form = RequestView(
            .sample(body: "a=1", document: .form([Parameter("a", "1"), Parameter("Password", "x")])))
        guard case .rows(let rows, "form", 3) = form.body else {
            Issue.record("no form")
            return
        }
        #expect(rows.shown.map(\.value) == ["1", "⟨redacted, 1 bytes⟩"])
        #expect(RequestView(.sample(body: "<a>\n", document: .opaque("XML"))).body == .text("<a>↵", bytes: 4))
        #expect(RequestView(.sample(body: "a\0", document: .opaque("binary"))).body == .opaque("binary", bytes: 2))
        #expect(RequestView(.sample(body: nil)).body == .none)
    }
}

@Suite struct HoldViewTests {
    static let digest = GateBench.hash([1])
    static let decision = Decision(
        by: Operator(uid: 7, name: "ada"), at: Timestamp(milliseconds: 5000), reason: "ok", isImmediate: true)

    static func hold(_ state: HoldState, _ verdict: Verdict = .sample()) -> Hold {
        Hold(
            id: HoldID(random: 9), session: SessionID("s"), call: CallID("c_1"), digest: digest, repeatKey: digest,
            idempotency: nil, created: Timestamp(milliseconds: 0), facts: Hold.Facts(.sample(), verdict, verdict.terms),
            expires: Timestamp(milliseconds: 60_000), state: state)
    }

    static let states: [HoldState] = [
        .pending, .stale(cause: "c"), .approved(decision), .sending(decision), .uncertain(cause: "c"),
        .done(Answer(status: 201, delivery: .kept, decision: decision)),
        .done(Answer(status: 201, delivery: .delivered, decision: decision)),
        .done(Answer(status: 201, delivery: .lost, decision: decision)),
        .resolved(Resolution(decision: decision, wasExecuted: false)), .rejected(decision), .expired,
    ]

    @Test("what is written is read again, in every state, with every kind of body", arguments: states)
    func roundTrip(state: HoldState) throws {
        let calls: [Call] = [
            .sample(), .sample(body: nil), .sample(body: "a=1", document: .form([Parameter("a", "1")])),
            .sample(body: "x", document: .opaque("y")), .sample(body: "\0", document: .opaque("y")),
        ]
        for call in calls {
            let view = HoldView(
                Self.hold(state, .sample(category: nil, flags: [.taint])), isAwaited: true,
                now: Timestamp(milliseconds: 10_000), request: RequestView(call))
            let bytes = JSONWriter.object(view.write)
            #expect(try HoldView(JSONReader(JSONDocument.parse(bytes).root)) == view)
        }
    }

    @Test("a member that is missing or of another kind is named")
    func mismatch() throws {
        let bytes = JSONWriter.object(
            HoldView(Self.hold(.pending), isAwaited: false, now: Timestamp(milliseconds: 0)).write)
        let text = String(decoding: bytes, as: UTF8.self).split(separator: #""tier":4"#).joined(separator: #""tier":9"#)
        #expect(throws: JSONReader.Mismatch(path: "/tier")) {
            _ = try HoldView(JSONReader(JSONDocument.parse(Array(text.utf8)).root))
        }
    }

    @Test(
        "an amount is found where a summary names one",
        arguments: [
            ("Send 25.00 USD to ch_1", "25.00 USD"), ("Refund 1,200.50 EUR.", "1,200.50 EUR"),
            ("Delete 3 HTTP routes", nil),
            ("Delete repository a/b", nil), ("Send USD 5", nil), ("", nil), ("Pay 9 JPY, now", "9 JPY"),
        ] as [(String, String?)])
    func money(summary: String, amount: String?) { #expect(Consequence.money(in: [summary]) == amount) }

    @Test("every category and every flag has its own words")
    func consequences() {
        let categories = Category.allCases.map { Consequence.sentences(tier: .irreversible, category: $0, flags: []) }
        let tiers = Tier.allCases.map { Consequence.sentences(tier: $0, category: nil, flags: []) }
        #expect(Set(categories + tiers).count == 9)
        #expect(
            Consequence.sentences(tier: .external, category: nil, flags: Flag.allCases).count == 1 + Flag.allCases.count
        )
    }
}
