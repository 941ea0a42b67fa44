import Calls
import Foundation
import JSON
import Testing
import WireTesting

/// Whatever an agent sends, the gate refuses it or sends on what every server reads as the gate did.
///
/// A sample runs with the suite; `deploy/prove hostile` sends everything, and says what proxies in use do with the same.
@Suite(.serialized, .enabled(if: HostileServers.areThere, Comment(rawValue: HostileServers.areMissing)))
struct HostileTests {
    static let isWhole = ProcessInfo.processInfo.environment["TIERGATE_HOSTILE"] == "all"

    static let rules = """
        tiergate: 1
        pack: hostile
        version: 1.0.0
        hosts: ["**.test"]
        rules:
          - {id: hostile.pass, tier: 2, match: {host: "**.test", path: "/**"}, summary: passes}
          - {id: hostile.deny, block: true, reason: never, match: {host: api.test, path: "/deny/**"}, summary: never}
          - {id: hostile.admin, block: true, reason: never, match: {host: api.test, path: "/v1/admin/**"}, summary: never}

        """

    /// A gate before a recorder, and the servers that read what was recorded.
    private struct Bench {
        let recorder: HostileRecorder
        let servers: HostileServers
        let gate: TestGate

        init() async throws {
            let scratch = try Scratch()
            recorder = try HostileRecorder()
            servers = try await HostileServers(scratch, recorder: recorder.port)
            try scratch.write("rules/hostile.yaml", HostileTests.rules)
            gate = try await TestGate(scratch, TestGate.Settings(resolve: ["**.test": recorder.port]))
        }

        /// What the gate sends on of a message, connection by connection.
        func forward(_ bytes: [UInt8], by entrance: HostileMessage.Entrance) throws -> [[UInt8]] {
            let agent = try #require(HostileSocket(port: gate.port))
            if entrance == .tunnel {
                agent.send(Array("CONNECT api.test:80 HTTP/1.1\r\nHost: api.test:80\r\n\r\n".utf8))
                try #require(String(decoding: agent.head(), as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
            }
            agent.send(bytes)
            agent.finishSending()
            _ = agent.rest()
            return recorder.take()
        }
    }

    @Test(
        "every message that is sent on is read by HAProxy, nginx, Node and Go as by the gate", .timeLimit(.minutes(10)))
    func readings() async throws {
        let bench = try await Bench()
        let messages = Self.isWhole ? HostileCorpus.messages : HostileCorpus.sample(of: 4)
        var tally = HostileTally()
        for message in messages {
            let expected = WireConversation(message.bytes, by: message.entrance).readings.filter { !$0.isBlocked }
            let sent = try bench.forward(message.bytes, by: message.entrance)
            #expect(sent == expected.map(\.sent), "\(message)")
            var fate = HostileTally.Fate.refused
            for (bytes, reading) in zip(sent, expected) {
                let own = HostileReading(
                    method: reading.method, target: reading.target, host: reading.host, body: reading.body)
                let answers = try HostileServers.names.map { try bench.servers.read(bytes, as: $0) }
                for (name, answers) in zip(HostileServers.names, answers) {
                    // A server that does not serve it (a method unknown to it) does not misread it.
                    guard !answers.readings.isEmpty else { continue }
                    let isSame =
                        answers.readings.count == 1 && !answers.hasRefused
                        && answers.readings[0].isSame(asAnswerOf: own)
                    #expect(isSame, "\(message): to \(name) it is \(answers.readings)")
                    if !isSame { fate = .ambiguous }
                }
                if fate != .ambiguous { fate = max(fate, HostileTally.fate(of: answers)) }
            }
            tally.count("tiergate", fate)
        }
        try await bench.gate.end()
        #expect(tally.of("tiergate", .ambiguous) == 0)
        if Self.isWhole { try compare(bench, messages, &tally) }
        print(tally.table(HostileServers.proxies))
    }

    /// The same messages through proxies in use.
    private func compare(_ bench: Bench, _ messages: [HostileMessage], _ tally: inout HostileTally) throws {
        for name in HostileServers.proxies {
            for message in messages {
                try bench.servers.forward(message.bytes, through: name)
                var fate = HostileTally.Fate.refused
                for bytes in bench.recorder.take() {
                    fate = max(
                        fate,
                        HostileTally.fate(of: try HostileServers.names.map { try bench.servers.read(bytes, as: $0) }))
                }
                tally.count(name, fate)
                if fate == .ambiguous { tally.example(name, "\(message)") }
            }
        }
    }

    @Test("no spelling of a blocked path reaches it, on any of the servers", .timeLimit(.minutes(5)))
    func paths() async throws {
        let bench = try await Bench()
        let all = HostilePaths.all
        let paths = Self.isWhole ? all : stride(from: 0, to: all.count, by: 6).map { all[$0] }
        var sentOn = 0
        for path in paths {
            let request = Array("GET ".utf8) + path.bytes + Array(" HTTP/1.1\r\nHost: api.test\r\n\r\n".utf8)
            for bytes in try bench.forward(request, by: .tunnel) {
                sentOn += 1
                for name in HostileServers.names {
                    for reading in try bench.servers.read(bytes, as: name).readings {
                        #expect(reading.route == "/", "\(path): to \(name) it is under \(reading.route)")
                    }
                }
            }
        }
        #expect(sentOn > 0 && sentOn < paths.count)
        for (name, prefix) in HostileServers.names.flatMap({ name in ["/deny/", "/v1/admin/"].map { (name, $0) } }) {
            let plain = Array("GET \(prefix)x HTTP/1.1\r\nHost: api.test\r\n\r\n".utf8)
            #expect(try bench.servers.read(plain, as: name).readings.map(\.route) == [prefix], "\(name)")
        }
        print("hostile paths: \(paths.count) spellings, \(sentOn) sent on, none under a blocked prefix on any server")
        try await bench.gate.end()
    }
}

extension WireReading {
    /// What the rules of these tests block.
    fileprivate var isBlocked: Bool {
        let segments = call.target.segments
        return call.target.authority.host == "api.test"
            && (segments.first == "deny" || segments.starts(with: ["v1", "admin"]))
    }
}

extension HostileReading {
    /// An answer to HEAD has no body to tell of.
    fileprivate func isSame(asAnswerOf other: HostileReading) -> Bool {
        var other = other
        if other.method == "HEAD" { other.body = [] }
        return isSame(as: other)
    }
}
