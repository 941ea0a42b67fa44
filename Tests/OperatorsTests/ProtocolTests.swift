import Calls
import Glibc
import Holds
import HoldsTesting
import JSON
import OperatorsTesting
import Testing

@testable import Operators

@Suite struct ProtocolTests {
    @Test(
        "a request that cannot be read is refused, and its connection closed",
        arguments: [
            ("GARBAGE\r\n\r\n", 400), ("GET /v1/health HTTP/1.1\r\n\r\n", 400),
            ("GET /v1/health HTTP/2.0\r\nHost: x\r\n\r\n", 505),
            (
                "POST /v1/holds/x/approve HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                400
            ),
            ("POST /v1/holds/x/approve HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{}", 400),
            ("POST /v1/holds/x/approve HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 413),
            ("GET /v1/health HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n", 431),
            ("GET /\(String(repeating: "a", count: 5_000)) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ])
    func malformed(text: String, status: Int) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let answer = try SocketAnswer(bench.raw(text))
        #expect(answer.status == status)
        #expect(answer.head.contains("Content-Type: application/problem+json"))
        #expect(answer.head.contains("Connection: close"))
        #expect(try answer.code() != nil)
    }

    @Test("a body that grows beyond its limit in chunks is refused; one at the limit is read")
    func chunkedBody() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let head =
            "POST /v1/holds/x/approve HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        func answer(_ size: Int) throws -> SocketAnswer {
            let chunk = "\(String(size, radix: 16))\r\n\(String(repeating: " ", count: size))\r\n0\r\n\r\n"
            return try SocketAnswer(bench.raw(head + chunk))
        }
        #expect(try answer(65_537).status == 413)
        // Read whole, and found to be no JSON or no hold: whatever it is, not too large.
        #expect(try answer(65_536).status == 400)
    }

    @Test("a request that does not arrive whole in its time is told so")
    func tooSlow() async throws {
        var limits = OperatorLimits()
        limits.requestTime = 1
        let bench = try await SocketBench(limits: limits)
        defer { bench.stop() }
        let fd = try bench.dial()
        defer { close(fd) }
        let part = Array("GET /v1/health HTTP/1.1\r\nHo".utf8)
        #expect(send(fd, part, part.count, 0) == part.count)
        var answer = [UInt8](repeating: 0, count: 4096)
        // Time-outs are looked at once a second.
        let count = recv(fd, &answer, answer.count, 0)
        #expect(try SocketAnswer(String(decoding: answer.prefix(max(0, count)), as: UTF8.self)).status == 408)
    }

    @Test("several requests on one connection are answered in turn")
    func keepAlive() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let one = "GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
        let text = try bench.raw(one + one + "GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + one)
        #expect(text.components(of: "HTTP/1.1 200 OK") == 2)
        #expect(text.components(of: "HTTP/1.1 404 ") == 1)
        #expect(text.components(of: "HTTP/1.1 ") == 3)
    }

    @Test("who waits for 100 Continue gets it")
    func expectContinue() async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let text = try bench.raw(
            "POST /v1/holds/\(hold.id)/approve HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                + "If-Match: \"\(hold.digest)\"\r\nConnection: close\r\n\r\n{}")
        #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
    }

    @Test(
        "what is not there, or is asked for in another way, is said",
        arguments: [
            ("GET", "/", 404), ("GET", "/v1", 404), ("GET", "/v1/", 404), ("GET", "/v2/holds", 404),
            ("GET", "/v1/holds/", 404), ("GET", "/v1/holds/a/b/c", 404), ("POST", "/v1/holds/a/forget", 404),
            ("GET", "http://x/v1/health", 404), ("POST", "/v1/health", 405), ("DELETE", "/v1/holds", 405),
            ("GET", "/v1/holds/a/approve", 405), ("GET", "/v1/health?x=1", 400),
            ("POST", "/v1/holds/a/approve?now=true", 400),
        ])
    func routes(method: String, path: String, status: Int) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let answer = try bench.request(method, path)
        #expect(answer.status == status)
        #expect(answer.head.contains("Allow: ") == (status == 405))
    }

    @Test(
        "the body of a decision is read strictly",
        arguments: [
            ("approve", "{", "malformed_body"), ("approve", "[]", "malformed_body"),
            ("approve", #"{"now":true,"now":false}"#, "malformed_body"),
            ("approve", #"{"nwo":true}"#, "unknown_member"),
            ("approve", #"{"now":1}"#, "wrong_member"), ("approve", #"{"now":null}"#, "wrong_member"),
            ("approve", #"{"reason":""}"#, "wrong_member"), ("approve", #"{"reason":" "}"#, "wrong_member"),
            ("approve", #"{"reason":"a\nb"}"#, "wrong_member"), ("approve", #"{"reason":"\u001b[2J"}"#, "wrong_member"),
            ("approve", #"{"reason":"\u202ea"}"#, "wrong_member"), ("approve", #"{"reason":7}"#, "wrong_member"),
            ("approve", #"{"executed":true}"#, "unknown_member"), ("reject", "", "missing_member"),
            ("reject", "{}", "missing_member"), ("reject", #"{"reason":"x","now":true}"#, "unknown_member"),
            ("resolve", #"{"reason":"x"}"#, "missing_member"), ("resolve", #"{"executed":true}"#, "missing_member"),
            ("reopen", #"{"executed":true}"#, "unknown_member"),
            ("ask", "{}", "missing_member"), ("ask", #"{"question":""}"#, "wrong_member"),
            ("ask", #"{"question":"x","reason":"y"}"#, "unknown_member"),
            ("approve", #"{"suggest":"x"}"#, "unknown_member"),
            ("reject", #"{"reason":"x","suggest":7}"#, "wrong_member"),
            ("reject", #"{"reason":"x","suggest_patch":{}}"#, "wrong_member"),
            ("reject", #"{"reason":"x","suggest_patch":[]}"#, "wrong_member"),
            ("reject", #"{"reason":"x","suggest_patch":[{"op":"replace","path":"/a"}]}"#, "wrong_member"),
            ("reject", #"{"reason":"x","suggest_patch":[{"op":"remove","path":"a"}]}"#, "wrong_member"),
            ("reject", #"{"reason":"x","suggest_patch":[{"op":"move","path":"/a","from":1}]}"#, "wrong_member"),
            ("reject", #"{"reason":"x","suggest_patch":[{"op":"remove","path":"/a","x":1}]}"#, "wrong_member"),
            ("reject", #"{"reason":"x","suggest_patch":[{"op":"increase","path":"/a","value":1}]}"#, "wrong_member"),
        ])
    func bodies(action: String, body: String, code: String) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let answer = try bench.request(
            "POST", "/v1/holds/\(hold.id)/\(action)", ["If-Match: \"\(hold.digest)\""], body: body)
        #expect(answer.status == 400)
        #expect(try answer.code() == code)
        #expect(try await bench.gate.gate.hold(hold.id).state == .pending)
    }

    @Test("a reason has a length", arguments: [(2000, 200), (2001, 400)])
    func longReason(length: Int, status: Int) async throws {
        let bench = try await SocketBench()
        defer { bench.stop() }
        let hold = try await bench.hold()
        let answer = try bench.request(
            "POST", "/v1/holds/\(hold.id)/reject", ["If-Match: \"\(hold.digest)\""],
            body: #"{"reason":"\#(String(repeating: "r", count: length))"}"#)
        #expect(answer.status == status)
    }

    @Test("connections are limited, and a place is free again when one ends")
    func connections() async throws {
        var limits = OperatorLimits()
        limits.connections = 1
        let bench = try await SocketBench(limits: limits)
        defer { bench.stop() }
        let first = try bench.dial()
        let busy = try bench.request("GET", "/v1/health")
        #expect(busy.status == 503)
        #expect(try busy.code() == "too_many_connections")
        close(first)
        var status = 503
        while status == 503 { status = try bench.request("GET", "/v1/health").status }
        #expect(status == 200)
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
