import Calls
import Glibc
import JSON
import Rules
import System
import Testing

@testable import Names
@testable import Proxy

@Suite("Questions for names at a live gate")
struct NameServingTests {
    /// A gate with one jail, whose questions come in at two loopback ports.
    private final class Jail {
        let live: LiveGate
        let interception: Interception
        private let port: UInt16
        private let streams: UInt16

        init() throws {
            live = try LiveGate(try Upstream([.hangup]))
            let datagrams = try DatagramSocket(.ip(.v4(0x7F00_0001), port: 0))
            let listener = try Listener(.ip(.v4(0x7F00_0001), port: 0))
            guard case .ip(_, let port) = datagrams.address, case .ip(_, let streams) = listener.address else {
                throw Unfound(what: "ports")
            }
            (self.port, self.streams) = (port, streams)
            interception = live.server.intercept(
                InterceptedListeners(
                    .transparent, of: .session(SessionID("jail/1")), streams: [], datagrams: [datagrams],
                    nameStreams: [listener]))
        }

        func send(_ message: [UInt8], patience: Int = 10) throws -> [UInt8] {
            let socket = Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
            defer { close(socket) }
            var limit = timeval(tv_sec: patience, tv_usec: 0)
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(connected == 0)
            _ = Glibc.send(socket, message, message.count, 0)
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(socket, &buffer, buffer.count, 0)
            return Array(buffer.prefix(max(0, count)))
        }

        /// The status, and the data of the records behind it.
        func ask(_ name: String, _ type: RecordType, id: UInt16 = 9) throws -> (
            status: UInt8, answers: Int, data: [UInt8]
        ) {
            let answer = try send(NameServingTests.question(name, type, id: id))
            try #require(answer.count >= 12)
            return (answer[3] & 15, Int(answer.word(at: 6)), answer)
        }

        func agent() throws -> Agent { try Agent(port: streams) }
    }

    /// Without the record for longer answers.
    fileprivate static func question(_ name: String, _ type: RecordType, id: UInt16) -> [UInt8] {
        var bytes = Array(NameQuestion.write(DomainName(.init(name)) ?? .root, type, id: id).dropLast(11))
        bytes[11] = 0
        return bytes
    }

    @Test("the gate's own name has an address, whatever rules say; it leads to the gate and to nobody else")
    func ownName() throws {
        let jail = try Jail()
        let answer = try jail.ask("tiergate.internal", .a)
        #expect(answer.status == 0 && answer.answers == 1)
        #expect(try jail.ask("tiergate.internal", .a).data.suffix(4) == answer.data.suffix(4))
        #expect(!jail.live.lines.contains { $0.contains("tiergate.internal") })
    }

    @Test("a name has one address in each family, as long as the gate runs, and the address leads back")
    func addresses() throws {
        let jail = try Jail()
        let first = try jail.ask("read.test", .a)
        #expect(first.status == 0 && first.answers == 1)
        #expect(first.data.suffix(4).starts(with: [198]) && (18...19).contains(first.data.suffix(3).first ?? 0))
        #expect(try jail.ask("READ.test", .a).data.suffix(4) == first.data.suffix(4))
        #expect(try jail.ask("pass.test", .a).data.suffix(4) != first.data.suffix(4))
        let six = try jail.ask("read.test", .aaaa)
        #expect(six.answers == 1 && six.data.suffix(16).starts(with: [0xFD, 0x74]))
        let back = first.data.suffix(4).reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa"
        #expect(try jail.ask(back, .ptr).data.suffix(11) == DomainName("read.test")?.wire[...])
    }

    @Test(
        "what is no address is answered here, refused, or not there",
        arguments: [
            ("localhost", .a, 0, 1), ("x.localhost", .aaaa, 0, 1), ("localhost", .txt, 0, 0),
            ("read.test", .https, 0, 0),
            ("read.test", .svcb, 0, 0), ("1.255.19.198.in-addr.arpa", .ptr, 3, 0),
            ("1.0.0.127.in-addr.arpa", .ptr, 0, 1), ("8.8.8.8.in-addr.arpa", .ptr, 5, 0), ("blocked.test", .a, 5, 0),
            ("blocked.test", .txt, 5, 0), ("held.test", .txt, 5, 0), ("unknown.test", .mx, 5, 0),
            ("unknown.test", .a, 0, 1), ("held.test", .a, 0, 1),
            ("mzxw6ytboi2dmnrugu3tcobzgaydqmrqgeytgna.evil.test", .a, 5, 0),
            ("mzxw6ytboi2dmnrugu3tcobzgaydqmrqgeytgna.evil.test", .https, 0, 0),
        ] as [(String, RecordType, UInt8, Int)])
    func kinds(name: String, type: RecordType, status: UInt8, answers: Int) throws {
        let answer = try Jail().ask(name, type)
        #expect(answer.status == status && answer.answers == answers)
    }

    @Test("what is refused is in the journal, with its mark where it looks like data")
    func journal() throws {
        let jail = try Jail()
        _ = try jail.ask("blocked.test", .a)
        #expect(try jail.live.line("call.close").contains("\"name_blocked\""))
        _ = try jail.ask("mzxw6ytboi2dmnrugu3tcobzgaydqmrqgeytgna.evil.test", .a)
        #expect(try jail.live.line("call.close", count: 2).contains("\"name_carries_data\""))
        let opened = try jail.live.line("call.open", count: 2)
        #expect(opened.contains("\"secret\"") && opened.contains("\"jail/1\"") && opened.contains("evil.test/A\""))
        // What is answered here sends nothing, and is no call.
        _ = try jail.ask("read.test", .a)
        #expect(jail.live.lines.count { $0.contains("\"call.open\"") } == 2)
    }

    @Test("a session has so many names and no more, and those that it has go on")
    func limit() throws {
        let jail = try Jail()
        for number in 0..<SyntheticTable.mostNames { #expect(try jail.ask("n\(number).test", .a).status == 0) }
        #expect(try jail.ask("one-more.test", .a).status == 5)
        #expect(try jail.ask("n7.test", .aaaa).status == 0)
    }

    @Test("questions that leave take a call's place in the session's rate, and are counted as begun")
    func rate() throws {
        let live = try LiveGate(try Upstream([.hangup])) {
            $0.session.rate = 1
            $0.session.burst = 1
        }
        let names = live.server.intercept(
            InterceptedListeners(
                .transparent, of: .session(SessionID("jail/1")), streams: [], datagrams: [], nameStreams: [])
        ).names
        let session = try #require(live.server.sessions.session(SessionID("jail/1")))
        func reply(at now: Int64) throws -> String {
            let question = try NameQuestion(Self.question("pass.test", .mx, id: 7))
            switch names.reply(to: question, of: session, at: now) {
            case .now: return "answered"
            case .later:
                names.finish()
                return "asked"
            case .none: return "nothing"
            }
        }
        #expect(try reply(at: 1000) == "asked" && reply(at: 1000) == "nothing")
        #expect(try reply(at: 60_000) == "asked")
        #expect(session.facts.known.calls == 3)
        // What is answered here sends nothing, and takes no place.
        let address = try NameQuestion(Self.question("pass.test", .a, id: 7))
        for _ in 0..<3 {
            guard case .now = names.reply(to: address, of: session, at: 60_000) else {
                Issue.record("an address was refused")
                return
            }
        }
    }

    @Test("bytes without a reading are refused in the protocol's words, or dropped")
    func malformed() throws {
        let jail = try Jail()
        let question = Self.question("read.test", .a, id: 9)
        #expect(try jail.send(question + [0])[3] & 15 == 1)
        var update = question
        update[2] = 0x28
        #expect(try jail.send(update)[3] & 15 == 4)
        var answer = question
        answer[2] |= 0x80
        #expect(try jail.send(answer, patience: 1).isEmpty)
        #expect(try jail.send([1, 2, 3], patience: 1).isEmpty)
        #expect(try jail.ask("read.test", .a).status == 0)
    }

    @Test("questions over one connection are answered in turn, and a length that no question has ends it")
    func streams() throws {
        let jail = try Jail()
        let agent = try jail.agent()
        let questions = [Self.question("read.test", .a, id: 1), Self.question("localhost", .a, id: 2)]
        agent.send(questions.flatMap { [0, UInt8($0.count)] + $0 })
        var bytes: [UInt8] = []
        while bytes.count < 2 || bytes.count < 2 * (Int(bytes[1]) + 2), let piece = agent.next(), !piece.isEmpty {
            bytes += piece
        }
        #expect(bytes.word(at: 2) == 1)
        #expect(bytes.word(at: Int(bytes.word(at: 0)) + 4) == 2)
        agent.send([0xFF, 0xFF, 0])
        #expect(agent.rest().isEmpty)
    }

    @Test("nothing is answered once the set has ended")
    func ends() throws {
        let jail = try Jail()
        #expect(try jail.ask("read.test", .a).status == 0)
        jail.interception.end()
        let answers = try eventually("no answer any more") {
            try jail.send(Self.question("read.test", .a, id: 9), patience: 1).isEmpty ? true : nil
        }
        #expect(answers)
    }
}
