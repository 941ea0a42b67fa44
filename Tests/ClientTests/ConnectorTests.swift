import Calls
import Crypto
import Glibc
import JSON
import System
import Testing

@testable import Client

/// A connector that asks a name server which never answers, and trusts nobody.
private struct Bench: Sendable {
    var settings = UpstreamSettings()
    let own = OwnConnections()

    init(allow: [String] = ["127.0.0.0/8"], _ change: (inout UpstreamSettings) -> Void = { _ in }) {
        settings.allow = allow.compactMap { AddressRange($0) }
        change(&settings)
    }

    /// What `body` finds with a connector on a loop of its own.
    func run<T: Sendable>(_ body: @escaping @Sendable (Connector, EventLoop) async throws -> T) throws -> T {
        let silent = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(silent, $0, size) + getsockname(silent, $0, &size)
            }
        }
        let file = "/tmp/tiergate-resolv-\(getpid())-\(silent)"
        let stream = try #require(fopen(file, "w"))
        fputs("nameserver 127.0.0.1\n", stream)
        fclose(stream)
        defer {
            close(silent)
            unlink(file)
        }
        let resolver = try Resolver(configuration: file, port: UInt16(bigEndian: form.sin_port))
        let tls = try TLSClientContext(roots: [], system: false)
        return try onLoop { [settings, own] loop in
            let connector = Connector(
                loop: loop, settings: settings, resolver: resolver, tls: tls, buffers: BufferPool(), own: own)
            return try await body(connector, loop)
        }
    }

    /// Why connecting to it failed; nil where it did not.
    func failure(_ host: String, _ port: UInt16, _ scheme: Scheme = .http) throws -> UpstreamFailure? {
        try run { connector, _ in
            do throws(UpstreamFailure) {
                _ = try await connector.connection(to: .of(host, port, scheme))
                return nil
            } catch {
                return error
            }
        }
    }
}

extension Target {
    fileprivate static func of(_ host: String, _ port: UInt16, _ scheme: Scheme = .http) -> Target {
        Target(
            scheme: scheme,
            authority: Authority(host: Text(host), port: port, isLiteral: IPAddress(host) != nil), segments: [],
            query: [], spelling: "/")
    }
}

extension Listener {
    fileprivate var port: UInt16 { if case .ip(_, let port) = address { port } else { 0 } }
}

/// Accepts one connection and hands it over.
private func accepted(_ listener: Listener, on loop: EventLoop) async -> Socket? {
    let taken = Taken()
    loop.spawn {
        try? await listener.accept(on: loop, limit: ConnectionLimit(1)) { fd, _ in
            taken.socket = try? Socket(owning: fd, on: loop)
            while taken.socket != nil { await loop.sleep(milliseconds: 5) }
        }
    }
    while taken.socket == nil { await loop.sleep(milliseconds: 2) }
    defer { taken.socket = nil }
    return taken.socket
}

private final class Taken: @unchecked Sendable { var socket: Socket? }

@Suite struct ConnectorTests {
    // MARK: Time

    @Test("each phase before the first byte has a time, and is named when it is over") func phases() throws {
        let named = Bench { $0.resolveTime = 300 }
        #expect(try named.failure("slow.test", 80) == .timedOut("slow.test", .resolve))
        let hole = try BlackHole()
        guard case .ip(_, let holePort) = hole.address else { return }
        let connecting = Bench { $0.connectTime = 300 }
        #expect(try connecting.failure("127.0.0.1", holePort) == .timedOut("127.0.0.1:\(holePort)", .connect))
        // The kernel takes the connection, and nobody speaks.
        let mute = try listening()
        let shaking = Bench { $0.handshakeTime = 300 }
        #expect(
            try shaking.failure("127.0.0.1", mute.port, .https) == .timedOut("127.0.0.1:\(mute.port)", .handshake))
        #expect(try shaking.failure("127.0.0.1", mute.port, .http) == nil)
    }

    @Test("a name that is not answered for delays no other connection") func independent() throws {
        let open = try listening()
        let bench = Bench {
            $0.resolveTime = 600
            $0.resolve = [NameOverride(pattern: "fast.test", address: "127.0.0.1")].compactMap { $0 }
        }
        let port = open.port
        let order = try bench.run { connector, loop in
            nonisolated(unsafe) let connector = connector
            let order = Order()
            loop.spawn {
                _ = try? await connector.connection(to: .of("slow.test", 80))
                order.words.append("slow")
            }
            _ = try await connector.connection(to: .of("fast.test", port))
            order.words.append("fast")
            while order.words.count < 2 { await loop.sleep(milliseconds: 5) }
            return order.words
        }
        #expect(order == ["fast", "slow"])
    }

    // MARK: Addresses

    @Test(
        "an address that is not public is refused, whatever way it is written, and let through where it is allowed",
        arguments: [
            "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
            "224.0.0.1",
            "::1", "::", "fd00:ec2::254", "fe80::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1",
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
        ])
    func forbidden(host: String) throws {
        let failure = try Bench(allow: []).failure(host, 9)
        guard case .forbidden(host, _, _)? = failure else {
            Issue.record("\(host): \(String(describing: failure))")
            return
        }
        let open = Bench(allow: ["0.0.0.0/0", "::/0"]) { $0.connectTime = 50 }
        if case .forbidden? = try open.failure(host, 9) { Issue.record("\(host) is allowed") }
    }

    @Test("a proxy's own address is checked too, and an address behind it") func proxyAddress() throws {
        let open = try listening()
        let bench = { (allow: [String]) in
            Bench(allow: allow) { $0.proxy = UpstreamProxy("http://127.0.0.1:\(open.port)") }
        }
        guard case .forbidden("127.0.0.1", _, _)? = try bench([]).failure("api.test", 80) else {
            Issue.record("the proxy is at a forbidden address")
            return
        }
        guard case .forbidden("10.0.0.1", _, _)? = try bench(["127.0.0.0/8"]).failure("10.0.0.1", 80) else {
            Issue.record("a proxy is no way to a forbidden address")
            return
        }
        #expect(try bench(["127.0.0.0/8"]).failure("api.test", 80) == nil)
    }

    @Test(
        "the gate's own listeners are not connected to",
        arguments: [
            ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false), ("127.0.0.1", "0.0.0.0", true),
            ("0.0.0.0", "127.0.0.1", true), ("0.0.0.0", "127.1.2.3", true), ("::", "127.0.0.1", true),
            ("0.0.0.0", "::1", true), ("::1", "::", true), ("0.0.0.0", "10.254.253.252", false),
        ])
    func loop(own: String, asked: String, isLoop: Bool) throws {
        let bench = Bench(allow: ["0.0.0.0/0", "::/0"]) { settings in
            settings.own = [IPAddress(own)].compactMap { $0 }.map { .ip($0, port: 9) }
            settings.connectTime = 50
        }
        let isRefused = if case .loop? = try bench.failure(asked, 9) { true } else { false }
        #expect(isRefused == isLoop)
        // The same address on another port is somebody else.
        if case .loop? = try bench.failure(asked, 10) { Issue.record("port 10 is not the gate's") }
    }

    @Test("neither an override nor a proxy leads to the gate itself") func indirectLoop() throws {
        let bench = Bench { settings in
            settings.own = [.ip(.v4(0x7F00_0001), port: 9)]
            settings.resolve = [NameOverride(pattern: "**.test", address: "127.0.0.1:9")].compactMap { $0 }
            settings.proxy = UpstreamProxy("http://127.0.0.1:9")
        }
        #expect(try bench.failure("api.test", 80) == .loop("api.test:80"))
        #expect(try bench.failure("api.other", 80) == .loop("127.0.0.1:9"))
    }

    // MARK: The pool

    @Test("this side of each open connection is known, and forgotten with it") func ownConnections() throws {
        let open = try listening()
        let bench = Bench()
        let (port, own) = (open.port, bench.own)
        let (during, after) = try bench.run { connector, _ in
            var connection: Connector.Connection? = try await connector.connection(to: .of("127.0.0.1", port))
            let local = try #require(connection?.stream.socket.localAddress)
            let during = own.contains(local)
            connection = nil
            return (during, own.contains(local))
        }
        #expect(during && !after)
    }

    @Test("a connection is used again by the same scheme and authority, and by no other") func reuse() throws {
        let open = try listening()
        let bench = Bench {
            $0.resolve = [NameOverride(pattern: "**.test", address: "127.0.0.1")].compactMap { $0 }
        }
        let port = open.port
        let isSame = try bench.run { connector, _ in
            let first = try await connector.connection(to: .of("a.test", port))
            connector.keep(first)
            let other = try await connector.connection(to: .of("b.test", port))
            let fresh = try await connector.connection(to: .of("a.test", port), isFresh: true)
            let again = try await connector.connection(to: .of("a.test", port))
            return [other === first, fresh === first, again === first]
        }
        #expect(isSame == [false, false, true])
    }

    @Test("no more are kept than may be, for one host and for all, and none for longer") func limits() throws {
        let open = try listening()
        let resolve = [NameOverride(pattern: "**.test", address: "127.0.0.1")].compactMap { $0 }
        func kept(_ hosts: [String], waiting: Int64 = 0, _ change: (inout UpstreamSettings) -> Void) throws -> Int {
            let bench = Bench { settings in
                settings.resolve = resolve
                change(&settings)
            }
            let port = open.port
            return try bench.run { connector, loop in
                var connections: [Connector.Connection] = []
                for host in hosts { connections.append(try await connector.connection(to: .of(host, port))) }
                for connection in connections { connector.keep(connection) }
                if waiting > 0 { await loop.sleep(milliseconds: waiting) }
                var again = 0
                for host in hosts {
                    let taken = try await connector.connection(to: .of(host, port))
                    if connections.contains(where: { $0 === taken }) { again += 1 }
                }
                return again
            }
        }
        #expect(try kept(["a.test", "a.test", "a.test"]) { $0.idlePerAuthority = 2 } == 2)
        #expect(try kept(["a.test", "b.test", "c.test"]) { $0.idleTotal = 2 } == 2)
        #expect(try kept(["a.test", "b.test", "c.test"]) { _ in } == 3)
        #expect(try kept(["a.test"], waiting: 80) { $0.idleTime = 50 } == 0)
    }

    @Test("a kept connection that the upstream has closed is not used again") func stale() throws {
        let open = try listening()
        let isSame = try Bench().run { connector, loop in
            async let peer = accepted(open, on: loop)
            let first = try await connector.connection(to: .of("127.0.0.1", open.port))
            let socket = await peer
            connector.keep(first)
            socket?.finishWriting()
            while !first.stream.socket.hasHungUp { await loop.sleep(milliseconds: 2) }
            return try await connector.connection(to: .of("127.0.0.1", open.port)) === first
        }
        #expect(!isSame)
    }

    @Test("nor is one on which it said something that nobody had asked for") func unasked() throws {
        let open = try listening()
        let isSame = try Bench().run { connector, loop in
            async let peer = accepted(open, on: loop)
            let first = try await connector.connection(to: .of("127.0.0.1", open.port))
            let socket = await peer
            connector.keep(first)
            let words = Array("HTTP/1.1 408 Request Timeout\r\n\r\n".utf8)
            _ = try words.withUnsafeBytes { bytes throws in try socket?.tryWrite(bytes) }
            while first.stream.socket.hasNothingToRead { await loop.sleep(milliseconds: 2) }
            return try await connector.connection(to: .of("127.0.0.1", open.port)) === first
        }
        #expect(!isSame)
    }
}

private final class Order: @unchecked Sendable { var words: [String] = [] }
