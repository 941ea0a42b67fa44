import Audit
import Calls
import Client
import Crypto
import Glibc
import Holds
import JSON
import Rules
import Stores
import Synchronization
import System
import Testing
import Wire

@testable import Proxy

/// A whole gate on loopback ports and a thread of its own, with a store and a journal that fail when a test says so.
final class LiveGate: Sendable {
    /// Calls to `read.test` are tier 1, to `pass.test` tier 2, to `held.test` tier 4, to `blocked.test` never sent.
    static let rules = """
        tiergate: 1
        pack: live
        version: 1.0.0
        hosts: [read.test, pass.test, held.test, blocked.test]
        rules:
          - {id: live.read, tier: 1, match: {host: read.test, path: "/**"}, summary: reads}
          - {id: live.pass, tier: 2, match: {host: pass.test, path: "/**"}, summary: passes}
          - {id: live.held, tier: 4, match: {host: held.test, path: "/**"}, summary: waits}
          - {id: live.blocked, block: true, reason: never, match: {host: blocked.test, path: "/**"}, summary: never}
        """

    let server: ProxyServer
    let store: FaultyStore
    let journal: Journal
    let upstream: Upstream
    private let directory: String
    /// The PEM file of its authority.
    var root: String { "\(directory)/authority.pem" }

    /// Why it did not serve.
    private let end = End()
    var failure: String? { end.failure.withLock { $0 } }

    private final class End: Sendable {
        let failure = Mutex<String?>(nil)
    }

    /// - Parameters:
    ///   - trusting: PEM of a root that upstreams may have.
    ///   - knowledge: what the site told of its upstreams.
    ///   - broken: an operation of the store that fails from the start.
    init(
        _ upstream: Upstream, trusting root: String? = nil, knowing knowledge: CallReader.Knowledge = .init(),
        broken: String? = nil, rules text: String = LiveGate.rules,
        _ change: (inout ProxySettings) -> Void = { _ in }
    ) throws {
        self.upstream = upstream
        var template = Array("/tmp/tiergate-test-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        directory = path
        let state = try StateDirectory(opening: path)
        let rules = RuleSet.load(
            [RuleSource(path: "live.yaml", bytes: Array(text.utf8))], digest: "d",
            now: Timestamp(milliseconds: SystemClock.wall()))
        let set = try #require(rules.0, "\(rules.1.map(\.rendered))")
        journal = try Journal(directory: state.file("journal")) { Timestamp(milliseconds: SystemClock.wall()) }
        let kept = try SQLiteHoldStore(in: state)
        store = FaultyStore(kept)
        if let broken { store.fail(broken) }
        var settings = ProxySettings()
        settings.listen = [.ip(.v4(0x7F00_0001), port: 0)]
        settings.wait = 3000
        settings.drainTime = 100
        settings.upstream.resolve = [
            try #require(NameOverride(pattern: "**.test", address: upstream.address.description))
        ]
        change(&settings)
        let parts = ProxyServer.Parts(
            rules: RulesInForce(set), store: store, journal: CallJournal(journal), spool: kept.spool,
            authority: try state.authority(for: "tests"),
            clientTLS: try TLSClientContext(roots: root.map { [$0] } ?? [], system: false),
            principalKey: try state.principalKey(),
            agents: try AgentAccess(accounts: settings.agents.accounts, tokens: settings.agents.tokens),
            site: SiteKnowledge(knowledge))
        server = try ProxyServer(settings, parts)
        let started = Semaphore()
        try WorkerThread.spawn("gate") { [server, journal, end] in
            do {
                try server.run(signals: nil, ready: { _ in started.signal() })
            } catch {
                end.failure.withLock { $0 = "\(error)" }
                started.signal()
            }
            journal.shutDown()
            Files.remove(path)
        }
        started.wait()
    }

    deinit { server.stop() }

    var port: UInt16 { if case .ip(_, let port)? = server.addresses.first { port } else { 0 } }

    func agent() throws -> Agent { try Agent(port: port) }

    /// One request on a connection of its own, and all that came back for it.
    func ask(_ request: String) throws -> String {
        let agent = try agent()
        agent.send(request)
        return agent.rest()
    }

    // MARK: Holds

    /// The one hold that there is, as soon as it is in this state.
    func hold(_ state: String) throws -> Hold {
        try eventually("a hold that is \(state)") {
            let holds = try wait { [server] in try await server.gate.holds(HoldQuery()) }
            return holds.first { $0.state.name == state }
        }
    }

    @discardableResult
    func approve(isImmediate: Bool = false) throws -> Hold {
        let hold = try hold("pending")
        let decision = Decision(
            by: Operator(uid: 1, name: "ada"), at: Timestamp(milliseconds: SystemClock.wall()), reason: nil,
            isImmediate: isImmediate)
        return try wait { [server] in
            let approved = try await server.gate.approve(
                hold.id, digest: hold.digest, decision: decision, as: .everyGroup)
            if isImmediate { server.sendNow(approved) }
            return approved
        }
    }

    /// The last line of this kind, as soon as there are `count`.
    func line(_ kind: String, count: Int = 1) throws -> String {
        try eventually("\(count) lines \(kind) in \(self.lines)") {
            let lines = self.lines.filter { $0.contains("\"\(kind)\"") }
            return lines.count >= count ? lines.last : nil
        }
    }

    /// The kinds of lines so far, in order.
    var lines: [String] {
        try? journal.flush()
        guard let files = try? Files.list("\(directory)/journal", endings: [".jsonl"]) else { return [] }
        return files.sorted().flatMap { path -> [String] in
            String(decoding: (try? Files.read(path)) ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }
}

/// What `look` finds within ten seconds.
func eventually<T>(_ what: @autoclosure () -> String, _ look: () throws -> T?) throws -> T {
    for _ in 0..<2000 {
        if let found = try look() { return found }
        usleep(5000)
    }
    throw Unfound(what: what())
}

struct Unfound: Error { let what: String }

/// Carries out something asynchronous from a thread that blocks; tests block all threads of the usual executor.
func wait<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) throws -> T {
    let done = Semaphore()
    let result = Mutex<Result<T, any Error>?>(nil)
    try asides.get().spawn {
        let outcome: Result<T, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        result.withLock { $0 = outcome }
        done.signal()
    }
    done.wait()
    return try #require(result.withLock { $0 }).get()
}

private let asides = Result {
    let loop = try EventLoop()
    try WorkerThread.spawn("asides") { loop.run { false } }
    return loop
}

/// An agent's connection, blocking, with ten seconds for everything.
final class Agent: Sendable {
    private let fd: CInt

    init(port: UInt16) throws {
        fd = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(fd) }

    /// False where the gate takes no more.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Glibc.send(fd, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    /// What comes next; empty at the end, nil where the connection broke or ten seconds passed.
    func next() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(fd, &buffer, buffer.count, 0)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }

    /// Everything up to the end; `[cut]` stands where the connection broke instead.
    func rest() -> String {
        var all: [UInt8] = []
        while let piece = next() {
            if piece.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += piece
        }
        return String(decoding: all, as: UTF8.self) + "[cut]"
    }

    /// Reads until `text` has come.
    func read(until text: String) -> String {
        var all = ""
        while !all.contains(text), let piece = next(), !piece.isEmpty { all += String(decoding: piece, as: UTF8.self) }
        return all
    }

    var localAddress: SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let failed = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(fd, $0, &length) }
        }
        return failed == 0 ? SocketAddress(storage) : nil
    }

    func leave() { shutdown(fd, CInt(SHUT_RDWR)) }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(fd, CInt(SHUT_WR)) }
}
