import Calls
import Glibc
import Holds
import HoldsTesting
import JSON
import Operators
import Synchronization
import System
import Testing

/// A gate and its operator socket in a directory of their own, served by a thread of their own.
final class SocketBench: Sendable {
    let gate = GateBench()
    let path: String
    let sent = Mutex<[HoldID]>([])
    private let loop: EventLoop
    private let isOver = Atomic(false)

    init(
        boundary: Boundary = .enforced, access: Access = Access(group: nil), limits: OperatorLimits = OperatorLimits(),
        health: GateHealth = GateHealth(rulesDigest: "r1", store: .working, journal: .working)
    ) async throws {
        var template = Array("/tmp/tiergate-operators-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) + "/operator.sock"
        loop = try EventLoop()
        try await serve(boundary, access, limits, health)
    }

    private func serve(
        _ boundary: Boundary, _ access: Access, _ limits: OperatorLimits, _ health: GateHealth
    ) async throws {
        let (loop, path, clock) = (loop, path, gate.clock)
        let server = OperatorServer(
            gate: gate.gate, boundary: boundary, access: access, version: "1.2.3", limits: limits,
            now: { clock.now }, health: { health },
            sendNow: { [weak self] hold in self?.sent.withLock { $0.append(hold.id) } })
        try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
            loop.spawn {
                do {
                    let listener = try Listener(.unix(path: path), mode: 0o600)
                    ready.resume()
                    try await server.serve(listener: listener, on: loop)
                } catch {
                    Issue.record("the server stopped: \(error)")
                }
            }
            do {
                try WorkerThread.spawn("operators") { [self] in
                    loop.run { isOver.load(ordering: .relaxed) && loop.taskCount == 0 }
                    unlink(path)
                    rmdir(String(path.dropLast("/operator.sock".count)))
                }
            } catch {
                ready.resume(throwing: error)
            }
        }
    }

    /// Ends the server when its connections are over.
    func stop() {
        loop.spawn { [self] in
            loop.drain()
            isOver.store(true, ordering: .relaxed)
        }
    }

    var client: OperatorClient { OperatorClient(socket: path) }

    /// Sends these bytes as they are and returns everything that comes back.
    func raw(_ text: String, _ more: [UInt8] = []) throws -> String {
        let fd = try dial()
        defer { close(fd) }
        let bytes = Array(text.utf8) + more
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(fd, $0.baseAddress.map { $0 + offset }, bytes.count - offset, 0x4000)
            }
            guard count > 0 else { break }
            offset += count
        }
        shutdown(fd, CInt(SHUT_WR))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(fd, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += buffer.prefix(count)
        }
    }

    /// One request, without a word that a table would have to repeat.
    func request(_ method: String, _ path: String, _ fields: [String] = [], body: String? = nil) throws -> SocketAnswer
    {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close"] + fields + length
        return try SocketAnswer(raw(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")))
    }

    func dial() throws -> CInt {
        let fd = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let failed = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(failed == 0)
        return fd
    }

    /// Holds a call and returns its hold.
    func hold(_ call: Call = .sample(), _ verdict: Verdict = .sample()) async throws -> Hold {
        try await gate.hold(call, verdict).hold
    }
}

/// An answer of the socket, taken apart.
struct SocketAnswer {
    let status: Int
    let head: String
    let body: String

    init(_ text: String) throws {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        head = String(try #require(parts.first))
        body = parts.count > 1 ? String(parts[1]) : ""
        status = try #require(head.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }

    func json() throws -> JSONNode { try JSONDocument.parse(Array(body.utf8)).root }

    /// The stable code of a problem.
    func code() throws -> String? { try json()["code"]?.text?.string }

    func detail() throws -> String { try json()["detail"]?.text?.string ?? "" }
}
