import Testing

@testable import Proxy

/// Answers that say more than one thing, or what no answer may: the agent gets one reading, or learns that there is none.
@Suite(.serialized) struct HostileUpstreamTests {
    static let ok = "HTTP/1.1 200 OK\r\n"
    static let chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"

    @Test(
        "an answer without one reading reaches nobody, and its connection no other call",
        arguments: [
            ("garbage", "SSH-2.0-OpenSSH_9.2\r\n\r\n"), ("no status", "HTTP/1.1 OK\r\n\r\n"),
            ("HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"), ("HTTP/0.9", "<html></html>"),
            ("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"), ("a status below all", "HTTP/1.1 099 No\r\n\r\n"),
            ("a status beyond all", "HTTP/1.1 999 No\r\n\r\n"),
            ("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"),
            ("a folded field", ok + "X-A: b\r\n c\r\nContent-Length: 2\r\n\r\nhi"),
            ("a blank before a colon", ok + "Content-Length : 2\r\n\r\nhi"),
            ("a length with a sign", ok + "Content-Length: +2\r\n\r\nhi"),
            ("a negative length", ok + "Content-Length: -2\r\n\r\nhi"),
            ("a list of lengths", ok + "Content-Length: 2, 2\r\n\r\nhi"),
            ("a coding beside chunked", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            ("an unknown coding", ok + "Transfer-Encoding: identity\r\n\r\nhi"),
            ("chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            ("a length and chunks", ok + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            ("a zero byte in a value", ok + "X-A: \0\r\nContent-Length: 2\r\n\r\nhi"),
            ("a body of 304", "HTTP/1.1 304 No\r\nTransfer-Encoding: chunked, gzip\r\n\r\nhi"),
            ("chunks of 204", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
            (
                "chunks of 100",
                "HTTP/1.1 100 Go\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n"
            ),
            ("three hundred fields", ok + String(repeating: "X-A: b\r\n", count: 300) + "Content-Length: 2\r\n\r\nhi"),
            (
                "a reason of twenty thousand bytes",
                "HTTP/1.1 200 " + String(repeating: "a", count: 20_000) + "\r\nContent-Length: 2\r\n\r\nhi"
            ),
            ("a sign in a chunk size", chunked + "+2\r\nhi\r\n0\r\n\r\n"),
            ("a chunk without its end", chunked + "2\r\nhiX0\r\n\r\n"),
            ("a bare feed in a chunk extension", chunked + "2;a\nhi\r\n0\r\n\r\n"),
            ("a chunk extension without end", chunked + "2;" + String(repeating: "a", count: 5000)),
        ])
    func unreadable(name: String, answer: String) throws {
        let gate = try LiveGate(
            try Upstream([.head, .send(answer), .hangup], [.head, .send(Self.ok + "Content-Length: 2\r\n\r\nok")]))
        let agent = try gate.agent()
        agent.send("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n")
        let text = agent.rest()
        #expect(text.hasPrefix("HTTP/1.1 502 Outcome unknown\r\n"), "\(name): \(text)")
        #expect(try gate.line("call.close").contains(#""outcome":"uncertain""#), "\(name)")
        let other = try gate.ask("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n")
        #expect(other.hasSuffix("\r\n\r\nok"), "\(name)")
        #expect(gate.upstream.connections == 2, "\(name)")
    }

    @Test(
        "what comes behind an answer answers nothing: the next call goes over another connection",
        arguments: [
            ("GET", ok + "Content-Length: 2\r\n\r\nhi" + ok + "Content-Length: 4\r\n\r\nevil"),
            ("GET", ok + "Content-Length: 0\r\n\r\nevil"),
            ("GET", chunked + "2\r\nhi\r\n0\r\n\r\n" + ok + "Content-Length: 4\r\n\r\nevil"),
            ("HEAD", ok + "Content-Length: 4\r\n\r\nevil"), ("HEAD", chunked + "4\r\nevil\r\n0\r\n\r\n"),
            ("GET", "HTTP/1.1 204 No Content\r\n\r\n" + "evil"),
            ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil"),
            ("GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n"),
            ("GET", chunked + "0\r\nTrailer: x\r\n\r\n" + ok + "Content-Length: 4\r\n\r\nevil"),
        ])
    func poisoned(method: String, answer: String) throws {
        let gate = try LiveGate(
            try Upstream([.head, .send(answer), .hangup], [.head, .send(Self.ok + "Content-Length: 2\r\n\r\nok")]))
        let agent = try gate.agent()
        agent.send("\(method) http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n\r\n")
        let first = agent.read(until: "\r\n\r\n")
        #expect(
            first.hasPrefix("HTTP/1.1 200 OK\r\n") || first.hasPrefix("HTTP/1.1 204 ")
                || first.hasPrefix("HTTP/1.1 304 "))
        _ = try gate.line("call.close")
        agent.send("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n")
        let rest = agent.rest()
        #expect(rest.hasSuffix("\r\n\r\nok") && !(first + rest).contains("evil"), "\(first)\(rest)")
        #expect(gate.upstream.connections == 2)
    }

    @Test(
        "chunk extensions and trailers are read over, and do not reach the agent",
        arguments: [
            chunked + "2;checksum=\"abc\"\r\nhi\r\n0\r\n\r\n", chunked + "2  \r\nhi\r\n0\r\n\r\n",
            ok
                + "Trailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Checksum: abc\r\nContent-Length: 9\r\n\r\n",
        ])
    func extras(answer: String) throws {
        let gate = try LiveGate(
            try Upstream([.head, .send(answer), .head, .send(Self.ok + "Content-Length: 2\r\n\r\nok")]))
        let agent = try gate.agent()
        agent.send("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\n\r\n")
        let first = agent.read(until: "\r\n0\r\n\r\n")
        #expect(first.hasSuffix("\r\n\r\n2\r\nhi\r\n0\r\n\r\n") && !first.lowercased().contains("checksum"), "\(first)")
        agent.send("GET http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n")
        #expect(agent.rest().hasSuffix("\r\n\r\nok"))
        // The end of such an answer is known: its connection carries the next call.
        #expect(gate.upstream.connections == 1)
    }
}
