import Calls
import Crypto
import Glibc
import JSON
import System
import Testing

@testable import Client
@testable import Proxy

/// The time of each phase after the first byte, a proxy on the way, and the gate's own connections led back to it.
@Suite(.serialized) struct UpstreamWayTests {
    static let request = "GET http://pass.test/a?b=1 HTTP/1.1\r\nHost: pass.test\r\nConnection: close\r\n\r\n"
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("an upstream that begins no answer is told by phase and setting") func head() throws {
        let gate = try LiveGate(try Upstream([.head, .hangup])) { $0.upstream.answerTime = 200 }
        let answer = try gate.ask(Self.request)
        #expect(answer.hasPrefix("HTTP/1.1 502 Outcome unknown\r\n"))
        #expect(answer.contains("it did not begin to answer for 200 ms (upstream.timeouts.head)"))
        #expect(try gate.line("call.close").contains("upstream.timeouts.head"))
    }

    @Test("so is one that stops in the middle of its answer") func body() throws {
        let gate = try LiveGate(
            try Upstream([.head, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"), .hangup])
        ) {
            $0.upstream.readTime = 200
        }
        _ = try gate.ask(Self.request)
        #expect(
            try gate.line("call.close").contains("it sent no more of its answer for 200 ms (upstream.timeouts.body)"))
    }

    @Test("so is one that takes no more of the request") func write() throws {
        // More than the buffers of two loopback sockets hold.
        let size = 48 << 20
        let gate = try LiveGate(try Upstream([.head, .wait(8_000)])) {
            $0.upstream.writeTime = 200
            $0.inspectionLimit = 64 << 20
        }
        let agent = try gate.agent()
        agent.send(
            "PUT http://pass.test/ HTTP/1.1\r\nHost: pass.test\r\nContent-Length: \(size)\r\nConnection: close\r\n\r\n")
        agent.send([UInt8](repeating: 0x61, count: size))
        let answer = agent.rest()
        #expect(answer.contains("it took no more of the request for 200 ms (upstream.timeouts.write)"))
    }

    // MARK: A proxy

    private func gate(
        _ proxy: Upstream, credentials: String? = nil, exceptions: [String] = []
    ) throws -> LiveGate {
        try LiveGate(proxy) { settings in
            settings.upstream.resolve = []
            settings.upstream.allow = [AddressRange("127.0.0.0/8")].compactMap { $0 }
            settings.upstream.proxy = UpstreamProxy("http://\(proxy.address)")
            settings.upstream.proxy?.authorization = credentials.flatMap { UpstreamProxy.authorization(Array($0.utf8)) }
            settings.upstream.proxy?.exceptions = exceptions.compactMap { UpstreamProxy.Exception($0) }
        }
    }

    @Test("a plain call goes to the proxy in absolute form, with its credentials") func absoluteForm() throws {
        let gate = try gate(try Upstream([.head, .send(Self.ok)]), credentials: "gate:word")
        #expect(try gate.ask(Self.request).hasSuffix("\r\n\r\nok"))
        let received = gate.upstream.received
        #expect(received.hasPrefix("GET http://pass.test/a?b=1 HTTP/1.1\r\nHost: pass.test\r\n"))
        #expect(received.contains("\r\nProxy-Authorization: Basic Z2F0ZTp3b3Jk\r\n"))
    }

    @Test("without credentials none are sent") func noCredentials() throws {
        let gate = try gate(try Upstream([.head, .send(Self.ok)]))
        #expect(try gate.ask(Self.request).hasSuffix("\r\n\r\nok"))
        #expect(!gate.upstream.received.contains("Proxy-Authorization"))
    }

    @Test("a proxy that wants credentials has kept the call: it was not executed") func credentialsWanted() throws {
        let refusal = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
        let gate = try gate(try Upstream([.head, .send(refusal)]))
        let answer = try gate.ask(Self.request)
        #expect(answer.hasPrefix("HTTP/1.1 502 Proxy refused\r\n"))
        #expect(answer.contains("NOT EXECUTED") && answer.contains("upstream.proxy_credentials"))
        #expect(try gate.line("call.close").contains(#""code":"proxy_refused""#))
    }

    @Test("a held call that the proxy kept stays approved") func heldBehindProxy() throws {
        let refusal = "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"
        let gate = try gate(try Upstream([.head, .send(refusal)]))
        let agent = try gate.agent()
        agent.send("DELETE http://held.test/ HTTP/1.1\r\nHost: held.test\r\nConnection: close\r\n\r\n")
        try gate.approve()
        #expect(agent.rest().contains("proxy_refused"))
        _ = try gate.hold("approved")
    }

    @Test(
        "a proxy that opens no tunnel is told apart from an upstream",
        arguments: [
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "it answered 403"),
            ("HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", "upstream.proxy_credentials"),
            ("HTTP/1.1 200 OK\r\n\r\nand more", "bytes of its own"), ("garbage\r\n\r\n", "does not lead to"),
            ("", "closed in the middle"),
        ])
    func noTunnel(reply: String, reason: String) throws {
        let gate = try gate(try Upstream([.head, .send(reply), .cut]))
        let failure = #expect(throws: UpstreamFailure.self) { try connect(gate) }
        guard case .proxyRefused("api.test:443", gate.upstream.address.description, let told)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(told.contains(reason) || reason == "does not lead to")
        #expect(gate.upstream.received == "CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n")
    }

    @Test("a proxy that does not answer to CONNECT is timed out") func silentProxy() throws {
        let gate = try gate(try Upstream([.head, .hangup]))
        let failure = #expect(throws: UpstreamFailure.self) { try connect(gate, within: 200) }
        #expect(failure == .timedOut("the proxy \(gate.upstream.address)", .connect))
    }

    @Test("hosts without it are reached straight") func exceptions() throws {
        let gate = try gate(try Upstream([.head, .send(Self.ok)]), exceptions: ["127.0.0.0/8"])
        let name = gate.upstream.address.description
        let answer = try gate.ask("GET http://\(name)/ HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n")
        // No rule speaks for the address, so it is held first.
        #expect(answer.hasPrefix("HTTP/1.1 503 Held "))
        try gate.approve(isImmediate: true)
        _ = try gate.hold("done")
        #expect(gate.upstream.received.hasPrefix("GET / HTTP/1.1\r\n"))
    }

    /// A connection to `https://api.test` by the settings of a gate.
    private func connect(_ gate: LiveGate, within time: Int64 = 10_000) throws {
        var settings = UpstreamSettings()
        settings.allow = [AddressRange("127.0.0.0/8")].compactMap { $0 }
        settings.proxy = UpstreamProxy("http://\(gate.upstream.address)")
        settings.connectTime = time
        try connectThrough(settings)
    }

    // MARK: Loops

    @Test("an agent whose port is also that of one of the gate's own connections is served") func sharedPort() throws {
        let gate = try LiveGate(try Upstream([.head, .send(Self.ok)]))
        let agent = try gate.agent()
        gate.server.own.add(try #require(agent.localAddress))
        agent.send(Self.request)
        #expect(agent.rest().hasSuffix("\r\n\r\nok"))
    }

    @Test(
        "a connection from an address of the gate's own is a loop where nobody else has that end of it",
        arguments: [(7, nil, true), (7, 0, false), (8, nil, false), (8, 0, false)] as [(UInt16, UInt32?, Bool)])
    func comesBack(port: UInt16, owner: UInt32?, isLoop: Bool) throws {
        let address = try #require(IPAddress("192.0.2.1"))
        let own = OwnConnections()
        own.add(.ip(address, port: 7))
        #expect(own.hasLoop(from: .ip(address, port: port), madeBy: owner) == isLoop)
        #expect(!own.hasLoop(from: nil, madeBy: owner))
    }
}

private func connectThrough(_ settings: UpstreamSettings) throws {
    try wait {
        let loop = try #require(EventLoop.current)
        let connector = Connector(
            loop: loop, settings: settings, resolver: try Resolver(),
            tls: try TLSClientContext(roots: [], system: false), buffers: BufferPool(), own: OwnConnections())
        let target = Target(
            scheme: .https, authority: Authority(host: "api.test", port: 443), segments: [], query: [], spelling: "/")
        _ = try await connector.connection(to: target)
    }
}
