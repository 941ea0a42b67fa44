import Crypto
import Testing

@testable import Proxy

/// What an upstream may do to a call that passes, what its agent must see, and what the journal must say.
@Suite(.serialized) struct UpstreamBehaviourTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: [Upstream.Step]
        /// Beginning and end of what the agent gets.
        let begins: String
        let ends: String
        let journal: String

        init(_ name: String, _ script: [Upstream.Step], _ begins: String, _ ends: String, journal: String) {
            testDescription = name
            self.script = script
            self.begins = begins
            self.ends = ends
            self.journal = journal
        }
    }

    static let ok = "HTTP/1.1 200 OK\r\n"
    static let rows = [
        Row(
            "a slow head", [.head, .send("HTTP/1.1 "), .wait(50), .send("200 OK\r\nContent-Length: 2\r\n\r\nhi")], ok,
            "\r\n\r\nhi", journal: #""outcome":"answered","status":200,"received":2"#),
        Row(
            "no answer at all", [.head, .cut], "HTTP/1.1 502 Outcome unknown\r\n", "}",
            journal: #""outcome":"uncertain""#),
        Row(
            "half a head", [.head, .send("HTTP/1.1 200 OK\r\nContent-Le"), .cut], "HTTP/1.1 502 Outcome unknown\r\n",
            "}", journal: #""outcome":"uncertain""#),
        Row(
            "a reset", [.head, .reset], "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "a body shorter than it said", [.head, .send(ok + "Content-Length: 10\r\n\r\nhi"), .cut], ok, "[cut]",
            journal: #""outcome":"uncertain","cause":"the answer was cut short""#),
        Row(
            "a body longer than it said",
            [.head, .send(ok + "Content-Length: 2\r\n\r\nhiHTTP/1.1 200 NO\r\n\r\n"), .hangup],
            ok, "\r\n\r\nhi", journal: #""outcome":"answered","status":200,"received":2"#),
        Row(
            "garbage for a chunk size",
            [.head, .send(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n"), .hangup],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "chunks without an end", [.head, .send(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"), .cut], ok,
            "[cut]", journal: #""outcome":"uncertain""#),
        Row(
            "interim answers before the real one",
            [
                .head, .send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"),
                .send(ok + "Content-Length: 2\r\n\r\nhi"),
            ], ok, "\r\n\r\nhi", journal: #""outcome":"answered","status":200"#),
        Row(
            "interim answers for ever", [.head, .flood("HTTP/1.1 103 Early Hints\r\n\r\n")],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "an upgrade that nobody asked for", [.head, .send("HTTP/1.1 101 Switching\r\n\r\n"), .hangup],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "two lengths", [.head, .send(ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi"), .hangup],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "a length and chunks",
            [.head, .send(ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), .hangup],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "a body where there can be none",
            [.head, .send("HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\nhi"), .hangup],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "a bare return in a value",
            [.head, .send(ok + "X: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n"), .hangup],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "a head of a megabyte", [.head, .send(ok + "X: "), .fill(1 << 20), .hangup],
            "HTTP/1.1 502 Outcome unknown\r\n", "}", journal: #""outcome":"uncertain""#),
        Row(
            "a body up to the end of the connection", [.head, .send(ok + "\r\nhi"), .cut], ok,
            "\r\n\r\n2\r\nhi\r\n0\r\n\r\n", journal: #""outcome":"answered","status":200,"received":2"#),
        Row(
            "a reset in a body up to the end", [.head, .send(ok + "\r\nhi"), .wait(50), .reset], ok, "[cut]",
            journal: #""outcome":"uncertain""#),
    ]

    @Test("an agent gets the whole answer, or sees that it did not", arguments: rows)
    func behaviour(row: Row) throws {
        let gate = try LiveGate(try Upstream(row.script))
        let answer = try gate.ask("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix(row.begins), "\(answer)")
        if row.ends == "[cut]" {
            #expect(!answer.hasSuffix("0\r\n\r\n"))
            #expect(!answer.contains("Content-Length: 2\r\n"))
        } else {
            #expect(answer.hasSuffix(row.ends), "\(answer)")
        }
        let line = try gate.line("call.close")
        #expect(line.contains(row.journal), "\(line)")
        #expect(gate.upstream.requests == 1)
        _ = try eventually("the upstream's connection to be closed") { gate.upstream.open == 0 ? true : nil }
    }
}
