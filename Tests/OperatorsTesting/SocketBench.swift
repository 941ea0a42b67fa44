package import Calls
import Glibc
package import Holds
package import HoldsTesting
package import JSON
package import Operators
import Synchronization
import System

/// A gate and its operator socket in a directory of their own, served by a thread of their own.
package final class SocketBench: Sendable {
    /// Why a bench could not be set up.
    package struct Broken: Error {
        let what: String
    }

    package let gate: GateBench
    package let path: String
    private let sent = Mutex<[HoldID]>([])
    private let loop: EventLoop
    private let isOver = Atomic(false)

    package init(
        boundary: Boundary = .enforced, access: Access = Access(group: nil), limits: OperatorLimits = OperatorLimits(),
        health: GateHealth = GateHealth(rulesDigest: "r1", store: .working, journal: .working),
        stopFile: String? = nil, sessions: [SessionState] = [], kinship: Kinship = Kinship(),
        signatures: SignatureCheck? = nil, settings: HoldSettings = HoldSettings()
    ) async throws {
        gate = GateBench(settings)
        var template = Array("/tmp/tiergate-operators-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Broken(what: "mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) + "/operator.sock"
        loop = try EventLoop()
        try await serve(boundary, access, kinship, signatures, limits, health, stopFile, sessions)
    }

    private func serve(
        _ boundary: Boundary, _ access: Access, _ kinship: Kinship, _ signatures: SignatureCheck?,
        _ limits: OperatorLimits, _ health: GateHealth, _ stopFile: String?, _ sessions: [SessionState]
    ) async throws {
        let (loop, path, clock) = (loop, path, gate.clock)
        let server = OperatorServer(
            gate: gate.gate, boundary: boundary, access: access, kinship: kinship, signatures: signatures,
            version: "1.2.3", limits: limits,
            now: { clock.now }, health: { health },
            sendNow: { [weak self] hold in self?.sent.withLock { $0.append(hold.id) } },
            stopFile: { stopFile }, sessions: { sessions })
        try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
            loop.spawn {
                do {
                    let listener = try Listener(.unix(path: path), mode: 0o600)
                    ready.resume()
                    try await server.serve(listener: listener, on: loop)
                } catch {
                    preconditionFailure("the server stopped: \(error)")
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
    package func stop() {
        loop.spawn { [self] in
            loop.drain()
            isOver.store(true, ordering: .relaxed)
        }
    }

    /// What was to be sent without its agent.
    package var sentNow: [HoldID] { sent.withLock { $0 } }

    package var client: OperatorClient { OperatorClient(socket: path) }

    /// Sends these bytes as they are and returns everything that comes back.
    package func raw(_ text: String, _ more: [UInt8] = []) throws -> String {
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
    package func request(_ method: String, _ path: String, _ fields: [String] = [], body: String? = nil) throws
        -> SocketAnswer
    {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let lines = ["\(method) \(path) HTTP/1.1", "Host: x", "Connection: close"] + fields + length
        return try SocketAnswer(raw(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")))
    }

    package func dial() throws -> CInt {
        let fd = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let failed = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard failed == 0 else { throw Broken(what: "connect") }
        return fd
    }

    /// Holds a call and returns its hold.
    package func hold(_ call: Call = .sample(), _ verdict: Verdict = .sample()) async throws -> Hold {
        try await gate.hold(call, verdict).hold
    }
}

/// An answer of the socket, taken apart.
package struct SocketAnswer {
    package let status: Int
    package let head: String
    package let body: String

    package init(_ text: String) throws {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        head = parts.first.map(String.init) ?? ""
        body = parts.count > 1 ? String(parts[1]) : ""
        guard let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw SocketBench.Broken(what: "no status in \(head)")
        }
        self.status = status
    }

    package func json() throws -> JSONNode { try JSONDocument.parse(Array(body.utf8)).root }

    /// The stable code of a problem.
    package func code() throws -> String? { try json()["code"]?.text?.string }

    package func detail() throws -> String { try json()["detail"]?.text?.string ?? "" }
}
