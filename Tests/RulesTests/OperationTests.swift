import Calls
import JSON
import Testing

@testable import Rules

@Suite("OperationPattern: rules for what a call is besides HTTP")
struct OperationTests {
    private func judge(_ set: RuleSet, _ operations: Calls.Operation..., url: String = "https://x.test/rpc") -> Verdict
    {
        set.judge(Sample.call("POST", url, operations: operations), at: Sample.now)
    }

    @Test(
        "scope and name are matched, alternatives in lists, stars at the ends of names",
        arguments: [
            (
                "mcp: {server: fs, tool: [write_file, edit_file]}", .mcp(server: "fs", tool: "edit_file", args: nil),
                true
            ),
            ("mcp: {server: fs, tool: [write_file]}", .mcp(server: "fs", tool: "Write_file", args: nil), false),
            ("mcp: {server: fs, tool: write_file}", .mcp(server: "fs2", tool: "write_file", args: nil), false),
            ("mcp: {server: fs}", .mcp(server: "fs", tool: "anything at all", args: nil), true),
            ("mcp: {tool: 'delete_*'}", .mcp(server: "any", tool: "delete_repo", args: nil), true),
            ("mcp: {server: '*', tool: 'delete_*'}", .mcp(server: "any", tool: "undelete", args: nil), false),
            (
                "graphql: {operation: mutation, field: deleteRepository}",
                .graphql(
                    operation: "mutation", name: nil, field: "deleteRepository", alias: "x", depth: 2, args: nil,
                    variables: nil),
                true
            ),
            (
                "graphql: {operation: mutation, field: deleteRepository}",
                .graphql(
                    operation: "query", name: nil, field: "deleteRepository", alias: nil, depth: 1, args: nil,
                    variables: nil),
                false
            ),
            (
                "graphql: {field: 'delete*'}",
                .graphql(
                    operation: "mutation", name: nil, field: "deleteRef", alias: nil, depth: 1, args: nil,
                    variables: nil), true
            ),
            ("grpc: {service: acme.Bank, method: Pay}", .grpc(service: "acme.Bank", method: "Pay"), true),
            ("grpc: {service: acme.Bank, method: Pay}", .grpc(service: "acme.bank", method: "Pay"), false),
            ("jsonrpc: {method: eth_send*}", .jsonrpc(method: "eth_sendTransaction", params: nil), true),
            ("jsonrpc: {method: eth_call}", .jsonrpc(method: "eth_callx", params: nil), false),
            ("sql: {kind: [drop, delete]}", .sql(kind: "drop"), true),
            ("dns: {type: txt, name: '*.evil.test'}", .dns(name: "a.evil.test", type: "TXT"), true),
            ("aws: {service: IAM, action: createuser}", .aws(service: "iam", action: "CreateUser"), true),
            ("aws: {service: iam, action: createuser}", .http, false),
            ("mcp: {server: fs}", .http, false),
        ] as [(String, Calls.Operation, Bool)])
    func matching(match: String, operation: Calls.Operation, expected: Bool) throws {
        let set = try Sample.set(Sample.source("- {id: r, tier: 1, match: {\(match)}}"))
        let verdict = judge(set, operation)
        #expect((verdict.tier == .readOnly) == expected, "\(verdict.reason)")
    }

    @Test("a rule for operations may be for certain hosts, paths and methods besides")
    func route() throws {
        let set = try Sample.set(
            Sample.source(
                "- {id: r, tier: 1, match: {host: x.test, path: [/a, '/{p}/b'], method: POST, jsonrpc: {method: m}}}"))
        let operation = Calls.Operation.jsonrpc(method: "m", params: nil)
        #expect(judge(set, operation, url: "https://x.test/a").tier == .readOnly)
        #expect(judge(set, operation, url: "https://x.test/q/b").tier == .readOnly)
        #expect(judge(set, operation, url: "https://y.test/a").tier == .external)
        #expect(judge(set, operation, url: "https://x.test/c").tier == .external)
        let put = Sample.call("PUT", "https://x.test/a", operations: [operation])
        #expect(set.judge(put, at: Sample.now).tier == .external)
    }

    @Test("the strictest operation decides, whichever place it has, and each has obligations of its own")
    func batches() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: read, tier: 1, match: {mcp: {server: g, tool: read_graph}}}
                - {id: gone, category: deletion, match: {mcp: {server: g, tool: delete_entities}}, approvers: [ops]}
                """))
        let read = Calls.Operation.mcp(server: "g", tool: "read_graph", args: nil)
        let delete = Calls.Operation.mcp(server: "g", tool: "delete_entities", args: nil)
        for order in [[read, delete], [delete, read]] {
            let verdict = set.judge(Sample.call("POST", "https://x.test/", operations: order), at: Sample.now)
            #expect(
                verdict.tier == .irreversible && verdict.terms.approvers == ["ops"] && verdict.category == .deletion)
        }
        #expect(judge(set, read, read).tier == .readOnly)
    }

    @Test("a batched request is judged as if it had come alone")
    func batched() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: batch, tier: 1, match: {host: x.test, path: /batch}}
                - {id: read, tier: 1, match: {host: x.test, method: GET}}
                - {id: delete, category: deletion, match: {host: x.test, method: DELETE}, summary: "Delete {{ request.path }}"}
                """))
        let get = Sample.call("GET", "https://x.test/a")
        let delete = Sample.call("DELETE", "https://x.test/b")
        #expect(judge(set, .batched(get), .batched(get), url: "https://x.test/batch").tier == .readOnly)
        let verdict = judge(set, .batched(get), .batched(delete), url: "https://x.test/batch")
        #expect(verdict.tier == .irreversible && verdict.summaries == ["Delete /b"])
        let nested = Sample.call("POST", "https://x.test/batch", operations: [.batched(delete)])
        #expect(judge(set, .batched(nested)).tier == .irreversible)
    }

    @Test("a part without a reading has a floor; the head of a batch has no fallbacks")
    func unreadable() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: read, tier: 1, match: {host: x.test, path: /batch}}
                - {id: never, block: true, match: {host: x.test, path: /never}}
                - {id: fall, kind: fallback, tier: 4, match: {}}
                """))
        let get = Calls.Operation.batched(Sample.call("GET", "https://x.test/batch"))
        let part = Calls.Operation.unreadable(reason: "compressed", floor: .external)
        let floored = judge(set, part, url: "https://x.test/batch")
        #expect(floored.tier == .external && floored.matches.isEmpty && floored.disposition == .hold)
        #expect(floored.reason == "a part of the call has no reading (compressed): tier 3 at least")
        #expect(judge(set, part, url: "https://x.test/other").matches.map(\.rule) == ["fall"])
        #expect(judge(set, .wrapper, get, url: "https://x.test/other").tier == .readOnly)
        #expect(judge(set, .wrapper, get, url: "https://x.test/never").disposition == .refuse)
        #expect(judge(set, .wrapper, url: "https://x.test/other").tier == .external)
    }

    @Test("a rule about an operation that may stand in a body without a reading counts as failed")
    func unread() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: a, tier: 1, match: {host: x.test}}
                - {id: r, tier: 4, match: {host: x.test, graphql: {field: deleteRepository}}}
                - {id: s, tier: 4, match: {mcp: {server: s}}}
                """))
        let part = Calls.Operation.unreadable(reason: "too large", floor: .readOnly)
        let verdict = judge(set, part)
        #expect(verdict.matches.map(\.rule) == ["r"] && verdict.tier == .irreversible)
        #expect(verdict.matches.map(\.failure) == ["unreadable_body: too large"])
        #expect(judge(set, part, url: "https://y.test/").tier == .external)
        #expect(judge(set, .http).tier == .readOnly)
    }

    @Test("more operations than rules look at are refused, or held where the site says so", arguments: [false, true])
    func limit(isHeld: Bool) throws {
        let set = try Sample.set(
            Sample.source(
                "- {id: read, tier: 1, match: {jsonrpc: {method: m}}}",
                head: isHeld ? "defaults: {ambiguous: hold}" : ""))
        let many = (0...RuleSet.operationLimit).map { _ in Calls.Operation.jsonrpc(method: "m", params: nil) }
        let verdict = set.judge(Sample.call("POST", "https://x.test/", operations: many), at: Sample.now)
        #expect(verdict.tier == .irreversible && verdict.disposition == (isHeld ? .hold : .refuse))
        let all = set.judge(Sample.call("POST", "https://x.test/", operations: many.dropLast()), at: Sample.now)
        #expect(all.tier == .readOnly)
        let inner = Sample.call("POST", "https://x.test/", operations: Array(many.dropLast(2)))
        let outer = judge(set, .batched(inner), .batched(inner))
        #expect(outer.tier == .irreversible && outer.disposition == (isHeld ? .hold : .refuse))
    }

    @Test("of rules that ask for different things the strictest of each counts")
    func terms() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: a, tier: 4, match: {host: x.test}, escalate_to: [leads, heads], on_silence: kill, detached: always}
                - {id: b, tier: 4, match: {host: x.test, path: /b}, on_silence: freeze, signed: true, detached: never,
                   on_disconnect: withdraw, escalate_to: [heads, board]}
                """, head: "defaults: {escalate_to: [oncall], on_silence: freeze}"))
        let one = set.judge(Sample.call("POST", "https://x.test/"), at: Sample.now).terms
        #expect(one.escalateTo == ["leads", "heads"] && one.onSilence == .kill && one.detached == .always)
        #expect(!one.needsSignature && !one.withdrawsOnDisconnect)
        let both = set.judge(Sample.call("POST", "https://x.test/b"), at: Sample.now).terms
        #expect(both.escalateTo == ["leads", "heads", "board"] && both.onSilence == .kill && both.detached == .never)
        #expect(both.needsSignature && both.withdrawsOnDisconnect)
    }

    @Test("who is told and how long people have come with the rule, or with the pack")
    func obligations() throws {
        let set = try Sample.set(
            Sample.source(
                """
                - {id: a, tier: 4, match: {host: x.test}, approvers: [ops], notify: [audit, all], decide_within: 2h}
                - {id: b, tier: 4, match: {host: x.test, path: /b}, quorum: 3}
                - {id: c, tier: 3, match: {host: x.test}, decide_within: 1s, notify: [never]}
                """, head: "defaults: {approvers: [oncall], notify: [all], decide_within: 30m}"))
        let one = set.judge(Sample.call("POST", "https://x.test/"), at: Sample.now)
        #expect(
            one.terms.approvers == ["ops"] && one.notify == ["all", "audit"] && one.terms.decideWithin == .hours(2))
        let both = set.judge(Sample.call("POST", "https://x.test/b"), at: Sample.now)
        #expect(
            both.terms.approvers == ["oncall", "ops"] && both.terms.quorum == 3
                && both.terms.decideWithin == .minutes(30))
    }
}
