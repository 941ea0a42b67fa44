import Glibc
import Synchronization
import System
import Testing

@testable import System

/// A resolver that asks one scripted name server, by a clock that stands still until it is moved.
private final class Naming: Sendable {
    let server: NameServer
    let resolver: Resolver
    let file: String
    init(_ lines: String = "", _ reply: @escaping @Sendable (NameServer.Question) -> NameServer.Reply) throws {
        server = try NameServer(reply)
        file = "/tmp/tiergate-resolv-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Naming.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n\(lines)\n", to: file)
        let clock = Clock()
        self.clock = clock
        resolver = try Resolver(configuration: file, port: server.port, clock: { clock.now })
    }

    deinit {
        server.close()
        unlink(file)
    }

    final class Clock: Sendable {
        private let time = Mutex<Int64>(1_000_000)
        var now: Int64 { time.withLock { $0 } }
        func pass(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
    }

    let clock: Clock

    static func write(_ text: String, to file: String) throws {
        let stream = try #require(fopen(file, "w"))
        fputs(text, stream)
        fclose(stream)
    }

    func ask(_ name: String, within time: Int64 = 10_000) throws -> [String] {
        try onLoop { [resolver] loop in
            try await resolver.addresses(of: name, on: loop, by: loop.now + time).map(\.description)
        }
    }

    var questions: Int { server.questions.count }
}

@Suite struct ResolverTests {
    private static let both: [NameServer.Record] = [
        .address("2001:db8::1", ttl: 60), .address("2001:db8::2", ttl: 60), .address("192.0.2.1", ttl: 60),
        .address("192.0.2.2", ttl: 60), .address("192.0.2.3", ttl: 60),
    ]

    @Test("both families are asked at once, and their addresses come in turns") func families() throws {
        let naming = try Naming { _ in .records(ResolverTests.both) }
        #expect(
            try naming.ask("both.test") == ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"])
        #expect(Set(naming.server.questions.map(\.type)) == [1, 28])
    }

    @Test("aliases are followed") func aliases() throws {
        let naming = try Naming { _ in
            .records([.alias("b.test", ttl: 60), .alias("c.test", ttl: 60), .address("192.0.2.9", ttl: 60)])
        }
        #expect(try naming.ask("a.test") == ["192.0.2.9"])
    }

    @Test("what is too long for a datagram is asked for over TCP") func truncation() throws {
        let naming = try Naming { $0.isTCP ? .records([.address("192.0.2.7", ttl: 60)]) : .truncated }
        #expect(try naming.ask("long.test") == ["192.0.2.7"])
    }

    @Test("an answer with another id, or to another question, is none") func forged() throws {
        let naming = try Naming { _ in
            .forgedFirst([.address("192.0.2.1", ttl: 60)], forged: [.address("192.0.2.66", ttl: 60)])
        }
        #expect(try naming.ask("true.test") == ["192.0.2.1"])
    }

    @Test(
        "an answer that has no reading is a failure and not a wait",
        arguments: [
            // The name of the record points at itself; at what comes after the message; a length beyond its end.
            (1, [0xC0, 0x1B, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]),
            (1, [0xFF, 0xFF, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]),
            (1, [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0xFF, 0xFF, 192, 0, 2, 1]), (9, []),
        ] as [(UInt16, [UInt8])])
    func unreadable(answers: UInt16, bytes: [UInt8]) throws {
        let naming = try Naming { _ in .raw(answers: answers, bytes) }
        #expect(throws: ResolutionFailure.self) { try naming.ask("loop.test") }
    }

    @Test(
        "why there is no address is told apart",
        arguments: [
            (3, .noSuchName), (0, .noAddress), (2, nil),
        ] as [(UInt8, ResolutionFailure?)])
    func refusals(code: UInt8, failure: ResolutionFailure?) throws {
        let naming = try Naming { _ in .code(code) }
        let thrown = #expect(throws: ResolutionFailure.self) { try naming.ask("none.test") }
        if let failure { #expect(thrown == failure) }
    }

    @Test(
        "an answer is used again as long as it says, within bounds",
        arguments: [(60, 60_000), (0, 1_000), (1 << 20, 3_600_000)])
    func life(ttl: UInt32, milliseconds: Int64) throws {
        let naming = try Naming { _ in .records([.address("192.0.2.1", ttl: ttl), .address("2001:db8::1", ttl: ttl)]) }
        _ = try naming.ask("kept.test")
        naming.clock.pass(milliseconds - 1)
        _ = try naming.ask("kept.test")
        #expect(naming.questions == 2)
        naming.clock.pass(1)
        _ = try naming.ask("kept.test")
        #expect(naming.questions == 4)
    }

    @Test("the shortest-lived record of an answer counts, an alias too") func shortest() throws {
        let naming = try Naming { _ in .records([.alias("b.test", ttl: 5), .address("192.0.2.1", ttl: 60)]) }
        _ = try naming.ask("a.test")
        naming.clock.pass(5_000)
        _ = try naming.ask("a.test")
        #expect(naming.questions == 4)
    }

    @Test("that there is no such name is remembered briefly") func negative() throws {
        let naming = try Naming { _ in .code(3) }
        for _ in 0..<3 { #expect(throws: ResolutionFailure.noSuchName) { try naming.ask("none.test") } }
        #expect(naming.questions == 2)
        naming.clock.pass(Resolver.negativeLife)
        #expect(throws: ResolutionFailure.noSuchName) { try naming.ask("none.test") }
        #expect(naming.questions == 4)
    }

    @Test("a name is asked for once, however many wait for it") func together() throws {
        let naming = try Naming { _ in
            usleep(100_000)
            return .records([.address("192.0.2.1", ttl: 60)])
        }
        let answers = try onLoop { [resolver = naming.resolver] loop in
            let count = Counter()
            for _ in 0..<50 {
                loop.spawn {
                    let found = try? await resolver.addresses(of: "one.test", on: loop, by: loop.now + 10_000)
                    if found?.count == 1 { count.add() }
                }
            }
            while count.value < 50 { await loop.sleep(milliseconds: 5) }
            return count.value
        }
        #expect(answers == 50)
        #expect(naming.questions == 2)
    }

    @Test("a name that nobody answers for delays no other, and its wait ends in time") func slow() throws {
        let naming = try Naming { $0.name == "slow.test" ? .silence : .records([.address("192.0.2.1", ttl: 60)]) }
        let order = try onLoop { [resolver = naming.resolver] loop in
            let order = Order()
            loop.spawn {
                do throws(ResolutionFailure) {
                    _ = try await resolver.addresses(of: "slow.test", on: loop, by: loop.now + 700)
                } catch {
                    order.words.append(error == .timedOut ? "slow" : "other")
                }
            }
            for name in ["a.test", "b.test", "c.test"] {
                _ = try await resolver.addresses(of: name, on: loop, by: loop.now + 10_000)
                order.words.append(name)
            }
            while order.words.count < 4 { await loop.sleep(milliseconds: 5) }
            return order.words
        }
        #expect(order == ["a.test", "b.test", "c.test", "slow"])
    }

    @Test("one family that is not answered for does not keep the other waiting") func oneFamily() throws {
        let naming = try Naming { $0.type == 28 ? .silence : .records([.address("192.0.2.1", ttl: 60)]) }
        // Shorter than the name server's time-out.
        #expect(try naming.ask("four.test", within: 900) == ["192.0.2.1"])
    }

    @Test("no more names are asked for at once than may be") func bounded() throws {
        let naming = try Naming { _ in .silence }
        let outcome = try onLoop { [resolver = naming.resolver] loop in
            for number in 0..<Resolver.mostQuestions {
                loop.spawn { _ = try? await resolver.addresses(of: "n\(number).test", on: loop, by: loop.now + 300) }
            }
            await loop.nextTurn()
            let outcome: ResolutionFailure?
            do throws(ResolutionFailure) {
                _ = try await resolver.addresses(of: "more.test", on: loop, by: loop.now + 10_000)
                outcome = nil
            } catch {
                outcome = error
            }
            while loop.taskCount > 1 { await loop.sleep(milliseconds: 5) }
            return outcome
        }
        #expect(outcome == .busy)
    }

    @Test("the search list counts for names without a dot") func search() throws {
        let naming = try Naming("search corp.test") {
            $0.name == "build.corp.test" ? .records([.address("192.0.2.5", ttl: 60)]) : .code(3)
        }
        #expect(try naming.ask("build") == ["192.0.2.5"])
        #expect(throws: ResolutionFailure.noSuchName) { try naming.ask("elsewhere") }
    }

    @Test("a name server that is down is passed over") func secondServer() throws {
        let naming = try Naming { _ in .records([.address("192.0.2.1", ttl: 60)]) }
        try Naming.write("nameserver 127.0.0.2\nnameserver 127.0.0.1\noptions timeout:1\n", to: naming.file)
        #expect(try naming.ask("up.test") == ["192.0.2.1"])
    }

    @Test("resolv.conf is read again when it is another") func reread() throws {
        let other = try NameServer(address: "127.0.0.3") { _ in .records([.address("192.0.2.2", ttl: 60)]) }
        defer { other.close() }
        let first = try NameServer(address: "127.0.0.4", port: other.port) { _ in
            .records([.address("192.0.2.1", ttl: 60)])
        }
        defer { first.close() }
        let file = "/tmp/tiergate-resolv-\(getpid())-again"
        defer { unlink(file) }
        try Naming.write("nameserver 127.0.0.4\n", to: file)
        let resolver = try Resolver(configuration: file, port: other.port)
        func ask(_ name: String) throws -> [String] {
            try onLoop { loop in
                try await resolver.addresses(of: name, on: loop, by: loop.now + 10_000).map(\.description)
            }
        }
        #expect(try ask("a.test") == ["192.0.2.1"])
        try Naming.write("nameserver 127.0.0.3\n# and longer\n", to: file)
        var found: [String] = []
        // Looked at once a second.
        for number in 0..<200 where found != ["192.0.2.2"] {
            usleep(50_000)
            found = try ask("n\(number).test")
        }
        #expect(found == ["192.0.2.2"])
    }

    @Test("the hosts file counts") func localhost() throws {
        let naming = try Naming { _ in .code(3) }
        let addresses = try naming.ask("localhost").compactMap { IPAddress($0) }
        #expect(!addresses.isEmpty && addresses.allSatisfy { $0.restriction == "loopback" })
        #expect(naming.questions == 0)
    }

    @Test(
        "timeout and attempts of resolv.conf are honoured, within its bounds",
        arguments: [
            ("", 2_000, 3), ("options timeout:1 attempts:2", 1_000, 2), ("options timeout:99 attempts:99", 30_000, 5),
            ("options timeout:0 attempts:-1 timeout: attempts:x", 2_000, 3), ("# options timeout:1", 2_000, 3),
            ("search a\noptions ndots:2\toptions timeout:3\n", 3_000, 3),
        ] as [(String, Int32, Int32)])
    func configuration(text: String, timeout: Int32, attempts: Int32) {
        let configuration = ResolverConfiguration(reading: text)
        #expect(configuration.timeout == timeout)
        #expect(configuration.attempts == attempts)
    }
}

private final class Order: @unchecked Sendable { var words: [String] = [] }
