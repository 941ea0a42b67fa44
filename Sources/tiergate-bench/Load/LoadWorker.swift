import Client
import System

/// One of the connections of a load: the next request goes when the last was answered. Confined to one loop.
final class LoadWorker: @unchecked Sendable {
    /// Failures in one measurement, after which it is pointless to go on.
    private static let failureLimit = 100

    private let route: Route
    private let workload: Workload
    private let loop: EventLoop
    private let pool: BufferPool
    private let names: FreshNames
    private var connection: HTTPConnection?
    /// For the usual name, which nearly all requests are for.
    private let request: [UInt8]
    private(set) var result = LoadResult()

    init(_ route: Route, _ workload: Workload, on loop: EventLoop, pool: BufferPool, names: FreshNames) {
        self.route = route
        self.workload = workload
        self.loop = loop
        self.pool = pool
        self.names = names
        request = route.bytes(of: workload.message, to: Route.usualName)
    }

    /// Makes the connection, with one request, where it is one to keep.
    func warmUp() async {
        guard case .kept = workload.reuse else { return }
        await exchange()
        result = LoadResult()
    }

    /// At least one exchange, however late a loaded machine lets it begin.
    func run(from start: Moment, until end: Moment) async {
        result = LoadResult()
        repeat {
            await exchange()
        } while Moment.now() < end && result.failed < LoadWorker.failureLimit
        result.seconds = Moment.now() - start
    }

    private func exchange() async {
        let start = Moment.now()
        do {
            let status =
                switch workload.reuse {
                case .kept: try await keptExchange()
                case .newConnection: try await newExchange(Route.usualName, request)
                case .newName: try await newNameExchange()
                }
            result.note(status, from: start)
        } catch {
            connection = nil
            result.note("\(error)")
        }
    }

    private func keptExchange() async throws -> Int {
        let connection = try await keptConnection()
        try await connection.send(request)
        let status = try await connection.answer()
        if connection.isOver { self.connection = nil }
        return status
    }

    private func keptConnection() async throws -> HTTPConnection {
        if let connection { return connection }
        let made = try await HTTPConnection.open(route, to: Route.usualName, on: loop, pool: pool)
        connection = made
        return made
    }

    private func newNameExchange() async throws -> Int {
        let name = Workload.freshName(names.next())
        return try await newExchange(name, route.bytes(of: workload.message, to: name))
    }

    private func newExchange(_ name: String, _ request: [UInt8]) async throws -> Int {
        let connection = try await HTTPConnection.open(route, to: name, on: loop, pool: pool)
        defer { connection.reset() }
        try await connection.send(request)
        return try await connection.answer()
    }
}
