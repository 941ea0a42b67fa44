import Calls
import Holds
import HoldsTesting
import JSON
import Testing

@testable import Operators
@testable import tiergate

@Suite struct HoldScreenTests {
    private static func view(
        _ call: Call = .sample(), _ verdict: Verdict = .sample(), state: HoldState = .pending, isAwaited: Bool = false,
        deliberation: Deliberation = Deliberation(), keepsGroups: Bool = false
    ) -> HoldView {
        let digest = GateBench.hash([1])
        let created = Timestamp(milliseconds: 1_795_262_400_000)
        let hold = Hold(
            id: HoldID(random: 0x1234_5678_9ABC_DEF), session: SessionID("s_agent"), call: call.id, digest: digest,
            repeatKey: digest, idempotency: nil, created: created, facts: Hold.Facts(call, verdict, verdict.terms),
            expires: created + .hours(24), state: state, deliberation: deliberation)
        return HoldView(
            hold, isAwaited: isAwaited, now: created + .minutes(90), keepsGroups: keepsGroups,
            request: RequestView(call))
    }

    private func screen(_ view: HoldView, weakness: String? = nil, isFull: Bool = false, width: Int = 80) -> [String] {
        let report = HoldReport(hold: view, next: nil, warning: nil, weakness: weakness)
        let text = HoldScreen(Screen(width: width), isFull: isFull).text(of: report)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private func table(_ views: [HoldView], isComplete: Bool = true, weakness: String? = nil) -> [String] {
        let list = HoldList(holds: views, isComplete: isComplete, weakness: weakness)
        return HoldTable(Screen(width: 80)).text(of: list).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    @Test("one hold is one screen, in the order in which a person asks")
    func whole() {
        let call = Call.sample(
            query: [Parameter("expand", "all")],
            fields: ["Content-Type": "application/json", "Authorization": "Bearer sk"],
            body: #"{"amount":500,"charge":"ch_1","client_secret":"x"}"#)
        #expect(
            screen(Self.view(call)) == [
                "h_ffkqt4yc5t82 waits for a decision.",
                "",
                "What",
                "  Send 5.00 USD to ch_1",
                "",
                "Why held",
                "  tier 4, irreversible, financial",
                "  rule stripe.money-out (rules/stripe.yaml:18): money leaves the account",
                "",
                "Consequence",
                "  Moves money: getting it back is up to whoever received it.",
                "  Amount: 5.00 USD",
                "",
                "Request",
                "  POST https://api.stripe.com/v1/refunds",
                "  ?expand  all",
                "  amount         500",
                "  charge         \"ch_1\"",
                "  client_secret  ⟨redacted, 1 bytes⟩",
                "  json body, 50 bytes",
                "  2 header fields: `tiergate show h_ffkqt4yc5t82 --full`",
                "",
                "Where from",
                "  session    s_agent",
                "  acting as  credential #00112233aabbccdd",
                "  agent      has been told that the call was not executed, and to ask again",
                "",
                "Deadline",
                "  held       1 h 30 min ago, at 2026-11-21T12:00:00.000Z",
                "  ends       in 22 h 30 min, at 2026-11-22T12:00:00.000Z",
                "",
                "People",
                "  asked for  1 of finance",
                "  No groups are kept (operators.groups): whoever may decide speaks for each of",
                "  them.",
                "",
                "Decide",
                "  tiergate approve h_ffkqt4yc5t82    (--now: do not wait for the agent)",
                "  tiergate reject h_ffkqt4yc5t82 --reason \"…\"",
                "  tiergate edit h_ffkqt4yc5t82",
                "  tiergate claim h_ffkqt4yc5t82",
                "  tiergate extend h_ffkqt4yc5t82 --for \"1 d\"",
                "  tiergate ask h_ffkqt4yc5t82 --question \"…\"",
                "  digest \(GateBench.hash([1]))",
            ])
    }

    @Test(
        "no line is wider than the screen, whatever an agent sends, and nothing of it acts on the screen",
        arguments: [72, 80, 120])
    func hostile(width: Int) {
        let long = String(repeating: "x", count: 3000)
        let wide = String(repeating: "漢", count: 300)
        let call = Call.sample(
            path: Text("/" + long), query: [Parameter(Text(long), Text(wide))],
            fields: ["X-\(long)": long, "B": "\u{1B}[2J"],
            body: "{\"\(wide)\":\"\(wide)\",\"a\":\"\\u001b[31m\\u202e\",\"\(long)\":[1]}", principal: .aws(key: long))
        let verdict = Verdict.sample(
            flags: [.injection], summaries: [long, wide, "a\u{202E}b\u{1B}]0;x\u{7}"],
            terms: Terms(approvers: ["finance", "platform"]))
        let lines = screen(Self.view(call, verdict), weakness: long, isFull: true, width: width)
        for line in lines { #expect(Columns.width(of: line) <= width, "\(line)") }
        let list = HoldList(holds: [Self.view(call, verdict)], isComplete: true, weakness: long)
        let rows = HoldTable(Screen(width: width)).text(of: list).split(separator: "\n").map(String.init)
        for line in rows { #expect(Columns.width(of: line) <= width, "\(line)") }
        let scalars = (lines + rows).joined().unicodeScalars
        #expect(!scalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }

    @Test("votes so far, who is missing, who has taken it on, and what the agent was asked")
    func people() throws {
        let at = Timestamp(milliseconds: 1_795_262_400_000)
        let (ada, bob) = (Operator(uid: 1, name: "ada"), Operator(uid: 2, name: "bob"))
        var deliberation = Deliberation()
        let signature = Decision.Signature(signer: "ada", key: "SHA256:k")
        deliberation.add(
            Deliberation.Vote(decision: Decision(by: ada, at: at, signature: signature), groups: ["finance"]))
        deliberation.take(Deliberation.Claim(by: bob, at: at), at: at)
        deliberation.ask(Deliberation.Question(by: bob, at: at, text: "Which invoice?", answer: "No. 12"))
        deliberation.ask(Deliberation.Question(by: bob, at: at, text: "Why today?"))
        let terms = Terms(approvers: ["finance", "platform"], quorum: 2, needsSignature: true)
        let view = Self.view(.sample(), .sample(terms: terms), deliberation: deliberation, keepsGroups: true)
        let lines = screen(view, width: 120)
        let start = try #require(lines.firstIndex(of: "People"))
        #expect(
            lines[start...].prefix { !$0.isEmpty } == [
                "People",
                "  asked for  2 of finance, 2 of platform, each with a signature",
                "  agreed     ada for finance, at 2026-11-21T12:00:00.000Z, signed with SHA256:k",
                "  missing    it goes when 1 more of finance and 2 more of platform agree",
                "  taken on   by bob, at 2026-11-21T12:00:00.000Z",
                "  question   Which invoice? (bob, at 2026-11-21T12:00:00.000Z)",
                "             the agent: No. 12",
                "  question   Why today? (bob, at 2026-11-21T12:00:00.000Z)",
                "             not answered yet",
            ])
        #expect(lines.contains("  tiergate approve h_ffkqt4yc5t82 --sign    (--now: do not wait for the agent)"))
        #expect(lines.contains("  tiergate handover h_ffkqt4yc5t82 --to ACCOUNT"))
        #expect(
            table([view])[2...4] == [
                "                                        ada agreed; goes when 1 more of finance",
                "                                        and 2 more of platform agree · bob looks",
                "                                        at it · the agent was asked",
            ])
    }

    @Test("every screen says where a decision proves nothing")
    func advisory() {
        #expect(screen(Self.view(), weakness: "same account").first == "ADVISORY: same account.")
        #expect(table([Self.view()], weakness: "same account").first == "ADVISORY: same account.")
        #expect(table([], weakness: "same account").first == "ADVISORY: same account.")
        #expect(!screen(Self.view()).joined().contains("ADVISORY"))
    }

    @Test("a table has what to choose by, and counts what it leaves out")
    func list() {
        let flagged = Verdict.sample(
            tier: .external, category: nil, flags: [.taint],
            summaries: ["Post to #general: a long summary of what would be posted there that takes more than two lines"]
        )
        #expect(
            table(
                [Self.view(isAwaited: true), Self.view(.sample(), flagged, state: .stale(cause: "x"))],
                isComplete: false)
                == [
                    "ID              TIER  AGE       LEFT    WHAT",
                    "h_ffkqt4yc5t82  4     1 h*      22 h    Send 5.00 USD to ch_1",
                    "h_ffkqt4yc5t82  3!    1 h       22 h    stale: Post to #general: a long summary",
                    "                                        of what would be posted there that take…",
                    "",
                    "* the agent is waiting on its connection",
                    "! flagged: `tiergate show ID` says why",
                    "There are more than these 2: see --limit.",
                    "`tiergate show ID` says all about one, and how to decide.",
                ])
        #expect(table([]) == ["nothing is held"])
    }

    @Test("a screen shows the rows that fit, and says how many it left out; --full shows them")
    func rows() {
        let body = "[" + (0..<300).map(String.init).joined(separator: ",") + "]"
        let short = screen(Self.view(.sample(body: body)))
        #expect(short.contains("  276 of 300 rows of the body not shown; --full shows 200"))
        let full = screen(Self.view(.sample(body: body)), isFull: true)
        #expect(full.contains("  100 of 300 rows of the body not shown"))
        #expect(full.contains("  [199]  199"))
    }

    @Test("what was decided is shown instead of how to decide")
    func decided() {
        let decision = Decision(
            by: Operator(uid: 7, name: "ada"), at: Timestamp(milliseconds: 0), reason: "too much", isImmediate: false)
        let rejected = screen(Self.view(state: .rejected(decision)))
        #expect(rejected.first == "h_ffkqt4yc5t82 was rejected by ada at 1970-01-01T00:00:00.000Z.")
        #expect(rejected.contains("  by         ada (uid 7), at 1970-01-01T00:00:00.000Z"))
        #expect(rejected.contains("  reason     too much"))
        #expect(rejected.contains("  tiergate reopen h_ffkqt4yc5t82"))
        let done = screen(
            Self.view(state: .done(Holds.Answer(status: 201, delivery: .kept, decision: decision))))
        #expect(done.contains("  answer     201, kept"))
        #expect(!done.contains("Decide"))
        let uncertain = screen(Self.view(state: .uncertain(cause: "reset")))
        #expect(uncertain.contains("  tiergate resolve h_ffkqt4yc5t82 --not-executed --reason \"…\""))
    }
}

@Suite struct ColumnsTests {
    @Test(
        "a terminal's columns are counted as it counts them",
        arguments: [("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("👍", 2), ("…⟨U+202E⟩", 9), ("", 0), ("Ｗ", 2)])
    func width(text: String, columns: Int) { #expect(Columns.width(of: text) == columns) }

    @Test(
        "text is broken between words, and inside of those that are too long",
        arguments: [
            ("a bb ccc", 4, ["a bb", "ccc"]), ("abcdefgh", 3, ["abc", "def", "gh"]), ("漢字漢", 4, ["漢字", "漢"]),
            ("", 5, [""]),
            ("漢", 1, ["漢"]), ("a  b", 9, ["a  b"]),
        ])
    func wrapping(text: String, columns: Int, lines: [String]) { #expect(Columns.wrapped(text, columns) == lines) }

    @Test("what is cut is marked", arguments: [("abcdef", 4, "abc…"), ("abcd", 4, "abcd"), ("漢字漢", 4, "漢…")])
    func cutting(text: String, columns: Int, result: String) { #expect(Columns.cut(text, columns) == result) }
}

@Suite struct ChangedHoldScreenTests {
    @Test("what was changed, and what is about to change, stand before the request")
    func changed() throws {
        let call = Call.sample()
        let digest = GateBench.hash([1])
        let at = Timestamp(milliseconds: 1_795_262_400_000)
        let observation = Verdict.Observation(path: "/v1/charges/1", fields: ["amount", "status"])
        var deliberation = Deliberation()
        deliberation.note(
            Deliberation.Edit(
                by: Operator(uid: 1, name: "ada"), at: at, before: digest, after: digest,
                changes: ["amount: 900 → 500"]))
        let hold = Hold(
            id: HoldID(random: 7), session: SessionID("s_agent"), call: call.id, digest: digest, repeatKey: digest,
            idempotency: nil, created: at, facts: Hold.Facts(call, .sample(), Terms(observations: [observation])),
            expires: at + .hours(24), deliberation: deliberation)
        let request = RequestView(call)
        let answer = try JSONDocument.parse(Array(#"{"amount":2500,"status":"open"}"#.utf8))
        let report = HoldReport(
            hold: HoldView(hold, isAwaited: false, now: at, request: request), next: nil, warning: nil, weakness: nil,
            seen: [
                SightingView(Sighting(observation, answer, entityTag: nil), request),
                SightingView(Sighting(path: "/v1/accounts/1", failure: "the upstream answered 500"), request),
            ])
        let text = HoldScreen(Screen(width: 80)).text(of: report)
        #expect(text.contains("Changed by ada at 2026-11-21T12:00:00.000Z\n  amount: 900 → 500\n"), "\(text)")
        #expect(
            text.contains(
                "Before and after\n  GET /v1/charges/1\n  amount  2500 → 500\n  status  \"open\"\n"), "\(text)")
        #expect(text.contains("GET /v1/accounts/1\n  Could not be looked at: the upstream answered 500\n"), "\(text)")
    }
}
