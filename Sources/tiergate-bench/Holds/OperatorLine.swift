import Calls
import JSON
import System

/// An operator's connection to the gate, kept open. Confined to one loop.
final class OperatorLine: @unchecked Sendable {
    /// What a decision must name.
    struct Pending: Sendable {
        let id: String
        let digest: String
        /// Its agent's connection waits.
        let isAwaited: Bool
    }

    /// The gate ends a connection that rests for a minute.
    private static let rest = 20.0

    private let socket: String
    private let loop: EventLoop
    private var connection: HTTPConnection
    private var lastUse = Moment.now()

    init(_ socket: String, on loop: EventLoop) async throws {
        self.socket = socket
        self.loop = loop
        connection = try await HTTPConnection.open(unix: socket, on: loop)
    }

    private func wakeUp() async throws {
        if Moment.now() - lastUse > OperatorLine.rest {
            connection = try await HTTPConnection.open(unix: socket, on: loop)
        }
        lastUse = Moment.now()
    }

    /// Connections that wait for a decision.
    func waiting() async throws -> Int {
        Int(try await ask("GET", "/v1/health").root["waiting"]?.integer ?? 0)
    }

    func pending(limit: Int) async throws -> [Pending] {
        guard let holds = try await ask("GET", "/v1/holds?state=pending&limit=\(limit)").root["holds"] else {
            return []
        }
        return holds.elements.compactMap { hold in
            guard let id = hold["id"]?.text?.string, let digest = hold["digest"]?.text?.string else { return nil }
            return Pending(id: id, digest: digest, isAwaited: hold["agent_waiting"]?.bool ?? false)
        }
    }

    /// - Returns: when the decision was handed to the kernel.
    func decide(_ action: String, _ hold: Pending, reason: String) async throws -> Moment {
        let body = JSONWriter.object { $0.field("reason", reason) }
        let request = bytes("POST", "/v1/holds/\(hold.id)/\(action)", ["If-Match: \"\(hold.digest)\""], body)
        try await wakeUp()
        let decided = Moment.now()
        try await connection.send(request)
        _ = try await answer()
        return decided
    }

    private func ask(_ method: String, _ target: String) async throws -> JSONDocument {
        try await wakeUp()
        try await connection.send(bytes(method, target, [], []))
        return try await answer()
    }

    private func bytes(_ method: String, _ target: String, _ fields: [String], _ body: [UInt8]) -> [UInt8] {
        var fields = ["\(method) \(target) HTTP/1.1", "Host: tiergate"] + fields
        if !body.isEmpty { fields += ["Content-Type: application/json", "Content-Length: \(body.count)"] }
        return Array((fields.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private func answer() async throws -> JSONDocument {
        let (status, bytes) = try await connection.message()
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n")?.upperBound else {
            throw BenchFailure("no answer of an operator's")
        }
        guard status == 200 else { throw BenchFailure("the operator socket answered with \(status): \(text[end...])") }
        return try JSONDocument.parse(Array(text[end...].utf8))
    }
}
