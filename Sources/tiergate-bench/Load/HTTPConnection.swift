import Client
import Crypto
import System

/// One connection of the load client, to a peer or to an operator socket. Confined to the loop that it was made on.
final class HTTPConnection: @unchecked Sendable {
    /// Milliseconds for one step; a peer that needs longer has failed.
    static let patience: Int64 = 10_000

    private let stream: Client.Stream
    private var reader = MessageReader()
    /// What is read, where somebody wants it.
    private var kept: [UInt8]?

    init(_ socket: Socket, pool: BufferPool) { stream = Client.Stream(socket, pool: pool) }

    private var loop: EventLoop { stream.loop }

    /// A connection on which the next bytes are a request for `name`.
    static func open(
        _ route: Route, to name: String, on loop: EventLoop, pool: BufferPool = BufferPool()
    ) async throws -> HTTPConnection {
        let deadline = loop.now + patience
        let address = SocketAddress.ip(.v4(0x7F00_0001), port: route.port)
        let socket = try await Socket.connect(to: address, on: loop, by: deadline)
        let connection = HTTPConnection(socket, pool: pool)
        if case .tunnel = route.approach {
            let authority = route.authority(of: name)
            try await connection.send(Array("CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n\r\n".utf8))
            let status = try await connection.answer(hasBody: false)
            guard status == 200 else { throw BenchFailure("CONNECT was answered with \(status)") }
        }
        if route.approach.isSecure {
            let session = try route.tls.connect(
                socket.fd, readiness: socket.readiness, to: Route.certified(name))
            try await connection.stream.start(session, by: deadline)
        }
        return connection
    }

    /// To a server on a Unix socket.
    static func open(unix path: String, on loop: EventLoop) async throws -> HTTPConnection {
        let socket = try await Socket.connect(to: .unix(path: path), on: loop, by: loop.now + patience)
        return HTTPConnection(socket, pool: BufferPool())
    }

    func send(_ bytes: [UInt8]) async throws(IOError) {
        try await stream.write(bytes, by: loop.now + HTTPConnection.patience)
    }

    /// Reads the next message to its end, and returns its status.
    func answer(hasBody: Bool = true, within patience: Int64 = HTTPConnection.patience) async throws -> Int {
        try await readMessage(hasBody: hasBody, by: loop.now + patience)
        return reader.status
    }

    /// Reads the next message to its end, with its head and body.
    func message() async throws -> (status: Int, bytes: [UInt8]) {
        kept = []
        defer { kept = nil }
        try await readMessage(by: loop.now + HTTPConnection.patience)
        return (reader.status, kept ?? [])
    }

    /// Reads a request to its end; nil where the other side closes before one. The moment is that of its first bytes.
    func request() async throws -> Moment? {
        guard await stream.idle(by: loop.now + 3_600_000) == .ready, try await stream.fill(by: loop.now + 3_600_000) > 0
        else {
            return nil
        }
        let arrived = Moment.now()
        try await readMessage(by: loop.now + HTTPConnection.patience)
        return arrived
    }

    /// As a server, with this leaf.
    func accept(_ context: TLSServerContext, as leaf: Leaf) async throws {
        let session = try context.accept(stream.socket.fd, readiness: stream.socket.readiness, as: leaf)
        try await stream.start(session, by: loop.now + HTTPConnection.patience)
    }

    private func readMessage(hasBody: Bool = true, by deadline: Int64) async throws {
        while true {
            if !stream.input.isEmpty {
                let (consumed, step) = stream.input.read { bytes in
                    let read = reader.read(bytes, hasBody: hasBody)
                    if kept != nil { for index in 0..<read.consumed { kept?.append(bytes[index]) } }
                    return read
                }
                stream.input.consume(consumed)
                switch step {
                case .complete: return
                case .unmeasured: throw BenchFailure("an answer without Content-Length (status \(reader.status))")
                case .incomplete: break
                }
            }
            guard try await stream.fill(by: deadline) > 0 else { throw IOError.truncated }
        }
    }

    /// The peer closes after the message that was read last.
    var isOver: Bool { reader.isLast }

    /// The kernel keeps nothing of a connection that is reset: thousands of them a second would use up the ports.
    func reset() { stream.socket.resetOnClose() }
}
